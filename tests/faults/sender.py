"""Somebody who hands files in all the time, as a page does: announced, sent straight to the object storage, called
complete. Whatever fails is begun again with the same file, as after a reload."""

from __future__ import annotations

import asyncio
import hashlib
import io
import itertools
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from PIL import Image

from tests.api.media_scene import digest_of
from tests.faults.scene import Crowd, Scene, at_it
from tests.integration.media_browser import slice_of
from tests.servers import Someone
from workspace.media import SENDING

BETWEEN_FILES_SECONDS = 0.5
PAUSE_SECONDS = (0.2, 0.6)
STORE_SECONDS = 3.0
"""How long a sender waits for the object storage before it begins again."""
MISSING = 409
"""Parts that were sent have not arrived: begin again."""
AWAY = 500
"""From here on it is not the sender's fault."""
FIRST_MOST = 10**9
"""Where numbers begin is chosen by chance: no file of one case is in another."""


class TurnedAway(Exception):
    """Not now."""


@dataclass(slots=True)
class Sender:
    """One person at one case. Each file is another one; photos and slices of a series in turn."""

    case: str
    who: Someone
    handed_in: set[str] = field(default_factory=set)
    """Digests of the files of which the server said that all of them is there."""
    turned_away: int = 0
    """Tries that came to nothing."""
    longest_seconds: float = 0.0
    """What one try took."""
    trouble: list[str] = field(default_factory=list)
    """Refusals: there is no reason for any."""

    async def run(self, http: httpx.AsyncClient, store: httpx.AsyncClient) -> None:
        """Until cancelled."""
        for number in itertools.count(secrets.randbelow(FIRST_MOST)):
            body = slice_of(number) if number % 2 else photo(number)
            while not await self._try(http, store, body):
                self.turned_away += 1
                await asyncio.sleep(random.uniform(*PAUSE_SECONDS))
            await asyncio.sleep(BETWEEN_FILES_SECONDS)

    def forget(self) -> None:
        """How it went until now."""
        self.turned_away, self.longest_seconds = 0, 0.0

    async def _try(self, http: httpx.AsyncClient, store: httpx.AsyncClient, body: bytes) -> bool:
        began = time.monotonic()
        try:
            return await self._is_handed_in(http, store, body)
        finally:
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - began)

    async def _is_handed_in(self, http: httpx.AsyncClient, store: httpx.AsyncClient, body: bytes) -> bool:
        digest = digest_of(body)
        try:
            announced = {"files": [{"name": "Doe^Jane.jpg", "size": len(body), "digest": digest}]}
            [begun] = (await self._ask(http, "/uploads", announced))["uploads"]
            if begun["outcome"] == "begun" and begun["state"] in SENDING:
                await self._send(http, store, begun["id"], body)
            elif begun["outcome"] == "refused":
                self.trouble.append(begun["reason"])
        except (httpx.HTTPError, TurnedAway):
            return False
        self.handed_in.add(digest)
        return True

    async def _send(self, http: httpx.AsyncClient, store: httpx.AsyncClient, upload: str, body: bytes) -> None:
        parts = [{"number": 1, "sha256": hashlib.sha256(body).hexdigest()}]  # none of these files has two
        [signed] = (await self._ask(http, f"/uploads/{upload}/parts", {"parts": parts}))["parts"]
        # Whatever is answered: whether the part is there is asked for in the next line.
        await store.put(signed["url"], content=body, headers=signed["headers"])
        shown = await self._ask(http, f"/uploads/{upload}/complete", None)
        if shown["state"] in SENDING:
            self.trouble.append(f"complete, and {shown['state']}")

    async def _ask(self, http: httpx.AsyncClient, path: str, body: object) -> Any:
        headers = {"Authorization": f"Bearer {self.who.token}"}
        answer = await http.post(f"/api/cases/{self.case}{path}", json=body, headers=headers)
        if answer.status_code != 200:
            if answer.status_code != MISSING and answer.status_code < AWAY:
                self.trouble.append(f"{answer.status_code} to {path.rpartition('/')[2]}")
            raise TurnedAway
        return answer.json()


def photo(number: int) -> bytes:
    """A small one, with a number in what a cleaner takes out."""
    made = io.BytesIO()
    picture = Image.new("RGB", (64, 48), (number % 256, 120, 60))
    exif = picture.getexif()
    exif[0x010E] = f"Jane Quillfeather, {number}"
    picture.save(made, "JPEG", exif=exif)
    return made.getvalue()


@asynccontextmanager
async def handing_in(scene: Scene, everybody: Crowd) -> AsyncIterator[Sequence[Sender]]:
    """Somebody in each case hands files in until the block ends; nobody where the scene has no store."""
    if scene.store is None:
        yield []
        return
    senders = [Sender(place.case, scene.people.contributor) for place in everybody.rooms]
    async with (
        httpx.AsyncClient(timeout=STORE_SECONDS) as store,
        at_it(each.run(scene.http, store) for each in senders),
    ):
        yield senders
