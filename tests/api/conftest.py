"""The application in this process, on memory stores and a clock that the test owns."""

from __future__ import annotations

import hashlib
import io
import itertools
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import httpx
import pytest
import structlog
from argon2.profiles import CHEAPEST
from pycrdt import Doc, Text

from server.access import Access
from server.app import build_app
from server.entrance import grant, make_secret
from server.passwords import Passwords
from server.settings import Settings, load_settings
from storage.memory import memory_stores
from storage.ports import CredentialKind, NewCase, Stores
from tests.api.description import check_each
from workspace.case import CaseState, Person, Role, Standing
from workspace.entries import Append, Entry
from workspace.ids import CaseId, ClientId, DocumentId, Millis, OpId, PersonId, UpdateBytes, make_id

HOST = "consilium.test"
ORIGIN = f"http://{HOST}"
PASSWORD = "correct horse battery staple"
NOW = Millis(1_700_000_000_000)


@dataclass
class FakeClock:
    """Time that passes when told to."""

    now: Millis = NOW

    def __call__(self) -> Millis:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now = Millis(self.now + round(seconds * 1000))


class Entropy:
    """Bytes that never repeat, and are the same in every run."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def __call__(self, length: int) -> bytes:
        return hashlib.shake_256(next(self._numbers).to_bytes(8, "big")).digest(length)


def quick_passwords() -> Passwords:
    """Hashed as ever, at a thousandth of the cost, which is a matter of `tests/unit/test_passwords.py`."""
    return Passwords(CHEAPEST)


@dataclass
class Ward:
    """A running application and shortcuts to what a test needs first."""

    settings: Settings
    clock: FakeClock
    entropy: Entropy
    stores: Stores
    http: httpx.AsyncClient
    access: Access
    _docs: dict[DocumentId, dict[PersonId, Doc[Text]]] = field(default_factory=dict)

    async def person(
        self, name: str, *, standing: Standing = Standing.CLINICIAN, password: str | None = None
    ) -> Person:
        """An account; the e-mail is `name@example.org`."""
        person = Person(PersonId(make_id(self.entropy(10))), f"{name}@example.org", name.title(), standing)
        hashed = await quick_passwords().hash(password) if password is not None else None
        await self.stores.people.add(person, hashed, self.clock())
        return person

    async def credential(self, person: Person, kind: CredentialKind, *, seconds: float = 3600) -> str:
        """A secret of any kind."""
        secret = make_secret(self.entropy)
        until = Millis(self.clock() + round(seconds * 1000))
        await grant(self.stores.people, kind, secret, person.id, now=self.clock(), until=until)
        return secret

    async def as_(self, person: Person) -> dict[str, str]:
        """Headers that sign a request as this person."""
        return {"Authorization": f"Bearer {await self.credential(person, CredentialKind.BEARER)}"}

    async def case(
        self, lead: Person, members: Mapping[Role, Person] | None = None, *, state: CaseState = CaseState.OPEN
    ) -> CaseId:
        """A case with its people."""
        case = CaseId(make_id(self.entropy(10)))
        await self.stores.cases.create(NewCase(case, "A case", lead.id, state, self.clock(), {}))
        for role, person in (members or {}).items():
            await self.stores.cases.set_member(case, person.id, role, self.clock())
        return case

    async def write(self, document: DocumentId, author: Person, words: Sequence[str]) -> Sequence[Entry]:
        """Journal one edit per word, each typed at the end, on the author's own device."""
        await self.stores.journal.open(document)
        docs = self._docs.setdefault(document, {})
        doc = docs.setdefault(author.id, Doc())
        for other in docs.values():
            if other is not doc:
                doc.apply_update(other.get_update(doc.get_state()))
        text = doc.get("t", type=Text)
        appends = []
        for word in words:
            before = doc.get_state()
            text += word
            update = UpdateBytes(doc.get_update(before))
            clients = frozenset({ClientId(doc.client_id)})
            appends.append(Append(OpId(self.entropy(16)), document, update, author.id, clients, self.clock()))
        answers = await self.stores.journal.append(appends)
        entries = [answer for answer in answers if isinstance(answer, Entry)]
        assert len(entries) == len(words), answers
        return entries


@pytest.fixture
def environment() -> dict[str, str]:
    """`CONSILIUM_*` of this test; override it by indirect parametrisation or a fixture of the same name."""
    return {}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """A stream for `server.logs.configure`; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
async def ward(environment: dict[str, str]) -> AsyncIterator[Ward]:
    settings, clock, entropy = load_settings(environment), FakeClock(), Entropy()
    stores = memory_stores()
    app = build_app(settings, stores, clock=clock, entropy=entropy, passwords=quick_passwords())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    hooks = {"response": [check_each]}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, event_hooks=hooks) as http:
        yield Ward(settings, clock, entropy, stores, http, Access(stores, clock, settings))
