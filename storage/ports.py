"""The ports: what the rest of the house asks of durability, and what every adapter promises.

Every adapter passes the one contract suite of its port (`tests/contract`). Adapters translate driver errors: what comes
out of a port is a `workspace.errors` class, `StorageUnavailable` when the store itself failed and nothing is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from workspace.case import Case, CaseState, Member, Person, Role, Standing
from workspace.entries import Append, Entry, Rejected, Snapshot, Stored
from workspace.ids import CaseId, DocumentId, DocumentName, Millis, PersonId, Seq, UpdateBytes


class Journal(Protocol):
    """The append-only history of every document. Truth lives here; rooms and snapshots are caches of it."""

    async def open(self, document: DocumentId) -> Stored:
        """The document's stored state, creating an empty document if its case exists and the name was never used.

        Only a name of epoch 1 is created here; a later epoch comes from `supersede` alone.
        A snapshot whose length, digest or format does not match is passed over, and older history stands in for it.
        Raises: NotFound (no such case), Superseded (continues under a new name), StorageUnavailable.
        """
        ...

    def append(self, appends: Sequence[Append]) -> asyncio.Future[Sequence[Entry | Rejected]]:
        """Journal updates in order; the answer comes after the commit is synced to disk, one per append, in order.

        Must be called on the event loop; queues at the call, so two calls commit in call order. `seq` is 1, 2, 3… per
        document without gaps. Idempotent: an append whose `op` is already there answers with the entry it has.
        All appends waiting, of all documents, share one commit. One rejected append does not harm its neighbours.
        The future fails with StorageUnavailable when the outcome is unknown; the same appends may then be sent again.
        """
        ...

    async def read(
        self, document: DocumentId, *, after: Seq, until: Seq | None = None, limit: int = 1_000
    ) -> Sequence[Entry]:
        """Entries with `after < seq <= until`, oldest first, at most `limit`. Raises: NotFound, StorageUnavailable."""
        ...

    async def heads(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Seq]:
        """The newest seq of each document that exists. Raises: StorageUnavailable."""
        ...

    async def write_snapshot(self, document: DocumentId, snapshot: Snapshot, at: Millis) -> None:
        """Keep a snapshot with its format, length and sha-256. Entries stay; the newest two snapshots stay.

        A snapshot not newer than the newest intact one, or past the head, is refused with Conflict.
        Raises: NotFound, Conflict, StorageUnavailable.
        """
        ...

    async def supersede(
        self, document: DocumentId, seed: UpdateBytes | None, author: PersonId, at: Millis
    ) -> DocumentId:
        """End a document and continue it, in the same transaction, as `document.successor()` seeded with one entry.

        The old one takes no more appends (they are rejected with Superseded) and says where it went.
        Raises: NotFound, Superseded, StorageUnavailable.
        """
        ...


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be created, with the seed of each document that starts with content."""

    id: CaseId
    title: str
    lead: PersonId
    state: CaseState
    at: Millis
    seeds: Mapping[DocumentName, UpdateBytes]


@dataclass(frozen=True, slots=True)
class Listed:
    """A case in a person's list; `role` is None for one seen only by standing."""

    case: Case
    role: Role | None
    changed_at: Millis


@dataclass(frozen=True, slots=True)
class AccessNotice:
    """Somebody's rights changed: in one case, or (`case` None) everywhere. Open sessions are judged again."""

    number: int
    person: PersonId
    case: CaseId | None


class Cases(Protocol):
    """Cases and their members. Every change of rights leaves an AccessNotice in the same transaction."""

    async def create(self, case: NewCase) -> None:
        """The case, its lead and its seeded documents, in one transaction.

        Raises: Conflict (id taken), NotFound (lead).
        """
        ...

    async def find(self, case: CaseId, person: PersonId) -> tuple[Case, Role | None] | None:
        """The case and the person's membership in it; None if there is no such case. Not a permission check:
        `server.access.open_case` is the only caller that may decide by it."""
        ...

    async def list_for(self, person: PersonId, *, all_cases: bool) -> Sequence[Listed]:
        """The person's cases (or, for a moderator, all), newest change first."""
        ...

    async def members(self, case: CaseId) -> Sequence[Member]:
        """The members, lead first, then by name."""
        ...

    async def documents(self, case: CaseId) -> Mapping[DocumentName, Seq]:
        """The current (not superseded) documents of a case that exist, with their heads."""
        ...

    async def set_member(self, case: CaseId, person: PersonId, role: Role | None, at: Millis) -> None:
        """Give, change or (None) take away a membership; no notice if nothing changes.

        Raises: NotFound (case or person), Conflict (last lead), InvalidRequest (not a role of members).
        """
        ...


class CredentialKind(StrEnum):
    """What a secret is good for. Only a ticket is single-use."""

    SESSION = "session"
    BEARER = "bearer"
    TICKET = "ticket"
    LINK = "link"


class People(Protocol):
    """Accounts and the secrets that prove them. Secrets arrive here as sha-256 digests, passwords as argon2 hashes."""

    async def add(self, person: Person, password_hash: str | None, at: Millis) -> None:
        """Raises: Conflict (id or e-mail taken; e-mails are compared case-folded)."""
        ...

    async def find_by_email(self, email: str) -> tuple[Person, str | None] | None:
        """The person and their password hash."""
        ...

    async def set_standing(self, person: PersonId, standing: Standing, at: Millis) -> None:
        """Leaves one AccessNotice that holds for every case; none if nothing changes. Raises: NotFound."""
        ...

    async def grant(
        self, kind: CredentialKind, digest: bytes, person: PersonId, at: Millis, expires_at: Millis
    ) -> None:
        """Keep a credential. Raises: NotFound (person), Conflict (the digest is there already)."""
        ...

    async def redeem(self, kind: CredentialKind, digest: bytes, now: Millis) -> tuple[Person, Millis] | None:
        """Whose live credential this is and when it ends; a ticket is spent by this call, exactly one redeemer wins."""
        ...

    async def revoke(self, digest: bytes, at: Millis) -> None:
        """End a credential, leaving an AccessNotice for its person (every case); unknown ones are passed over."""
        ...


class Notices(Protocol):
    """The tail of access notices, also those written by another process beside a running server."""

    async def since(self, number: int) -> Sequence[AccessNotice]:
        """Notices with a greater number, oldest first, at most 1,000."""
        ...

    async def latest(self) -> int:
        """The newest number, 0 if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """One adapter of each port, as the composition root wires them."""

    journal: Journal
    cases: Cases
    people: People
    notices: Notices
    failed: Callable[[], str | None] = lambda: None
    """Why nothing can be written any more until a restart, as a word for operators; None while all is well."""
