"""Leases in memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.leases import Term, term
from storage.memory.records import MemoryRecords
from storage.ports.leases import Holder, Lease
from workspace.errors import Conflict


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took a lease last, and for how long."""

    lease: Lease
    term: Term


class MemoryLeases:
    """`storage.ports.Leases`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def acquire(self, name: str, holder: Holder, seconds: float) -> Lease | None:
        """See the port."""
        now, held = self._records.now(), self._records.leases.get(name)
        if held is not None and held.lease.holder != holder and not held.term.is_over(now):
            return None
        lease = Lease(name, holder, held.lease.fence + 1 if held is not None else 1)
        self._records.leases[name] = Taken(lease, term(now, seconds))
        return lease

    async def renew(self, leases: Collection[Lease], seconds: float) -> Collection[Lease]:
        """See the port."""
        still = [lease for lease in leases if is_held(self._records, lease)]
        self._records.leases |= {lease.name: Taken(lease, term(self._records.now(), seconds)) for lease in still}
        return still

    async def release(self, lease: Lease) -> None:
        """See the port."""
        if is_held(self._records, lease):
            now = self._records.now()
            self._records.leases[lease.name] = Taken(lease, Term(now, now))


def is_held(records: MemoryRecords, lease: Lease) -> bool:
    """Whether nobody took it since."""
    held = records.leases.get(lease.name)
    return held is not None and held.lease.fence == lease.fence


def expect(records: MemoryRecords, lease: Lease) -> None:
    """See `storage.leases.expect`. Raises: Conflict."""
    if not is_held(records, lease):
        raise Conflict("somebody else holds the lease")
