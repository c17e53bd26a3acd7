"""Files whose renditions were made by earlier rules than today's, and the work of making them anew. [REN-11]"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from storage.ports.leases import Holder
from storage.ports.media import MediaFile, Rendition, Shape
from storage.ports.objects import ObjectKey
from workspace.audit import SYSTEM, Action, Detail, Event
from workspace.ids import CaseId, MediaId, Millis
from workspace.media import Kind, Reason

Rules: TypeAlias = Mapping[Kind, int]
"""By which rules renditions of each kind are made today; what was made by earlier ones has a smaller number."""


@dataclass(frozen=True, slots=True)
class Remake:
    """A file that one worker makes the renditions of anew, until its claim is over. `rules`: by which."""

    case: CaseId
    kind: Kind
    file: MediaFile
    rules: int
    attempts: int
    holder: Holder
    fence: int


@dataclass(frozen=True, slots=True)
class Remade:
    """What came of it. `attributes` is JSON, as of a `MediaFile`."""

    attributes: str
    shape: Shape
    renditions: Sequence[Rendition]


@dataclass(frozen=True, slots=True)
class RemakeLoad:
    """How many files are older than the rules."""

    waiting: int
    """Those that are being made anew among them."""
    failed: int
    """Those that could not be, and stay as they are."""


class Remakes(Protocol):
    """What is older than `rules`. Times are the database's own. Each step that ends a claim raises Conflict when the
    claim is lost, or the file is gone."""

    async def waiting(self, rules: Rules) -> bool:
        """Whether there is anything to claim. One read."""
        ...

    async def load(self, rules: Rules) -> RemakeLoad:
        """How many there are. One read."""
        ...

    async def claim(self, rules: Rules, holder: Holder, seconds: float) -> Remake | None:
        """Take the newest file that nobody has, also from a worker that was not heard of in time; None when there is
        none. One that was lost `MOST_ATTEMPTS` times is refused instead."""
        ...

    async def renew(self, remakes: Collection[Remake], seconds: float) -> Collection[Remake]:
        """Those that are still held; never a Conflict."""
        ...

    async def release(self, remake: Remake, seconds: float, *, was_tried: bool = False) -> None:
        """Give it back: nobody takes it for so many seconds. Only if it `was_tried` it counts as an attempt."""
        ...

    async def refuse(self, remake: Remake, reason: Reason) -> None:
        """It cannot be made anew by these rules. What it has stays."""
        ...

    async def settle(self, remake: Remake, remade: Remade) -> None:
        """The file has these renditions from now on, and its medium wants a manifest. The former ones are kept beside
        until `end_replaced`: somebody may be looking at them. The last file of a medium leaves an event."""
        ...

    async def ask(self, *, every: bool) -> None:
        """Try what was refused once more; or (`every`) make all renditions anew, whatever their rules."""
        ...

    async def end_replaced(self, before: Millis, most: int) -> Sequence[ObjectKey]:
        """Forget former renditions that were replaced before then, and that no manifest of a medium names any more:
        their keys, for whoever removes the objects."""
        ...


def finished(case: CaseId, media: MediaId, files: int) -> Event:
    """All that is to be made anew of a medium was: of so many files."""
    return Event(Action.MEDIA_REMADE, SYSTEM, case, details={Detail.MEDIA: media, Detail.FILES: files})
