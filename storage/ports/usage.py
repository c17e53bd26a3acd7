"""How much room things take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workspace.ids import CaseId


@dataclass(frozen=True, slots=True)
class CaseUsage:
    """What one case takes, without a word of what it is about."""

    case: CaseId
    documents: int
    entries: int
    bytes: int
    """Of its entries and snapshots."""


@dataclass(frozen=True, slots=True)
class Used:
    """What the store holds."""

    database_bytes: int
    people: int
    pictures: int
    picture_bytes: int
    entry_bytes: int
    snapshots: int
    snapshot_bytes: int
    cases: Sequence[CaseUsage]
    """The largest first."""


class Usage(Protocol):
    """Measures on demand. It reads every entry's length: ask seldom."""

    async def measure(self) -> Used:
        """Everything, on one consistent state."""
        ...
