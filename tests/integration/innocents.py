"""Two people who write on while somebody else misbehaves, and who must not notice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.integration.yclient import YClient
from tests.servers import People, RunningServer

MARKER = "marker-of-content-7f3a"
"""In everything that is written or sent here; nowhere in the log."""
RHYTHM_SECONDS = 0.02
PATIENCE_SECONDS = 4.0
"""The longest that one word may take to the other. A hundredth is usual; a loaded machine is slow for everybody."""


@contextlib.asynccontextmanager
async def undisturbed(server: RunningServer, people: People, case: str) -> AsyncIterator[YClient]:
    """Two sessions of the lead co-edit until the block ends: nothing is lost, and the journal has theirs alone."""
    ada, other = YClient(server, people.lead, case), YClient(server, people.lead, case)
    done = asyncio.Event()
    async with ada.connected(), other.connected():
        typing = asyncio.create_task(_type(ada, other, done))
        try:
            yield ada
        finally:
            done.set()
            await typing
        await ada.until_saved()
        assert (ada.is_open, other.is_open) == (True, True)
        assert other.content() == ada.content() == ada.made
    history = server.history(people.lead, case)
    authors = [entry["author"] for entry in history]
    assert {author["id"] if isinstance(author, dict) else author for author in authors} == {people.lead.id}
    assert len(history) == len(ada.made)


async def _type(ada: YClient, other: YClient, done: asyncio.Event) -> None:
    while not (done.is_set() and ada.made):
        await ada.write(f"{MARKER} {len(ada.made)}")
        length = len(ada.made)
        await other.until(lambda n=length: len(other.words) == n, "the word", seconds=PATIENCE_SECONDS)  # type: ignore[misc]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), RHYTHM_SECONDS)
