"""The audit log in memory."""

from __future__ import annotations

from collections.abc import Sequence

from storage.events import anchored as anchoring
from storage.memory.records import MemoryRecords
from storage.ports.audit import Sought
from workspace.audit import HOUSE, Chain, Event, Recorded, decode
from workspace.audit_chain import End, Head, Kept


class MemoryAudit:
    """`storage.ports.Audit`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def record(self, events: Sequence[Event]) -> None:
        """See the port."""
        self._records.record(*events)

    async def newest(self, chain: Chain, sought: Sought, limit: int) -> Sequence[Recorded]:
        """See the port."""
        found = [decode(kept.body) for kept in reversed(self._records.audit.get(chain, []))]
        return [each for each in found if _is_sought(each, sought)][:limit]

    async def kept(self, chain: Chain, *, after: int, limit: int) -> Sequence[Kept]:
        """See the port."""
        return [kept for kept in self._records.audit.get(chain, []) if kept.seq > after][:limit]

    async def end(self, chain: Chain) -> End:
        """See the port."""
        held = self._records.audit.get(chain)
        return End(Head(chain, held[-1].seq, held[-1].hash), held[-1].seq) if held else End(None, 0)

    async def anchor(self, limit: int) -> Sequence[Head]:
        """See the port."""
        anchored = self._records.anchored
        heads = [
            Head(name, held[-1].seq, held[-1].hash)
            for name, held in sorted(self._records.audit.items())
            if name != HOUSE and held[-1].seq > anchored.get(name, 0)
        ][:limit]
        anchored |= {head.chain: head.seq for head in heads}
        self._records.record(*[anchoring(head) for head in heads])
        return heads

    async def chains(self, after: Chain | None, limit: int) -> Sequence[Chain]:
        """See the port."""
        return [name for name in sorted(self._records.audit) if after is None or name > after][:limit]


def _is_sought(recorded: Recorded, sought: Sought) -> bool:
    event = recorded.event
    return (
        (sought.before is None or recorded.seq < sought.before)
        and (sought.who is None or sought.who in (event.cause.who, event.person))
        and (not sought.actions or event.action in sought.actions)
    )
