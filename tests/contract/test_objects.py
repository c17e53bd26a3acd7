"""Objects: what is written stays as it was written, and a browser gets no more than was signed for it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from storage.ports import PART_BYTES, Fetched, MultipartId, ObjectKey, PartToSign, Signed
from storage.s3_door import open_door
from tests.contract.shelves import MemoryShelf, S3Shelf, Shelf
from tests.object_server import ObjectServer
from workspace.errors import Conflict, NotFound
from workspace.ids import Millis

KEY = ObjectKey("media/aaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbb/cccccccccccccccc")
OTHER = ObjectKey("media/aaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbb/dddddddddddddddd")
QUARANTINED = ObjectKey("quarantine/aaaaaaaaaaaaaaaa/eeeeeeeeeeeeeeee")
SMALL = b"what the camera saw" * 20
FIRST = bytes(range(256)) * (PART_BYTES // 256)
LAST = b"and the rest"
T = TypeVar("T")
END_OF_TIME = Millis(10**14)


@pytest.fixture(params=["memory", "s3"])
async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    """An empty store."""
    if request.param == "memory":
        yield MemoryShelf()
        return
    server: ObjectServer = request.getfixturevalue("objects_server")
    access = server.access(server.fresh())
    async with open_door(lambda: access) as door:
        yield S3Shelf(door)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def part(number: int, body: bytes) -> PartToSign:
    return PartToSign(number, len(body), sha256(body))


async def signed(shelf: Shelf, multipart: MultipartId, *parts: PartToSign) -> Sequence[Signed]:
    return await shelf.multiparts.sign_parts(QUARANTINED, multipart, parts)


async def send(shelf: Shelf, multipart: MultipartId, number: int, body: bytes) -> int:
    [one] = await signed(shelf, multipart, part(number, body))
    return (await shelf.send("PUT", one, body)).status


async def all_of(found: AsyncIterator[T]) -> list[T]:
    return [each async for each in found]


async def test_what_was_put_is_there(shelf: Shelf, tmp_path: Path) -> None:
    """[OBJ-1] From memory or from a file, with its digest, its length and its type; nothing at all is an object too."""
    (tmp_path / "given").write_bytes(SMALL)
    sources: list[tuple[ObjectKey, Path | bytes, bytes]] = [
        (KEY, tmp_path / "given", SMALL),
        (OTHER, FIRST + LAST, FIRST + LAST),
        (ObjectKey(f"{KEY}/frames/0001"), b"", b""),
    ]
    for key, source, body in sources:
        done: list[int] = []
        assert await shelf.objects.head(key) is None
        assert await shelf.objects.put(key, source, "image/png", done.append) == sha256(body)
        head = await shelf.objects.head(key)
        assert head is not None
        assert (head.key, head.size, head.content_type) == (key, len(body), "image/png")
        assert done[-1:] in ([len(body)], [])
        fetched = await shelf.objects.fetch(key, tmp_path / "fetched", done.append)
        assert (tmp_path / "fetched").read_bytes() == body
        assert (fetched.size, fetched.sha256) == (len(body), sha256(body))
        assert not body or done[-1] == len(body)


async def test_what_is_fetched_is_digested_as_browsers_digest(shelf: Shelf, tmp_path: Path) -> None:
    """[OBJ-2] Part by part."""
    for number, parts in enumerate(([b""], [SMALL], [FIRST], [FIRST, LAST])):
        key = ObjectKey(f"media/a/{number}")
        body = b"".join(parts)
        await shelf.objects.put(key, body, "image/png")
        composite = sha256(b"".join(map(sha256, parts)))
        assert await shelf.objects.fetch(key, tmp_path / "fetched") == Fetched(len(body), sha256(body), composite)


async def test_nothing_is_written_over(shelf: Shelf, tmp_path: Path) -> None:
    """[OBJ-1] Not by another put, and of many at once exactly one writes."""
    await shelf.objects.put(KEY, SMALL, "image/png")
    with pytest.raises(Conflict):
        await shelf.objects.put(KEY, b"something else", "image/png")
    with pytest.raises(Conflict):
        await shelf.objects.put(KEY, SMALL, "image/png")
    await shelf.objects.fetch(KEY, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == SMALL

    many = [f"writer {number}".encode() for number in range(6)]
    outcomes = await asyncio.gather(
        *(shelf.objects.put(OTHER, body, "image/png") for body in many), return_exceptions=True
    )
    assert [isinstance(outcome, Conflict) for outcome in outcomes].count(False) == 1
    fetched = await shelf.objects.fetch(OTHER, tmp_path / "fetched")
    assert fetched.sha256 in outcomes


async def test_what_is_not_there_is_said_to_be_absent(shelf: Shelf, tmp_path: Path) -> None:
    """[OBJ-1]"""
    assert await shelf.objects.head(KEY) is None
    with pytest.raises(NotFound):
        await shelf.objects.fetch(KEY, tmp_path / "fetched")
    assert (await shelf.send("GET", shelf.objects.sign_get(KEY))).status == 404


async def test_a_key_is_no_place_for_words(shelf: Shelf) -> None:
    """[OBJ-3] Names of files, accents, blanks and ways out of a folder are refused before the store hears of them."""
    for text in (
        "media/Müller.jpg",
        "media/John Smith",
        "../etc",
        "media/../x",
        "/media",
        "media//x",
        "",
        "a" * 513,
        "a?b",
    ):
        with pytest.raises(ValueError, match="key"):
            await shelf.objects.put(ObjectKey(text), SMALL, "image/png")
        with pytest.raises(ValueError, match="key"):
            shelf.objects.sign_get(ObjectKey(text))


async def test_a_list_has_what_begins_so(shelf: Shelf) -> None:
    """[OBJ-4] In order, over more than one page of a real store; removal takes what it names and is not put out by
    what is gone."""
    keys = [ObjectKey(f"media/a/{number:04}") for number in range(1_005)]
    for start in range(0, len(keys), 201):
        await asyncio.gather(*(shelf.objects.put(key, b"x", "image/png") for key in keys[start : start + 201]))
    await shelf.objects.put(ObjectKey("media/b/0000"), SMALL, "image/png")
    listed = await all_of(shelf.objects.listed("media/a/"))
    assert [each.key for each in listed] == keys
    assert {each.size for each in listed} == {1}
    [last] = await all_of(shelf.objects.listed("media/b"))
    assert (last.key, last.size) == ("media/b/0000", len(SMALL))
    assert abs(last.at - listed[0].at) < 120_000
    await shelf.objects.remove(keys[1:])
    await shelf.objects.remove([*keys[1:3], keys[0]])
    await shelf.objects.remove([])
    assert await all_of(shelf.objects.listed("media/a/")) == []
    assert len(await all_of(shelf.objects.listed(""))) == 1


async def test_a_browser_fetches_by_a_signed_address(shelf: Shelf) -> None:
    """[OBJ-5] Whole, or a range of it as a video is watched; with the type and the name that were signed."""
    await shelf.objects.put(KEY, SMALL, "image/png")
    whole = shelf.objects.sign_get(KEY)
    answer = await shelf.send("GET", whole)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, SMALL, "image/png")
    answer = await shelf.send("GET", whole, headers={"range": "bytes=5-9"})
    assert (answer.status, answer.body) == (206, SMALL[5:10])
    answer = await shelf.send("GET", whole, headers={"range": f"bytes={len(SMALL) - 4}-"})
    assert (answer.status, answer.body) == (206, SMALL[-4:])
    assert (await shelf.send("GET", whole, headers={"range": "bytes=99999-"})).status == 416

    kept = shelf.objects.sign_get(KEY, content_type="application/octet-stream", download_as="photo 1.png")
    answer = await shelf.send("GET", kept)
    assert (answer.body, answer.headers["content-type"]) == (SMALL, "application/octet-stream")
    assert answer.headers["content-disposition"] == 'attachment; filename="photo 1.png"'


async def test_an_address_is_the_same_for_a_while(shelf: Shelf) -> None:
    """[OBJ-5] So that a browser need not fetch again what it has; it is good for at least half its life from now."""
    asked = [shelf.objects.sign_get(KEY) for _ in range(3)]
    assert len({each.url for each in asked}) <= 2  # a new one may have begun between
    assert shelf.objects.sign_get(OTHER).url not in {each.url for each in asked}


async def test_an_address_ends_with_its_time(shelf: Shelf) -> None:
    """[OBJ-5]"""
    await shelf.objects.put(KEY, SMALL, "image/png")
    multipart = await shelf.multiparts.begin(QUARANTINED)
    shelf.signed_at(seconds_ago=8 * 86_400)
    assert (await shelf.send("GET", shelf.objects.sign_get(KEY))).status == 403
    assert await send(shelf, multipart, 1, SMALL) == 403
    shelf.signed_at(seconds_ago=0)
    assert (await shelf.send("GET", shelf.objects.sign_get(KEY))).status == 200
    assert await send(shelf, multipart, 1, SMALL) == 200


async def test_an_address_is_good_for_what_was_signed_alone(shelf: Shelf) -> None:
    """[OBJ-5] Not for another method, another object or another part."""
    await shelf.objects.put(KEY, SMALL, "image/png")
    await shelf.objects.put(OTHER, SMALL, "image/png")
    get = shelf.objects.sign_get(KEY)
    for method in ("PUT", "DELETE"):
        assert (await shelf.send(method, get, b"forged")).status == 403
    moved = Signed(get.url.replace(KEY, OTHER), get.headers, get.expires_at)
    assert (await shelf.send("GET", moved)).status == 403
    multipart = await shelf.multiparts.begin(QUARANTINED)
    [one] = await signed(shelf, multipart, part(1, SMALL))
    other = Signed(one.url.replace("partNumber=1", "partNumber=2"), one.headers, one.expires_at)
    assert (await shelf.send("PUT", other, SMALL)).status == 403
    assert await shelf.multiparts.parts(QUARANTINED, multipart) == []
    head = await shelf.objects.head(KEY)
    assert head is not None
    assert head.size == len(SMALL)


async def test_parts_make_an_object_in_any_order(shelf: Shelf, tmp_path: Path) -> None:
    """[OBJ-6] Nothing is there before it is complete; asked again, complete says the same."""
    multipart = await shelf.multiparts.begin(QUARANTINED)
    assert await send(shelf, multipart, 2, LAST) == 200
    assert await send(shelf, multipart, 1, FIRST) == 200
    sent = await shelf.multiparts.parts(QUARANTINED, multipart)
    assert [(each.number, each.size) for each in sent] == [(1, len(FIRST)), (2, len(LAST))]
    assert all(each.sha256 in (None, sha256((FIRST, LAST)[each.number - 1])) for each in sent)
    assert await shelf.objects.head(QUARANTINED) is None
    size = len(FIRST + LAST)
    head = await shelf.multiparts.complete(QUARANTINED, multipart, size)
    assert (head.key, head.size) == (QUARANTINED, size)
    assert await shelf.multiparts.complete(QUARANTINED, multipart, size) == head
    fetched = await shelf.objects.fetch(QUARANTINED, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == FIRST + LAST
    assert fetched.composite == sha256(sha256(FIRST) + sha256(LAST))
    await shelf.multiparts.abort(QUARANTINED, multipart)
    assert await shelf.objects.head(QUARANTINED) == head


async def test_a_file_of_no_bytes_is_one_part(shelf: Shelf, tmp_path: Path) -> None:
    """[OBJ-6]"""
    multipart = await shelf.multiparts.begin(QUARANTINED)
    assert await send(shelf, multipart, 1, b"") == 200
    assert (await shelf.multiparts.complete(QUARANTINED, multipart, 0)).size == 0
    assert (await shelf.objects.fetch(QUARANTINED, tmp_path / "fetched")).sha256 == sha256(b"")


async def test_lies_about_length_and_digest_are_refused(shelf: Shelf) -> None:
    """[OBJ-7] A body that is longer, shorter or another than was signed leaves nothing."""
    multipart = await shelf.multiparts.begin(QUARANTINED)
    [one] = await signed(shelf, multipart, part(1, SMALL))
    for lie in (SMALL + b"!", SMALL[:-1], b"?" + SMALL[1:], b""):
        assert (await shelf.send("PUT", one, lie)).status in (400, 403)
    forged = dict.fromkeys(one.headers, "2jmj7l5rSw0yVb/vlWAYkK/YBwk=")
    assert (await shelf.send("PUT", one, SMALL, headers=forged)).status in (400, 403)
    assert one.headers
    bare = Signed(one.url, {}, one.expires_at)
    assert (await shelf.send("PUT", bare, SMALL)).status in (400, 403)
    assert await shelf.multiparts.parts(QUARANTINED, multipart) == []
    assert (await shelf.send("PUT", one, SMALL)).status == 200


async def test_a_part_may_be_sent_again(shelf: Shelf, tmp_path: Path) -> None:
    """[OBJ-6] After a lost answer it counts once. Where it was another's bytes one of both counts, whole."""
    multipart = await shelf.multiparts.begin(QUARANTINED)
    for body in (SMALL, SMALL):
        assert await send(shelf, multipart, 1, body) == 200
    [only] = await shelf.multiparts.parts(QUARANTINED, multipart)
    assert only.size == len(SMALL)
    assert await send(shelf, multipart, 1, LAST) == 200
    [only] = await shelf.multiparts.parts(QUARANTINED, multipart)
    await shelf.multiparts.complete(QUARANTINED, multipart, only.size)
    fetched = await shelf.objects.fetch(QUARANTINED, tmp_path / "fetched")
    assert (fetched.size, fetched.sha256) in [(len(body), sha256(body)) for body in (SMALL, LAST)]
    assert fetched.size == only.size


