"""Limits that hold over all nodes together: how often something is tried, how many sessions are open. (docs/adr/0014)

Each node counts for itself too, so that a limit holds on each node when the others cannot be asked. Nothing here
stands in the way of an acknowledgement: it is asked at the door, and never waits longer than a fraction of a second.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

Key = NewType("Key", bytes)
"""What is counted: a digest, so that no address, e-mail or id is kept where only numbers are wanted."""
KEY_BYTES = 16


def key_of(*parts: str | bytes) -> Key:
    """The key of something that has a name in several parts."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return Key(digest.digest()[:KEY_BYTES])


@dataclass(frozen=True, slots=True)
class Charge:
    """A try that is counted in the leaky bucket of a key: one try leaks out in so many milliseconds, and the bucket
    holds what leaks in a minute."""

    key: Key
    millis_per_try: float


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so many sessions under a key."""

    key: Key
    most: int


class Rates(Protocol):
    """The buckets that all nodes share. Without the others there are none: each node has its own before it asks."""

    async def spend(self, charges: Sequence[Charge]) -> float:
        """Count one try in all of the buckets, or, when one of them is full, in none; then the seconds until the
        slowest has room. 0 when it was counted, or when nobody answers."""
        ...

    async def forgive(self, charges: Sequence[Charge]) -> None:
        """Take one try back in all of them."""
        ...


class SessionCounts(Protocol):
    """How many sessions there are under a key, on all nodes that live. Those of a dead node are forgotten within
    seconds."""

    @property
    def is_up(self) -> bool:
        """Whether the others are counted too, as far as is known."""
        ...

    async def enter(self, quotas: Sequence[Quota]) -> Key | None:
        """Count one more session under all of the keys, or, when one of them has its most, under none: that key.

        Of several who ask at once, here or elsewhere, no more get in than there are places. When nobody answers, only
        this node's own sessions count.
        """
        ...

    def leave(self, keys: Sequence[Key]) -> None:
        """One session less under each of them. Neither waits nor raises."""
        ...


class AloneCounts:
    """`Rates` and `SessionCounts` of a server that is the only node."""

    def __init__(self) -> None:
        self.own: Counter[Key] = Counter()

    @property
    def is_up(self) -> bool:
        """See `SessionCounts`."""
        return True

    async def spend(self, charges: Sequence[Charge]) -> float:
        """See `Rates`: its own buckets are all there are."""
        del charges
        return 0.0

    async def forgive(self, charges: Sequence[Charge]) -> None:
        """See `Rates`."""

    async def enter(self, quotas: Sequence[Quota]) -> Key | None:
        """See `SessionCounts`."""
        return self.enter_here(quotas)

    def enter_here(self, quotas: Sequence[Quota]) -> Key | None:
        """Count by this node's own sessions alone."""
        full = self.full_here(quotas)
        if full is None:
            self.own.update(quota.key for quota in quotas)
        return full

    def full_here(self, quotas: Sequence[Quota]) -> Key | None:
        """The first key under which this node alone has its most."""
        return next((quota.key for quota in quotas if self.own[quota.key] >= quota.most), None)

    def leave(self, keys: Sequence[Key]) -> None:
        """See `SessionCounts`."""
        for key in keys:
            self.own[key] -= 1
            if self.own[key] <= 0:
                del self.own[key]
