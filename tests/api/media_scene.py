"""A case with somebody of every kind, and browsers that send files into it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.memory import MemoryStores
from storage.ports import CredentialKind, Holder, Made, ObjectKey, Rendition, Shape, Signed, Upload
from tests.api.conftest import Ward
from workspace.case import Person, Role, Standing
from workspace.ids import CaseId, FileId, MediaId, Millis, UploadId, make_id
from workspace.media import PART_BYTES, Kind

EVERYBODY = ("lead", "contributor", "consultant", "observer", "stranger", "moderator")
HOLDER = Holder("worker")
NAME = "Doe^Jane 1970-05-04.jpg"


def parts_of(body: bytes) -> list[bytes]:
    """As a browser cuts it."""
    return [body[start : start + PART_BYTES] for start in range(0, len(body), PART_BYTES)]


def digest_of(body: bytes) -> str:
    """Over the joined digests of its parts."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts_of(body))).hexdigest()


@dataclass
class MediaScene:
    """Everybody has headers of their own."""

    ward: Ward
    case: CaseId
    people: Mapping[str, Person]
    headers: Mapping[str, Mapping[str, str]]

    @property
    def stores(self) -> MemoryStores:
        stores = self.ward.stores
        assert isinstance(stores, MemoryStores)
        return stores

    @property
    def path(self) -> str:
        return f"/api/cases/{self.case}"

    async def ask(self, who: str, method: str, path: str, body: object = None) -> Any:
        """One request under the case."""
        return await self.ward.http.request(method, f"{self.path}{path}", json=body, headers=self.headers[who])

    async def begin(self, who: str, *bodies: bytes, name: str = NAME) -> list[Any]:
        files = [{"name": name, "size": len(body), "digest": digest_of(body)} for body in bodies]
        answer = await self.ask(who, "POST", "/uploads", {"files": files})
        assert answer.status_code == 200, answer.text
        found = answer.json()["uploads"]
        assert isinstance(found, list)
        return found

    async def sign(self, who: str, upload: str, body: bytes, numbers: list[int] | None = None) -> Any:
        cut = parts_of(body)
        wanted = numbers or list(range(1, len(cut) + 1))
        parts = [{"number": n, "sha256": hashlib.sha256(cut[n - 1]).hexdigest()} for n in wanted]
        return await self.ask(who, "POST", f"/uploads/{upload}/parts", {"parts": parts})

    async def send(self, who: str, upload: str, body: bytes, numbers: list[int] | None = None) -> list[int]:
        """Sign and send parts; the status of each."""
        signed = await self.sign(who, upload, body, numbers)
        assert signed.status_code == 200, signed.text
        return [self.put(each, parts_of(body)[each["number"] - 1]) for each in signed.json()["parts"]]

    def put(self, part: Mapping[str, Any], body: bytes) -> int:
        """Send one part as a browser does."""
        signed = Signed(part["url"], part["headers"], Millis(part["expires_at"]))
        return self.stores.objects.answer("PUT", signed, body, {}).status

    def get(self, source: Mapping[str, Any]) -> bytes:
        """Read an object as a browser does."""
        answered = self.stores.objects.answer("GET", Signed(source["url"], {}, source["expires_at"]), b"", {})
        assert answered.status == 200
        return answered.body

    async def complete(self, who: str, upload: str) -> Any:
        return await self.ask(who, "POST", f"/uploads/{upload}/complete")

    async def hand_in(self, who: str, body: bytes) -> str:
        """Announced, sent and completed: its id."""
        [begun] = await self.begin(who, body)
        assert await self.send(who, begun["id"], body) == [200] * len(parts_of(body))
        done = await self.complete(who, begun["id"])
        assert (done.status_code, done.json()["state"]) == (200, "quarantined")
        return str(begun["id"])

    async def listed(self, who: str) -> Any:
        answer = await self.ask(who, "GET", "/uploads")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def gallery(self, who: str) -> Any:
        answer = await self.ask(who, "GET", "/media")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def found(self, upload: str) -> Upload:
        held = await self.stores.uploads.find(self.case, UploadId(upload))
        assert held is not None
        return held

    async def make_ready(self, body: bytes, *, series: str | None = None, kind: Kind = Kind.PHOTO) -> str:
        """What a worker would do: the id of its medium."""
        claim = await self.stores.upload_work.claim(HOLDER, 60)
        assert claim is not None
        file, media = (make_id(self.ward.entropy(10)) for _ in range(2))
        key = ObjectKey(f"media/{self.case}/{media}/{file}")
        small = ObjectKey(f"{key}/thumbnail")
        sha256 = await self.stores.objects.put(key, body, "image/png")
        tiny = await self.stores.objects.put(small, b"small", "image/webp")
        made = Made(
            FileId(file),
            MediaId(media),
            kind,
            series,
            key,
            len(body),
            sha256,
            "image/png",
            '{"instance": 1}',
            Shape(640, 480),
            [Rendition("thumbnail", small, 5, tiny, "image/webp", 64, 48, '{"of": 1}')],
            '{"engine": "test"}',
            sha256,
            self.ward.clock(),
        )
        accepted = await self.stores.upload_work.accept(claim, made)
        assert accepted.upload.media is not None
        return accepted.upload.media


async def set_scene(ward: Ward) -> MediaScene:
    """A case with somebody of every kind."""
    people = {name: await ward.person(name) for name in EVERYBODY if name != "moderator"}
    people["moderator"] = await ward.person("moderator", standing=Standing.MODERATOR)
    members = {Role(name): people[name] for name in ("contributor", "consultant", "observer")}
    case = await ward.case(people["lead"], members)
    headers = {}
    for name, person in people.items():
        token = await ward.credential(person, CredentialKind.BEARER, seconds=10_000_000)  # some tests take a month
        headers[name] = {"Authorization": f"Bearer {token}"}
    return MediaScene(ward, case, people, headers)
