"""The demo: fictional people of every role and standing, written cases, and links that sign in as each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from server.demo_media.chosen import CHOSEN
from server.demo_record import record_from
from server.entrance import HOUR_MILLIS, Entropy, grant, make_secret
from server.premises import CommandFailed, make_data_folder
from server.settings import Settings
from storage.ports import CredentialKind, NewCase, Stores
from workspace.audit import SYSTEM
from workspace.case import CaseState, Person, Role, Standing
from workspace.errors import Conflict
from workspace.ids import ID_BYTES, CaseId, DocumentKind, DocumentName, Millis, PersonId, make_id

DATA = Path("data") / "demo"
"""Beside the default data folder, so that nobody mixes fiction into their own."""
MARK = "fictional-people-and-cases"
LINK_MILLIS = 30 * 24 * HOUR_MILLIS


@dataclass(frozen=True, slots=True)
class Fictional:
    """Somebody who does not exist."""

    key: str
    name: str
    standing: Standing = Standing.CLINICIAN

    @property
    def person(self) -> Person:
        """The account; its id is the same in every demo."""
        return Person(PersonId(_fixed_id(self.key)), f"{self.key}@demo.example", self.name, self.standing)


@dataclass(frozen=True, slots=True)
class FictionalCase:
    """A case that was never seen; its text is `demo_cases/{key}.md`."""

    key: str
    title: str
    members: Mapping[str, Role]
    head: Mapping[str, str] = field(default_factory=dict)
    next_owner: str | None = None
    due_in_days: int = 0

    @property
    def id(self) -> CaseId:
        """The same in every demo: a second start finds the case and leaves it as its people made it."""
        return CaseId(_fixed_id(self.key))


PEOPLE: Sequence[Fictional] = (
    Fictional("amara", "Dr Amara Okafor"),
    Fictional("jonas", "Dr Jonas Müller"),
    Fictional("meihua", "Dr 林美華 Lin Mei-Hua"),
    Fictional("rafael", "Rafael Duarte"),
    Fictional("ingrid", "Prof. Ingrid Solheim", Standing.MODERATOR),
    Fictional("sam", "Sam Whitfield", Standing.ADMIN),
)
CASES: Sequence[FictionalCase] = (
    FictionalCase(
        "thunderclap",
        "Thunderclap headaches nine days after a delivery",
        {"amara": Role.LEAD, "jonas": Role.CONTRIBUTOR, "meihua": Role.CONSULTANT, "rafael": Role.OBSERVER},
        {
            "ageBand": "30-39",
            "sex": "female",
            "line": "Recurrent thunderclap headaches after an uncomplicated delivery; CT and lumbar puncture normal",
            "question": "Is a normal CT angiogram on day 2 enough to stop looking, "
            "and may she have a vasoconstrictor again if she bleeds?",
            "nextAction": "MR angiography with venography on day 8",
        },
        "jonas",
        2,
    ),
    FictionalCase(
        "eosinophilia",
        "Late-onset asthma, foot drop and a failing heart",
        {"jonas": Role.LEAD, "meihua": Role.CONTRIBUTOR, "amara": Role.CONSULTANT, "rafael": Role.OBSERVER},
        {
            "ageBand": "50-59",
            "sex": "male",
            "line": "Late-onset asthma, foot drop and rising troponin with 7.8 × 10⁹/l eosinophils; ANCA negative",
            "question": "Does a negative ANCA with this heart change the induction treatment, "
            "and may steroids start before the Strongyloides serology is back?",
            "nextAction": "Chase the Strongyloides serology",
        },
        "meihua",
        6,
    ),
)


def claim(settings: Settings) -> None:
    """Mark a new data folder as the demo's. Raises: CommandFailed for one that holds something else."""
    make_data_folder(settings)
    mark = settings.data / MARK
    if isinstance(settings.database, Path) and settings.database.exists() and not mark.exists():
        raise CommandFailed(f"{settings.data} holds data that is not the demo's; choose another folder with --data")
    mark.touch()


