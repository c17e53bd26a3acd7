"""Accesses on their way into the audit log: recorded before they are answered, and in nobody's way. (docs/adr/0016)

Who reads a case goes on reading when the log cannot be written for a while: their event waits here and is recorded as
soon as that works, with how late it is. What can wait is bounded; what finds no room, or is lost when the process ends,
stands in the server's own log, id by id. [AUD-6]
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from storage.ports import Audit
from workspace.audit import Action, Detail, Event
from workspace.errors import ConsiliumError
from workspace.ids import CaseId, DocumentName, PersonId

WINDOW_SECONDS = 300.0
"""For so long the same access of the same person from the same address is the one that was recorded: a page that asks
every few seconds writes a row every five minutes. [AUD-5]"""
PATIENCE_SECONDS = 1.0
"""How long whoever reads waits for the log."""
RETRY_SECONDS = 1.0
AT_ONCE = 200
"""Events in one transaction; whole grand rounds open a case in the same second."""
MOST_WAITING = 10_000
MOST_REMEMBERED = 50_000
"""Accesses of the last minutes, some 20 MB. Who is forgotten is recorded once more."""
WORTH_SAYING_SECONDS = 1.0
"""An event that was recorded within that time is not late."""

log = structlog.get_logger("consilium.audit")

_Key = tuple[Action, PersonId | None, str, CaseId | None, DocumentName | None, PersonId | None, tuple[object, ...]]


class AccessMeters:
    """What operators see of it. [OPS-4]"""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.waiting = Gauge(
            "consilium_audit_waiting", "Accesses that wait to be recorded in the audit log.", registry=registry
        )
        self.unrecorded = Counter(
            "consilium_audit_unrecorded",
            "Accesses that could not be recorded at all; the log of the server names them.",
            registry=registry,
        )


@dataclass(slots=True, eq=False)
class _Noted:
    """An access: when it was noted, and the word that it is recorded."""

    event: Event
    at: float
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Accesses:
    """Invariant: an event that was taken is recorded, or named in the server's log; never neither."""

    def __init__(self, audit: Audit, meters: AccessMeters | None = None) -> None:
        self._audit = audit
        self._meters = meters or AccessMeters(CollectorRegistry())
        self._waiting: deque[_Noted] = deque()
        self._recent: OrderedDict[_Key, _Noted] = OrderedDict()
        self._wake = asyncio.Event()
        self._is_running = False
        self._is_behind = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Record until the block ends; what then waits is tried once more."""
        writing = asyncio.create_task(self._write(), name="audit")
        self._is_running = True
        try:
            yield
        finally:
            self._is_running = False
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            with suppress(ConsiliumError, TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while self._waiting:
                        await self._record_some()
            while self._waiting:
                self._give_up(self._waiting.popleft())

    async def note(self, event: Event, *, always: bool = False) -> None:
        """Somebody reads something, or was refused. Returns when that is recorded, or when it was the same moments ago
        (unless `always`), or after a moment's patience; whoever asks is answered either way. [AUD-5] [AUD-6]"""
        noted = self._take(event, always=always)
        if noted is None:
            return
        if not self._is_running:
            with suppress(ConsiliumError):
                await self._record_some()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.shield(noted.done)

    async def tell(self, event: Event) -> None:
        """The same without waiting: how long an answer takes must not say whether there was something to record."""
        if self._take(event, always=False) is not None and not self._is_running:
            with suppress(ConsiliumError):
                await self._record_some()

    def _take(self, event: Event, *, always: bool) -> _Noted | None:
        """What stands for this access; None when there was no room for it."""
        now, key = _now(), _key(event)
        held = self._recent.get(key)
        if held is not None and not always and now - held.at < WINDOW_SECONDS:
            return held
        noted = _Noted(event, now)
        if len(self._waiting) >= MOST_WAITING:
            self._give_up(noted)
            return None
        self._recent[key] = noted
        self._recent.move_to_end(key)
        while len(self._recent) > MOST_REMEMBERED:
            self._recent.popitem(last=False)
        self._waiting.append(noted)
        self._meters.waiting.set(len(self._waiting))
        self._wake.set()
        return noted

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                try:
                    await self._record_some()
                except ConsiliumError as error:
                    if not self._is_behind:
                        log.warning("audit.behind", waiting=len(self._waiting), error=error.reason)
                    self._is_behind = True
                    await asyncio.sleep(RETRY_SECONDS)

    async def _record_some(self) -> None:
        """One transaction. Whether one that failed was committed may be unknown: then its events are there twice."""
        if not self._waiting:
            return
        some = [self._waiting[index] for index in range(min(AT_ONCE, len(self._waiting)))]
        await self._audit.record([self._dated(noted) for noted in some])
        for noted in some:
            if self._waiting and self._waiting[0] is noted:
                self._waiting.popleft()
            if not noted.done.done():
                noted.done.set_result(None)
        self._meters.waiting.set(len(self._waiting))
        if self._is_behind:
            log.info("audit.caught_up")
        self._is_behind = False

    def _dated(self, noted: _Noted) -> Event:
        late = _now() - noted.at
        if late < WORTH_SAYING_SECONDS:
            return noted.event
        return replace(noted.event, details={**noted.event.details, Detail.LATE: round(late * 1000)})

    def _give_up(self, noted: _Noted) -> None:
        """The server's own log is the last place where it can stand."""
        event = noted.event
        self._meters.unrecorded.inc()
        log.error(
            "audit.unrecorded",
            action=event.action.value,
            who=event.cause.who,
            case=event.case,
            document=event.document,
            person=event.person,
            request=event.cause.origin.request,
        )
        if not noted.done.done():
            noted.done.set_result(None)


def _now() -> float:
    """Seconds of a clock that does not jump. [CLK-3]"""
    return asyncio.get_running_loop().time()


def _key(event: Event) -> _Key:
    """What makes two accesses the same."""
    cause = event.cause
    details = tuple(sorted(event.details.items()))
    return (event.action, cause.who, cause.origin.address, event.case, event.document, event.person, details)
