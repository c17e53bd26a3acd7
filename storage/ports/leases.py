"""Leases: one holder in the whole cluster, for a time, of whatever has a name. (docs/adr/0010)

A lease is a row in the database, timed by the database's own clock: no node's clock counts, and Redis has no say. A
lease alone keeps nobody from writing who froze while holding it: what such a holder may still do must be refused by
its fence or do no harm.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NewType, Protocol

Holder = NewType("Holder", str)
"""Which process: a host's name and a few random characters."""
LONGEST_NAME = 80
"""Characters, of a lease and of a holder."""


@dataclass(frozen=True, slots=True)
class Lease:
    """That one holder has one thing, until its time is over."""

    name: str
    holder: Holder
    fence: int
    """Greater than that of every lease of this name before."""


class Leases(Protocol):
    """Who holds what. All times are measured by the database."""

    async def acquire(self, name: str, holder: Holder, seconds: float) -> Lease | None:
        """Take it for this long; None when somebody else holds it and their time is not over.

        The holder itself gets it anew, with a new fence: it has been started again and knows nothing of the old one.
        Of several who ask at once exactly one gets it.
        """
        ...

    async def renew(self, leases: Collection[Lease], seconds: float) -> Collection[Lease]:
        """Keep them for this long from now; those that are still held. Late is good, as long as nobody else took
        it."""
        ...

    async def release(self, lease: Lease) -> None:
        """Let it go at once; harmless when it is somebody else's by now."""
        ...