async def seed(stores: Stores, *, now: Millis, entropy: Entropy) -> Callable[[str], str]:
    """Make what is not there yet, and a new link for each person; the answer spells them for the server's address.

    Each step may have been done by an earlier start, or by one that was cut off. Raises: CommandFailed for a database
    of real people, which no mark in a folder can tell from the demo's.
    """
    is_seeded = await stores.people.find([fictional.person.id for fictional in PEOPLE])
    if not is_seeded and (await stores.accounts.list("", 0, 1)).total:
        raise CommandFailed("the database holds people who are not the demo's; give the demo one of its own")
    for fictional in PEOPLE:
        try:
            await stores.people.add(fictional.person, None, now, cause=SYSTEM)
        except Conflict:
            continue
    for case in CASES:
        await _seed_case(stores, case, now)
    links: dict[str, str] = {}
    for fictional in PEOPLE:
        link = links[fictional.key] = make_secret(entropy)
        until = Millis(now + LINK_MILLIS)
        await grant(stores.people, CredentialKind.LINK, link, fictional.person.id, now=now, until=until, cause=SYSTEM)
    return lambda address: announcement(address, links)


async def hand_out_tokens(stores: Stores, *, now: Millis, entropy: Entropy) -> Mapping[str, str]:
    """A bearer token of an hour for each who adds images, by key: with it `demo_media` does what they would do."""
    tokens: dict[str, str] = {}
    for key in sorted({chosen.by for chosen in CHOSEN}):
        token = tokens[key] = make_secret(entropy)
        person, until = next(each.person.id for each in PEOPLE if each.key == key), Millis(now + HOUR_MILLIS)
        await grant(stores.people, CredentialKind.BEARER, token, person, now=now, until=until, cause=SYSTEM)
    return tokens


def announcement(address: str, links: Mapping[str, str]) -> str:
    """What the operator reads: who is who, and the way in."""
    lines = [f"Consilium demo at {address}", "Everyone and everything in it is fictional. Sign in as:", ""]
    for fictional in PEOPLE:
        roles = [
            f"{case.members[fictional.key].value} of “{case.title}”" for case in CASES if fictional.key in case.members
        ]
        about = [] if fictional.standing is Standing.CLINICIAN else [f"{fictional.standing.value} of the house"]
        lines += [f"  {fictional.name}: {'; '.join(about + roles)}", f"    {address}/enter#{links[fictional.key]}", ""]
    return "\n".join(lines)


async def _seed_case(stores: Stores, case: FictionalCase, now: Millis) -> None:
    people = {fictional.key: fictional.person for fictional in PEOPLE}
    lead = next(key for key, role in case.members.items() if role is Role.LEAD)
    text = files("server").joinpath("demo_cases", f"{case.key}.md").read_text("utf-8")
    seeds = {DocumentName(DocumentKind.RECORD.value): record_from(text, head_of(case, now))}
    try:
        made = NewCase(case.id, case.title, people[lead].id, CaseState.OPEN, now, seeds)
        await stores.cases.create(made, cause=SYSTEM)
    except Conflict:
        if len(await stores.cases.members(case.id)) > 1:
            return  # it is complete: its people may have changed who is in it
    for key, role in case.members.items():
        await stores.cases.set_member(case.id, people[key].id, role, now, cause=SYSTEM)


def head_of(case: FictionalCase, now: Millis) -> Mapping[str, str]:
    """The case's head, with who does what is next and by when."""
    if case.next_owner is None:
        return case.head
    due = datetime.fromtimestamp(now / 1000, UTC).date() + timedelta(days=case.due_in_days)
    owner = Fictional(case.next_owner, "").person.id
    return dict(case.head) | {"nextOwner": owner, "nextDue": due.isoformat()}


def _fixed_id(key: str) -> str:
    return make_id(hashlib.sha256(f"consilium demo {key}".encode()).digest()[:ID_BYTES])
