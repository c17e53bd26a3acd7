"""Somebody of the demo at a keyboard that speaks HTTP: what a browser does to add an image to a case."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from server.demo_media.chosen import NOT_OURS, Chosen

PAUSE_SECONDS = 0.5
STATES_OF_NO_RETURN = frozenset({"rejected", "cancelled", "expired"})
REVIEW = "needs-review"


class Refused(Exception):
    """The server answered something else than it should."""


class Hands:
    """One person of the demo. `until`: when patience ends, by the clock that does not jump."""

    def __init__(self, address: str, token: str, until: float) -> None:
        self._address = address
        self._token = token
        self._until = until

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What the API answers; asked again while it is starting or busy. Raises: Refused, OSError."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        payload = None if body is None else json.dumps(body).encode()
        while True:
            status, answer = _exchange(method, f"{self._address}/api{path}", payload, headers)
            if status in (429, 503) and time.monotonic() < self._until:
                time.sleep(PAUSE_SECONDS)
                continue
            if status >= 400:
                raise Refused(f"{method} {path.rpartition('/')[2]} was answered with {status}")
            return json.loads(answer) if answer else None

    def add(self, case: str, chosen: Chosen, file: Path) -> str | None:
        """Send it, and look at it where somebody has to; its medium. None: it waits for its review.

        What an earlier start sent is not sent again. Raises: Refused, OSError.
        """
        octets = file.read_bytes()
        whole = hashlib.sha256(octets).digest()
        digest = hashlib.sha256(whole).hexdigest()  # of one part: all of them are small
        announced = {"files": [{"name": file.name, "size": len(octets), "digest": digest}]}
        (begun,) = self.ask("POST", f"/cases/{case}/uploads", announced)["uploads"]
        if begun["outcome"] == "duplicate":
            return str(begun["duplicate_of"])
        if begun["outcome"] != "begun":
            raise Refused(f"{file.name}: {begun['reason']}")
        upload = f"/cases/{case}/uploads/{begun['id']}"
        if begun["state"] in ("requested", "uploading"):
            (signed,) = self.ask("POST", f"{upload}/parts", {"parts": [{"number": 1, "sha256": whole.hex()}]})["parts"]
            status, _ = _exchange("PUT", signed["url"], octets, signed["headers"])
            if status >= 300:
                raise Refused(f"PUT was answered with {status}")
            self.ask("POST", f"{upload}/complete")
        return self._when_ready(case, begun["id"], chosen)

    def describe(self, case: str, media: str, chosen: Chosen) -> None:
        """Give it its words, unless somebody did. Raises: Refused, OSError."""
        shown = self.ask("GET", f"/cases/{case}/media/{media}")
        if not shown["alt"] and not shown["caption"]:
            words = {"caption": f"{chosen.caption} {NOT_OURS}", "alt": chosen.alt, "version": shown["version"]}
            self.ask("PATCH", f"/cases/{case}/media/{media}", words)

    def is_done(self, case: str, media: str) -> bool:
        """Whether an earlier start came to its end, or somebody took it out. Raises: Refused, OSError."""
        listed = self.ask("GET", f"/cases/{case}/media")["media"]
        return all(each["id"] != media or each["alt"] for each in listed)

    def _when_ready(self, case: str, upload: str, chosen: Chosen) -> str | None:
        while time.monotonic() < self._until:
            listed = self.ask("GET", f"/cases/{case}/uploads")["uploads"]
            now = next((each for each in listed if each["id"] == upload), None)
            if now is None or now["state"] in STATES_OF_NO_RETURN:
                raise Refused(f"upload: {now and now['reason']}")
            if now["state"] == "ready" and isinstance(now["media"], str):
                return now["media"]
            if now["state"] == REVIEW and chosen.is_left_for_review:
                return None
            if now["state"] == REVIEW:
                self.ask("POST", f"/cases/{case}/uploads/{upload}/review", {"blank": [], "confirmed": True})
            time.sleep(PAUSE_SECONDS)
        raise Refused("it took too long")


def _exchange(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=60)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
