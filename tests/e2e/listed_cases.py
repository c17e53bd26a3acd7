"""Cases as lists know them, put into a store before its server starts: a head, a person named in the text, any state
and any age."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pycrdt import Doc, Map

from storage.ports import NewCase, Stores
from workspace.case import CaseState, Role
from workspace.ids import ID_BYTES, CaseId, DocumentKind, DocumentName, Millis, PersonId, UpdateBytes, make_id
from workspace.prose import Node, Run
from workspace.record import seed
from workspace.written import sections_from


@dataclass(frozen=True, slots=True)
class Known:
    """One case; its id follows from its title, so that its mark is always the same."""

    title: str
    lead: str
    at: int
    state: CaseState = CaseState.OPEN
    members: Mapping[str, Role] = field(default_factory=dict)
    head: Mapping[str, str] = field(default_factory=dict)
    """As the page writes it: `web/src/case/head.ts`."""
    text: str = ""
    """Sections in the form of `demo_cases`."""
    mentioned: tuple[str, str] | None = None
    """Id and name of somebody whom the plan names."""

    @property
    def id(self) -> CaseId:
        """The same in every run."""
        return CaseId(make_id(hashlib.sha256(f"listed {self.title}".encode()).digest()[:ID_BYTES]))


async def put(stores: Stores, case: Known) -> None:
    """Create it, with its members."""
    seeds = {DocumentName(DocumentKind.RECORD.value): _record(case)} if case.head or case.text else {}
    at = Millis(case.at)
    await stores.cases.create(NewCase(case.id, case.title, PersonId(case.lead), case.state, at, seeds))
    for person, role in case.members.items():
        await stores.cases.set_member(case.id, PersonId(person), role, at)


def _record(case: Known) -> UpdateBytes:
    sections = dict(sections_from(case.text)) if case.text else {}
    if case.mentioned is not None:
        who, name = case.mentioned
        named = Node("paragraph", content=(Node("mention", {"id": who, "label": name}), Run(": please look.")))
        sections["plan"] = (*sections.get("plan", ()), named)
    document: Doc[Map[str]] = Doc()
    document.apply_update(seed(sections))
    head = document.get("head", type=Map[str])
    for name, value in case.head.items():
        head[name] = value
    return UpdateBytes(document.get_update())
