"""What the journal holds, read from PostgreSQL itself, and how the clients' books compare with it.

PostgreSQL says of each entry when it was committed (`track_commit_timestamp`). That is what makes the books exact while
clients come back and heal: an edit that was lost after it was called saved is brought again by whoever still has it,
and stands in the journal in the end, but later than it was called saved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from operator import add

import asyncpg
from pycrdt import Doc, Text

from tests.faults.writer import TOKEN, Place, Writer
from workspace.ranges import Ranges
from workspace.update import read_update

ENTRIES = """
SELECT e.seq, e.body, extract(epoch FROM pg_xact_commit_timestamp(e.xmin))::float8 AS committed
FROM entries e JOIN documents d ON d.id = e.document WHERE d.case_id = $1 AND d.name = $2 ORDER BY e.seq
"""


RIGHT = frozenset({"acknowledged", "handed_in", "ready", "refused", "worst_ack", "worst_delivery"})
"""Numbers of a verdict that may be anything."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One document's journal."""

    seqs: Sequence[int]
    committed: Mapping[str, float]
    """When each edit was first committed."""
    entries_of: Counter[str]
    """In how many entries each edit stands. One that came before what it stands on comes again with that [JRN-15]: the
    two are one."""
    text: str
    """What all entries together make."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. Every number that is not `RIGHT` should be 0."""

    acknowledged: int = 0
    lost: int = 0
    """Called saved, and not in the journal at that moment."""
    early: int = 0
    """Shown to somebody, and not in the journal at that moment."""
    doubled: int = 0
    """In the text more than once."""
    again: int = 0
    """In the journal more than once."""
    gaps: int = 0
    """Places where seqs are not 1, 2, 3…"""
    differing: int = 0
    """Replicas whose text is not what the journal makes."""
    unsaved: int = 0
    """Written, and never called saved, though everybody was back."""
    trouble: int = 0
    """Refusals, and frames that nobody can read."""
    unrecorded: int = 0
    """Changes of state that the audit log tells never or twice, and chains of it that are broken."""
    handed_in: int = 0
    """Files of which the server said that it has them. This and the next two may be anything."""
    ready: int = 0
    """Of these, those in the gallery."""
    refused: int = 0
    """Of these, those that are not taken, for a reason that may pass."""
    missing: int = 0
    """Of these, all others."""
    twofold: int = 0
    """In the gallery more than once."""
    unseen: int = 0
    """How many files too few, or too many, somebody else is shown."""
    orphans: int = 0
    """Objects that nothing names, after the sweeper."""
    spoiled: int = 0
    """Objects that are gone, or not as the database says."""
    worst_ack: float = 0.0
    worst_delivery: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether all is as it should be, and something was written at all."""
        return self.acknowledged > 0 and not self.wrong

    @property
    def wrong(self) -> Mapping[str, int]:
        """Numbers that should be 0 and are not."""
        found = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in RIGHT}
        return {name: number for name, number in found.items() if number}

    def __add__(self, other: Verdict) -> Verdict:
        worst = ("worst_ack", "worst_delivery")
        return Verdict(
            **{
                each.name: (max if each.name in worst else add)(getattr(self, each.name), getattr(other, each.name))
                for each in fields(self)
            }
        )


async def read_ledger(database_url: str, place: Place) -> Ledger:
    """By a connection of its own, past everything that is tested."""
    connection = await asyncpg.connect(database_url.replace("+asyncpg", "", 1))
    try:
        rows = await connection.fetch(ENTRIES, place.case, place.document)
    finally:
        await connection.close()
    committed: dict[str, float] = {}
    doc: Doc[Text] = Doc()
    text = doc.get("t", type=Text)
    for row in rows:
        doc.apply_update(row["body"])
        for token in tokens_in(row["body"]):
            committed.setdefault(token, row["committed"])
    return Ledger([row["seq"] for row in rows], committed, count_entries([row["body"] for row in rows]), str(text))


def tokens_in(body: bytes) -> set[str]:
    """The edits that an entry holds."""
    return set(TOKEN.findall(body.decode("utf-8", "replace")))


def count_entries(bodies: Sequence[bytes]) -> Counter[str]:
    """See `Ledger.entries_of`."""
    entries_of: Counter[str] = Counter()
    come, ahead = Ranges(), set[str]()
    for body in bodies:
        structs, tokens = read_update(body).structs, tokens_in(body)
        if any(start > come.head(client) for client, start, _ in structs):
            ahead |= tokens - entries_of.keys()
            entries_of.update(tokens)
        else:
            entries_of.update(tokens - ahead)
            ahead -= tokens
        come.add_all(structs)
    return entries_of


def judge(ledger: Ledger, clients: Sequence[Writer]) -> Verdict:
    """Compare the books of everybody in one document with its journal; at a time when all have settled."""
    told = {token: at for client in clients for token, at in client.acknowledged.items()}
    shown = [(token, at) for client in clients for token, at in client.shown.items()]
    made = {token: at for client in clients for token, at in client.made.items()}
    never = float("inf")
    in_text = Counter(TOKEN.findall(ledger.text))
    deliveries = [at - made[token] for token, at in shown if token in made]
    return Verdict(
        acknowledged=len(told),
        lost=sum(ledger.committed.get(token, never) > at for token, at in told.items()),
        early=sum(ledger.committed.get(token, never) > at for token, at in shown),
        doubled=sum(count > 1 for count in in_text.values()),
        again=sum(count > 1 for count in ledger.entries_of.values()),
        gaps=sum(seq != number for number, seq in enumerate(ledger.seqs, 1)),
        differing=sum(client.text != ledger.text for client in clients),
        unsaved=sum(client.in_flight for client in clients),
        trouble=sum(len(client.trouble) for client in clients),
        worst_ack=max((at - made[token] for token, at in told.items()), default=0.0),
        worst_delivery=max(deliveries, default=0.0),
    )