async def test_what_is_missing_is_not_passed_over(shelf: Shelf) -> None:
    """[OBJ-6] A gap, nothing at all, or another length: a conflict, after which the parts are still there."""
    multipart = await shelf.multiparts.begin(QUARANTINED)
    size = len(FIRST + LAST)
    with pytest.raises(Conflict):
        await shelf.multiparts.complete(QUARANTINED, multipart, size)
    assert await send(shelf, multipart, 2, LAST) == 200
    with pytest.raises(Conflict):
        await shelf.multiparts.complete(QUARANTINED, multipart, size)
    assert await send(shelf, multipart, 1, FIRST) == 200
    with pytest.raises(Conflict):
        await shelf.multiparts.complete(QUARANTINED, multipart, size + 1)
    assert await shelf.objects.head(QUARANTINED) is None
    assert (await shelf.multiparts.complete(QUARANTINED, multipart, size)).size == size
    with pytest.raises(Conflict):
        await shelf.multiparts.complete(QUARANTINED, multipart, size + 1)


async def test_parts_do_not_take_another_s_place(shelf: Shelf, tmp_path: Path) -> None:
    """[OBJ-1] Where an object stands, parts become none."""
    await shelf.objects.put(QUARANTINED, SMALL, "image/png")
    multipart = await shelf.multiparts.begin(QUARANTINED)
    assert await send(shelf, multipart, 1, LAST) == 200
    with pytest.raises(Conflict):
        await shelf.multiparts.complete(QUARANTINED, multipart, len(LAST))
    assert (await shelf.objects.fetch(QUARANTINED, tmp_path / "fetched")).sha256 == sha256(SMALL)


