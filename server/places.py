"""How many sessions there may be, here and on all nodes: a place is reserved before anything is opened for it."""

from __future__ import annotations

from collections import Counter

from server.meters import Meters
from server.strain import Strain
from storage.ports import Key, Quota, SessionCounts, key_of
from workspace.errors import Overloaded, TooManySessions
from workspace.ids import DocumentId, PersonId
from workspace.limits import Limits

EVERYBODY = key_of("sessions")
"""Under which all sessions of the installation are counted."""


class Places:
    """The sessions of this node by person, and what the cluster counted of them."""

    def __init__(self, counts: SessionCounts, limits: Limits, strain: Strain, meters: Meters) -> None:
        self._counts = counts
        self._limits = limits
        self._strain = strain
        self._meters = meters
        self.taken_by: Counter[PersonId] = Counter()
        """How many sessions each person has here; who has none is not in it."""

    @property
    def taken(self) -> int:
        """How many sessions are open here."""
        return self.taken_by.total()

    @property
    def is_counted_together(self) -> bool:
        """Whether limits hold over all nodes just now."""
        return self._counts.is_up

    async def reserve(self, person: PersonId, document: DocumentId) -> None:
        """Count one more session, on all nodes; `take` makes use of it, or `give_back` takes it back. Waits a fraction
        of a second at most. [NODE-9]

        Raises: Overloaded, TooManySessions.
        """
        limits = self._limits
        if self.taken >= limits.max_sessions_per_node:
            self._meters.turned_away("session")
            raise Overloaded
        if person not in self.taken_by:  # who is inside may open what belongs to it
            self._strain.admit("session")
        mosts = (limits.max_sessions_per_person, limits.max_sessions_per_room, limits.max_sessions)
        keys = _counted(person, document)
        full = await self._counts.enter([Quota(*each) for each in zip(keys, mosts, strict=True)])
        if full is not None:
            if full == EVERYBODY:
                self._meters.turned_away("session")
                raise Overloaded
            most = mosts[keys.index(full)]
            raise TooManySessions(f"{most} of one person" if full == keys[0] else f"{most} in this room")

    def take(self, person: PersonId) -> None:
        """A session sits where a place was reserved for it."""
        self.taken_by[person] += 1

    def leave(self, person: PersonId, document: DocumentId) -> None:
        """A session that sat is over."""
        self.taken_by[person] -= 1
        if not self.taken_by[person]:
            del self.taken_by[person]
        self.give_back(person, document)

    def give_back(self, person: PersonId, document: DocumentId) -> None:
        """A place that was reserved is not needed, or not any more."""
        self._counts.leave(_counted(person, document))


def _counted(person: PersonId, document: DocumentId) -> tuple[Key, Key, Key]:
    """What a session is counted under."""
    return key_of("person", person), key_of("room", str(document)), EVERYBODY
