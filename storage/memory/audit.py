"""The audit log in memory."""

from __future__ import annotations

from collections.abc import Sequence

from storage.memory.records import MemoryRecords
from storage.ports.audit import Sought
from workspace.audit import Chain, Event, Recorded, decode
from workspace.audit_chain import Head, Kept


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

    async def head(self, chain: Chain) -> Head | None:
        """See the port."""
        held = self._records.audit.get(chain)
        return Head(chain, held[-1].seq, held[-1].hash) if held else None

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