async def test_who_aborts_leaves_nothing(shelf: Shelf) -> None:
    """[OBJ-6] Twice is no harm; an address that was signed before is good for nothing afterwards."""
    multipart = await shelf.multiparts.begin(QUARANTINED)
    [again] = await signed(shelf, multipart, part(1, SMALL))
    assert (await shelf.send("PUT", again, SMALL)).status == 200
    await shelf.multiparts.abort(QUARANTINED, multipart)
    await shelf.multiparts.abort(QUARANTINED, multipart)
    assert (await shelf.send("PUT", again, SMALL)).status == 404
    for asked in (
        shelf.multiparts.parts(QUARANTINED, multipart),
        shelf.multiparts.complete(QUARANTINED, multipart, len(SMALL)),
    ):
        with pytest.raises(NotFound):
            await asked
    assert await all_of(shelf.multiparts.unfinished(END_OF_TIME)) == []


async def test_what_was_left_unfinished_is_found(shelf: Shelf) -> None:
    """[OBJ-4] By its age; what was completed or aborted is not."""
    left = [
        (ObjectKey(f"quarantine/a/{n}"), await shelf.multiparts.begin(ObjectKey(f"quarantine/a/{n}"))) for n in "xyz"
    ]
    done = await shelf.multiparts.begin(QUARANTINED)
    assert await send(shelf, done, 1, SMALL) == 200
    await shelf.multiparts.complete(QUARANTINED, done, len(SMALL))
    assert sorted(await all_of(shelf.multiparts.unfinished(END_OF_TIME))) == sorted(left)
    assert await all_of(shelf.multiparts.unfinished(Millis(0))) == []
    for key, multipart in left:
        await shelf.multiparts.abort(key, multipart)
    assert await all_of(shelf.multiparts.unfinished(END_OF_TIME)) == []
