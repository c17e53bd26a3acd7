"""Names given to moments of a document, and how far each person has seen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workspace.audit import SYSTEM, Cause
from workspace.ids import DocumentId, Millis, PersonId, Seq

MOST_NAMED = 1_000
"""Names in one document. Arbitrary: more than anybody reads in a list."""


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """A document as it stood after entry `seq`, under a name that somebody gave it."""

    seq: Seq
    name: str
    author: PersonId
    """Who gave the name, or changed it last."""
    at: Millis


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The newest entry that a person has had before their eyes, and when."""

    seq: Seq
    at: Millis


class Versions(Protocol):
    """A moment has one name at most; names change nothing in the journal. A change of a name is an event in the audit
    log, in the same transaction; how far somebody has seen a document is none."""

    async def name(self, document: DocumentId, version: NamedVersion, cause: Cause = SYSTEM) -> None:
        """Give a moment its name.

        Raises: NotFound (document, or no entry with this seq), Conflict (it has a name), TooMany (names).
        """
        ...

    async def rename(self, document: DocumentId, version: NamedVersion, cause: Cause = SYSTEM) -> None:
        """Give a moment another name. Raises: NotFound (document, or the moment has no name)."""
        ...

    async def forget(self, document: DocumentId, seq: Seq, cause: Cause = SYSTEM) -> None:
        """Take a moment's name away. Raises: NotFound (document, or the moment has no name)."""
        ...

    async def named(self, document: DocumentId) -> Sequence[NamedVersion]:
        """The named moments, oldest first; none of a document that is not there."""
        ...

    async def see(self, document: DocumentId, person: PersonId, seen: LastSeen) -> LastSeen:
        """A person has seen the document up to an entry; what counts now: it never goes back.

        Raises: NotFound (document, person, or no entry with this seq).
        """
        ...

    async def seen(self, document: DocumentId, person: PersonId) -> LastSeen | None:
        """How far a person has seen the document; None if never."""
        ...
