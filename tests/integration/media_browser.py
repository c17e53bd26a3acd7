"""What a browser does with files, without one: it cuts, digests, announces, sends to the object storage, and looks."""

from __future__ import annotations

import hashlib
import io
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image
from pydicom.dataset import Dataset

from tests.api.media_scene import digest_of, parts_of
from tests.cleaning.markers import written
from tests.cleaning.objects import image
from tests.servers import Answer, RunningServer, Someone, wait_until

READY_SECONDS = 90.0
"""A busy machine takes long to start a worker and its child."""


def photo(shade: int = 90, size: tuple[int, int] = (320, 240)) -> bytes:
    """A JPEG with a name in its EXIF."""
    made = io.BytesIO()
    picture = Image.new("RGB", size, (shade % 256, 120, shade // 256))
    exif = picture.getexif()
    exif[0x010E] = "Jane Quillfeather, Seaview Hospital"
    picture.save(made, "JPEG", exif=exif)
    return made.getvalue()


def slice_of(number: int, rows: int = 16) -> bytes:
    """A CT slice of a patient."""
    dataset: Dataset = image(rows=rows, columns=rows)
    dataset.SOPInstanceUID = f"1.2.826.0.1.3680043.9.100.{number}"
    dataset.InstanceNumber = number
    return written(dataset)


@dataclass(frozen=True, slots=True)
class MediaBrowser:
    """One person's, at one case."""

    server: RunningServer
    person: Someone
    case: str

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        return self.server.request(method, f"/api/cases/{self.case}{path}", self.person.token, body)

    def json(self, method: str, path: str, body: object = None) -> Any:
        """What is answered. As a page does, it asks again where the object storage is away for a moment: a busy machine
        may take it for away."""
        answers: list[Answer] = []

        def is_answered() -> bool:
            answers.append(self.ask(method, path, body))
            return answers[-1].status != 503

        wait_until(is_answered, seconds=READY_SECONDS, what=lambda: str(answers[-1]))
        assert answers[-1].status in (200, 202), answers[-1]
        return answers[-1].json()

    def begin(self, body: bytes, digest: str | None = None) -> Any:
        files = [{"name": "Doe^Jane.jpg", "size": len(body), "digest": digest or digest_of(body)}]
        [begun] = self.json("POST", "/uploads", {"files": files})["uploads"]
        return begun

    def sign(self, upload: str, body: bytes) -> list[Any]:
        parts = [
            {"number": number, "sha256": hashlib.sha256(part).hexdigest()}
            for number, part in enumerate(parts_of(body), 1)
        ]
        signed = self.json("POST", f"/uploads/{upload}/parts", {"parts": parts})["parts"]
        assert isinstance(signed, list)
        return signed

    def send(self, upload: str, body: bytes) -> None:
        for part, signed in zip(parts_of(body), self.sign(upload, body), strict=True):
            assert put(signed, part) == 200

    def complete(self, upload: str) -> Any:
        return self.json("POST", f"/uploads/{upload}/complete")

    def hand_in(self, body: bytes, digest: str | None = None) -> str:
        begun = self.begin(body, digest)
        self.send(begun["id"], body)
        self.complete(begun["id"])
        return str(begun["id"])

    def uploads(self) -> dict[str, Any]:
        return {each["id"]: each for each in self.json("GET", "/uploads")["uploads"]}

    def media(self) -> list[Any]:
        found = self.json("GET", "/media")["media"]
        assert isinstance(found, list)
        return found

    def wait_for(self, upload: str, *states: str) -> Any:
        """How it stands when it has come to one of these states."""

        def is_there() -> bool:
            return self.uploads()[upload]["state"] in states

        wait_until(is_there, seconds=READY_SECONDS, what=lambda: f"{states}, not {self.uploads()[upload]}")
        return self.uploads()[upload]


def put(signed: Mapping[str, Any], body: bytes) -> int:
    """Send a part; the storage's answer."""
    request = urllib.request.Request(signed["url"], body, dict(signed["headers"]), method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def fetch(url: str, headers: Mapping[str, str] | None = None) -> bytes:
    """Read an object."""
    request = urllib.request.Request(url, headers=dict(headers or {}))
    with urllib.request.urlopen(request, timeout=30) as response:
        body = response.read()
    assert isinstance(body, bytes)
    return body


def status_of(url: str) -> int:
    """What the storage says to a GET."""
    try:
        fetch(url)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    return 200


def json_of(url: str) -> Any:
    """A JSON object in the storage."""
    return json.loads(fetch(url))
