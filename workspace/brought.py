"""What updates have brought, and what of a later one is new. SPEC rule JRN-15.

Usually all of it is, and finding that out must cost nothing. A room knows what it has; the journal remembers which of
the newest entries are of one room, each append following the one before, and looks only where others wrote between.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from workspace.cutting import cut
from workspace.entries import Append
from workspace.ids import OpId
from workspace.ranges import Ranges
from workspace.update import UpdateFacts


@dataclass(slots=True)
class Run:
    """The newest entries of a document, `since < seq <= head`: one room's, each append following the one before."""

    since: int
    head: int
    op: OpId | None = None
    """Of the newest; None while there is none."""

    def take(self, append: Append) -> bool:
        """Count an append as the next entry; whether its room knew of every one before it."""
        if append.follows != self.op:
            self.since = self.head
        self.head += 1
        self.op = append.op
        return self.since <= append.known


def missing(facts: UpdateFacts, structs: Ranges, deletes: Ranges) -> UpdateFacts:
    """What of an update is not in these; `facts` itself when nothing of it is. Says nothing of what that needs."""
    new_structs, new_deletes = structs.lacking(facts.structs), deletes.lacking(facts.deletes)
    is_all_new = new_structs is facts.structs and new_deletes is facts.deletes
    return facts if is_all_new else UpdateFacts(new_structs, new_deletes)


@dataclass(slots=True)
class Brought:
    """The structs and deletions of some updates."""

    structs: Ranges = field(default_factory=Ranges)
    deletes: Ranges = field(default_factory=Ranges)

    def add(self, facts: UpdateFacts) -> None:
        """Count an update in."""
        self.structs.add_all(facts.structs)
        self.deletes.add_all(facts.deletes)

    def missing(self, facts: UpdateFacts) -> UpdateFacts:
        """See `missing`."""
        return missing(facts, self.structs, self.deletes)

    def leave_out(self, append: Append) -> Append | None:
        """The append without what is here; None when it has nothing else."""
        news = self.missing(append.news)
        if news is append.news:
            return append
        if news.is_empty:
            return None
        update, _ = cut(append.update, news)
        clients = append.clients.intersection(client for client, _, _ in news.structs)
        return replace(append, update=update, clients=clients, news=news)
