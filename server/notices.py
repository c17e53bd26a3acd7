"""Changes of rights, read from the database as they come: our own, those of other processes and of other nodes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import structlog

from server.logs import trace
from storage.ports import AccessNotice, Notices
from workspace.ids import CaseId, PersonId

log = structlog.get_logger("consilium.notices")

NOTICE_SECONDS = 0.4
"""How often other processes' changes of rights are looked for: they act on open sockets within a second."""
RECENT_NOTICES = 1_000
"""Kept to catch a change between a judgement and the seat it leads to; an older judgement is made again."""


class NoticeBoard:
    """What was lately changed, and by whom that has to be known."""

    def __init__(self, notices: Notices, acted_upon: Callable[[AccessNotice], None]) -> None:
        self.recent: deque[AccessNotice] = deque(maxlen=RECENT_NOTICES)
        self._notices = notices
        self._acted_upon = acted_upon
        self._has_news = asyncio.Event()

    async def latest(self) -> int:
        """The number of the newest change. Raises: StorageUnavailable."""
        return await self._notices.latest()

    def may_have_changed(self, person: PersonId, case: CaseId | None, judged_after: int) -> bool:
        """Whether the rights of a person, in a case or at all, changed after a judgement that knew of this number."""
        recent = self.recent
        if len(recent) == RECENT_NOTICES and recent[0].number > judged_after + 1:
            return True  # the notice may be one that was forgotten
        return any(n.number > judged_after and n.person == person and n.case in (None, case) for n in recent)

    def look(self) -> None:
        """Look for notices now: somebody here has just changed something."""
        self._has_news.set()

    async def watch(self) -> None:
        """For ever: act upon every notice, once, in their order."""
        seen: int | None = None
        while True:
            try:
                if seen is None:
                    seen = await self._notices.latest()
                for notice in await self._notices.since(seen):
                    seen = notice.number
                    self.recent.append(notice)
                    self._acted_upon(notice)
            except Exception as error:  # whatever it was, later changes must be acted upon
                log.warning("notices.failed", trace=trace(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_news.wait(), NOTICE_SECONDS)
            self._has_news.clear()
