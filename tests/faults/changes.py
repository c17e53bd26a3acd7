"""Changes of state while things break, each answered or not; and whether the audit log has exactly those. [AUD-1]"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from storage.ports import Sought, Stores
from storage.ports.audit import walk_all
from storage.stores import open_stores
from tests.faults.scene import Crowd, Scene
from workspace.audit import Action, Chain, Detail

BETWEEN_SECONDS = 0.2
ROLES = ("observer", "consultant")


@dataclass(slots=True)
class Changes:
    """What one case's lead made of the role of somebody who is not there, one change after the other."""

    case: str
    person: str
    answered: int = 0
    """Changes that were called done."""
    is_open: bool = False
    """Whether one was asked for that was not called done yet: it may have been."""


@asynccontextmanager
async def changing(scene: Scene, everybody: Crowd) -> AsyncIterator[Sequence[Changes]]:
    """Let the lead of each case change something all the time, until the block ends."""
    made = [Changes(place.case, scene.people.stranger.id) for place in everybody.rooms]
    tasks = [asyncio.create_task(_change(scene, each)) for each in made]
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _change(scene: Scene, changes: Changes) -> None:
    """Whatever was not answered is asked for again: that changes nothing if it was done."""
    headers = {"Authorization": f"Bearer {scene.people.lead.token}"}
    for role in itertools.cycle(ROLES):
        body = {"email": scene.people.stranger.email, "role": role}
        changes.is_open = True
        is_done = False
        while not is_done:
            await asyncio.sleep(BETWEEN_SECONDS)
            is_done = await _put(scene.http, f"/api/cases/{changes.case}/members", body, headers)
        changes.answered, changes.is_open = changes.answered + 1, False


async def _put(http: httpx.AsyncClient, path: str, body: dict[str, str], headers: dict[str, str]) -> bool:
    try:
        return (await http.put(path, json=body, headers=headers)).status_code == 200
    except httpx.HTTPError:
        return False


async def unrecorded(database_url: str, made: Sequence[Changes]) -> int:
    """How many events there are too few or too many, and how many chains are broken."""
    async with open_stores(database_url) as stores:
        wrong = sum([await _wrong(stores, each) for each in made])
        return wrong + sum([found is not None async for _, found in walk_all(stores.audit)])


async def _wrong(stores: Stores, changes: Changes) -> int:
    """Each change is told once, and they follow each other as they were asked for."""
    sought = Sought(actions=[Action.MEMBER_ADDED, Action.ROLE_CHANGED])
    newest = await stores.audit.newest(Chain(changes.case), sought, 100_000)
    roles = [str(each.event.details[Detail.ROLE]) for each in reversed(newest) if each.event.person == changes.person]
    least, most = changes.answered, changes.answered + changes.is_open
    out_of_turn = sum(role != expected for role, expected in zip(roles, itertools.cycle(ROLES), strict=False))
    return max(least - len(roles), 0) + max(len(roles) - most, 0) + out_of_turn
