"""Limits over nodes in one process, with a switch that cuts the line between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from storage.ports.limits import AloneCounts, Charge, Key, Quota

BUCKET_MILLIS = 60_000


@dataclass
class MemoryCounter:
    """What the nodes share."""

    seconds: Callable[[], float]
    nodes: list[MemoryLimits] = field(default_factory=list)
    empty_at: dict[Key, float] = field(default_factory=dict)
    is_cut: bool = False

    def node(self) -> MemoryLimits:
        """The limits of one more node."""
        made = MemoryLimits(self)
        self.nodes.append(made)
        return made


class MemoryLimits(AloneCounts):
    """`storage.ports.Rates` and `SessionCounts`."""

    def __init__(self, counter: MemoryCounter) -> None:
        super().__init__()
        self._counter = counter

    @property
    def is_up(self) -> bool:
        """See the port."""
        return not self._counter.is_cut

    async def spend(self, charges: Sequence[Charge]) -> float:
        """See the port."""
        if self._counter.is_cut:
            return 0.0
        now, held = self._counter.seconds() * 1000, self._counter.empty_at
        after = {each.key: max(held.get(each.key, 0.0), now) + each.millis_per_try for each in charges}
        excess = max(after.values(), default=0.0) - now - BUCKET_MILLIS
        if excess > 0:
            return excess / 1000
        held |= after
        return 0.0

    async def forgive(self, charges: Sequence[Charge]) -> None:
        """See the port."""
        if not self._counter.is_cut:
            for each in charges:
                self._counter.empty_at[each.key] = self._counter.empty_at.get(each.key, 0.0) - each.millis_per_try

    async def enter(self, quotas: Sequence[Quota]) -> Key | None:
        """See the port."""
        if not self._counter.is_cut:
            for quota in quotas:
                if sum(node.own[quota.key] for node in self._counter.nodes) >= quota.most:
                    return quota.key
        return self.enter_here(quotas)

    def die(self) -> None:
        """This node is no more."""
        self._counter.nodes.remove(self)
