"""Leaky buckets: how often somebody may try something, on this node (in bounded memory) and on all of them."""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from server.access import Clock
from storage.ports import Charge, Rates, key_of
from workspace.errors import TooMany
from workspace.ids import Millis

MOST_KEYS = 10_000
"""Least recently used first out. One address cannot push another account's bucket out: its own fills long before."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many tries a minute, averaged; as many at once."""

    per_minute: int

    @property
    def millis_per_try(self) -> float:
        """How long until one try is forgotten."""
        return 60_000 / self.per_minute


class Throttle:
    """Counts tries per key. A bucket is the moment at which it will be empty again, so forgetting one costs nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._empty_at: OrderedDict[Hashable, float] = OrderedDict()

    def spend(self, key: Hashable, rate: Rate) -> None:
        """Count one try. Raises: TooMany, with the seconds to wait."""
        self.spend_all([(key, rate)])

    def spend_all(self, charges: Sequence[tuple[Hashable, Rate]]) -> None:
        """Count one try in several buckets, or, when one of them is full, in none. Raises: TooMany, with the seconds
        to wait for the slowest."""
        now: Millis = self._clock()
        for key, _ in charges:
            if self._empty_at.get(key, 0.0) > now + 60_000:  # only if the clock was set back [CLK-2]
                self._empty_at[key] = now + 60_000
        after = {key: max(self._empty_at.get(key, 0.0), float(now)) + rate.millis_per_try for key, rate in charges}
        excess = max(after.values(), default=0.0) - now - 60_000
        if excess > 0:
            raise TooMany(retry_after_seconds=math.ceil(excess / 1000))
        for key, moment in after.items():
            self._empty_at[key] = moment
            self._empty_at.move_to_end(key)
        while len(self._empty_at) > MOST_KEYS:
            self._empty_at.popitem(last=False)

    def forgive(self, key: Hashable, rate: Rate) -> None:
        """Take one try back: it was a good one."""
        if key in self._empty_at:
            self._empty_at[key] -= rate.millis_per_try


class SharedThrottle:
    """Buckets of this node, and the same over all nodes. [NODE-8]

    This node's own are asked first: they hold when the others cannot be asked, and what they refuse costs nobody a
    question.
    """

    def __init__(self, clock: Clock, rates: Rates) -> None:
        self._own = Throttle(clock)
        self._rates = rates

    async def spend(self, key: tuple[str, str], rate: Rate) -> None:
        """Count one try. Raises: TooMany, with the seconds to wait."""
        self._own.spend(key, rate)
        try:
            await spend_everywhere(self._rates, [(key, rate)])
        except TooMany:
            self._own.forgive(key, rate)
            raise

    async def forgive(self, key: tuple[str, str], rate: Rate) -> None:
        """Take one try back: it was a good one."""
        self._own.forgive(key, rate)
        await forgive_everywhere(self._rates, [(key, rate)])


Charges = Sequence[tuple[tuple[str | bytes, ...], Rate]]
"""What one try is counted as: the parts of each bucket's name, and how fast it leaks."""


async def spend_everywhere(rates: Rates, charges: Charges) -> None:
    """Count one try in the buckets that all nodes share, or in none. Raises: TooMany."""
    wait = await rates.spend(_charges(charges))
    if wait > 0:
        raise TooMany(retry_after_seconds=math.ceil(wait))


async def forgive_everywhere(rates: Rates, charges: Charges) -> None:
    """Take one try back."""
    await rates.forgive(_charges(charges))


def _charges(charges: Charges) -> Sequence[Charge]:
    return [Charge(key_of(*key), rate.millis_per_try) for key, rate in charges]


def network_of(host: str | None) -> str:
    """The address that is counted; of IPv6 the /64, because one customer holds that many addresses."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:  # a socket of both families shows IPv4 clients so
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
