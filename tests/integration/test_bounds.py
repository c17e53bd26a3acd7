"""Every bound with its setting: what it stops, what the client is told, and that the others go on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, closing

import psutil
import pytest

from storage.stores import open_stores
from tests.integration import lib0
from tests.integration.conftest import House, MakeHouse
from tests.integration.raw import RawSocket, open_collab, open_raw, open_yjs
from tests.integration.yclient import YClient, read_fresh
from tests.servers import RunningServer, wait_until
from workspace.entries import Append
from workspace.ids import Millis, OpId, PersonId, UpdateBytes, parse_document_id

MIB = 1024 * 1024
SETTINGS = {
    "CONSILIUM_MAX_FRAME_BYTES": "65536",
    "CONSILIUM_MAX_UPDATE_BYTES": "32768",
    "CONSILIUM_MAX_DOCUMENT_BYTES": "131072",
    "CONSILIUM_MAX_AWARENESS_BYTES": "1024",
    "CONSILIUM_MAX_FRAMES_PER_SECOND": "50",
    "CONSILIUM_FRAME_BURST": "100",
    "CONSILIUM_MAX_SESSIONS_PER_ROOM": "4",
    "CONSILIUM_MAX_SESSIONS_PER_PERSON": "3",
    "CONSILIUM_MAX_DOCUMENTS_PER_SOCKET": "3",
    "CONSILIUM_MAX_UNSIGNED_BYTES": "4096",
    "CONSILIUM_MAX_UNSIGNED_MESSAGES": "10",
    "CONSILIUM_HELLO_SECONDS": "0.5",
    "CONSILIUM_AWARENESS_SECONDS": "1.5",
    "CONSILIUM_IDLE_ROOM_SECONDS": "0.2",
    "CONSILIUM_COMPACT_EVERY": "20",
}
CLIENT = 7
QUERY_AWARENESS = b"\x03"
Connect = Callable[..., Awaitable[RawSocket]]
WIRES: tuple[Connect, ...] = (open_yjs, open_collab)


@pytest.fixture(scope="module")
def house(make_house: MakeHouse) -> House:
    """A server where everything is scarce."""
    return make_house(SETTINGS)


def _of_size(size: int, clock: int = 0) -> bytes:
    """An update message of exactly so many bytes of update."""
    spare = len(lib0.insertion(CLIENT, clock, "x" * size)) - size
    data = lib0.insertion(CLIENT, clock, "x" * (size - spare))
    data = lib0.insertion(CLIENT, clock, "x" * (size - spare + size - len(data)))
    assert len(data) == size
    return lib0.update(data)


@pytest.mark.parametrize("connect", WIRES)
async def test_a_frame_over_its_bound_closes_the_socket(connect: Connect, house: House) -> None:
    """[ROOM-9] CONSILIUM_MAX_FRAME_BYTES: 1009."""
    server, people = house
    async with await connect(server, people.lead, people.open_case(server)) as raw:
        await raw.frame(bytes(65537))
        assert await raw.closed() == 1009


async def test_an_update_over_its_bound_is_refused(house: House) -> None:
    """[ROOM-9] CONSILIUM_MAX_UPDATE_BYTES: told on Hocuspocus, 1009 where there is no word for it."""
    server, people = house
    case = people.open_case(server)
    async with await open_collab(server, people.lead, case) as raw:
        await raw.say(_of_size(32769))
        await raw.heard(b'"reason":"update-too-large"')
        assert any(frame.endswith(b"\x08\x00") for frame in raw.frames)
        await raw.say(_of_size(32768))
        await raw.heard(b"\x08\x01")
    async with await open_yjs(server, people.lead, case) as raw:
        await raw.say(_of_size(32769))
        assert await raw.closed() == 1009
    assert [entry["bytes"] for entry in server.history(people.lead, case)] == [32768]


async def test_a_full_document_takes_no_more_and_can_be_read(house: House) -> None:
    """[ROOM-9] CONSILIUM_MAX_DOCUMENT_BYTES: told on Hocuspocus, 1009 where there is no word for it."""
    server, people = house
    case = people.open_case(server)
    async with await open_collab(server, people.lead, case) as raw:
        for number in range(4):
            await raw.say(_of_size(32000, clock=number * 40_000))
            await raw.heard(b"\x08\x01")
        await raw.say(_of_size(32000, clock=200_000))
        await raw.heard(b'"reason":"document-full"')
    async with await open_yjs(server, people.lead, case) as raw:
        await raw.say(lib0.step_1(b"\x00"))
        assert len(await raw.heard(b"x" * 1000)) > 1000
        await raw.say(_of_size(32000, clock=200_000))
        assert await raw.closed() == 1009
    assert len(server.history(people.lead, case)) == 4


@pytest.mark.parametrize("connect", WIRES)
async def test_an_awareness_state_over_its_bound_closes_the_socket(connect: Connect, house: House) -> None:
    """[ROOM-9] [AWR-4] CONSILIUM_MAX_AWARENESS_BYTES: 4400."""
    server, people = house
    async with await connect(server, people.lead, people.open_case(server)) as raw:
        await raw.say(lib0.awareness(CLIENT, 1, '{"s":"' + "x" * 1100 + '"}'))
        assert await raw.closed() == 4400


@pytest.mark.parametrize("connect", WIRES)
async def test_more_frames_than_a_person_can_make_close_the_socket(connect: Connect, house: House) -> None:
    """[ROOM-9] CONSILIUM_MAX_FRAMES_PER_SECOND, CONSILIUM_FRAME_BURST: 4429, and not before the burst is used up."""
    server, people = house
    async with await connect(server, people.lead, people.open_case(server)) as raw:
        for _ in range(90):
            await raw.say(QUERY_AWARENESS)
        await raw.say(lib0.step_1(b"\x00"))
        await raw.heard(b"\x00\x01\x02\x00\x00")
        for _ in range(400):
            await raw.say(QUERY_AWARENESS)
        assert await raw.closed() == 4429


async def test_one_person_has_so_many_sessions(house: House) -> None:
    """[ROOM-9] CONSILIUM_MAX_SESSIONS_PER_PERSON: 4429, and a place is free again when one leaves."""
    server, people = house
    case = people.open_case(server)
    async with AsyncExitStack() as open_sockets:
        raws = [await open_sockets.enter_async_context(await open_yjs(server, people.lead, case)) for _ in range(3)]
        async with await open_yjs(server, people.lead, case) as fourth:
            assert await fourth.closed() == 4429
        async with await open_raw(server, "/collab", document=f"{case}/record") as fourth:
            await fourth.say(lib0.token(people.lead.token))
            assert await fourth.closed() == 4429
        for raw in raws:
            await raw.say(QUERY_AWARENESS + lib0.step_1(b"\x00"))
            await raw.heard(b"\x00\x01")
        raws[0].writer.transport.abort()
        await _seat_becomes_free(server, case, people.lead.token)


async def _seat_becomes_free(server: RunningServer, case: str, token: str) -> None:
    async with asyncio.timeout(5):
        while True:
            async with await open_raw(server, "/collab", document=f"{case}/record") as raw:
                await raw.say(lib0.token(token))
                try:
                    await raw.heard(b"read")
                except ConnectionError:
                    continue
                return


async def test_one_room_has_so_many_sessions(house: House) -> None:
    """[ROOM-9] CONSILIUM_MAX_SESSIONS_PER_ROOM: 4429; other rooms are open."""
    server, people = house
    case = people.open_case(server)
    async with AsyncExitStack() as open_sockets:
        for person in (people.lead, people.lead, people.contributor, people.observer):
            await open_sockets.enter_async_context(await open_yjs(server, person, case))
        async with await open_yjs(server, people.consultant, case) as fifth:
            assert await fifth.closed() == 4429
        async with await open_yjs(server, people.consultant, case, "discussion") as elsewhere:
            await elsewhere.say(lib0.step_1(b"\x00"))
            await elsewhere.heard(b"\x00\x01")


async def test_one_socket_has_so_many_documents(house: House) -> None:
    """[ROOM-9] CONSILIUM_MAX_DOCUMENTS_PER_SOCKET: 4429; one that was left counts no more."""
    server, people = house
    case = people.open_case(server)
    token = lib0.token(people.contributor.token)
    async with await open_raw(server, "/collab") as raw:
        for session in ("a", "b", "c"):
            await raw.frame(lib0.addressed(f"{case}/record\0{session}", token))
            await raw.heard(b"read-write")
        await raw.frame(lib0.addressed(f"{case}/record\0a", b"\x07"))
        await raw.heard(b"provider_initiated")
        await raw.frame(lib0.addressed(f"{case}/record\0d", token))
        await raw.heard(b"read-write")
        await raw.frame(lib0.addressed(f"{case}/record\0e", token))
        assert await raw.closed() == 4429


async def test_what_waits_before_sign_in_is_bounded(house: House) -> None:
    """[ROOM-9] [WIRE-8] CONSILIUM_MAX_UNSIGNED_BYTES: 1009; CONSILIUM_MAX_UNSIGNED_MESSAGES: 4429."""
    server, people = house
    case = people.open_case(server)
    async with await open_raw(server, "/collab", document=f"{case}/record") as raw:
        await raw.say(lib0.update(bytes(5000)))
        assert await raw.closed() == 1009
    async with await open_raw(server, "/collab", document=f"{case}/record") as raw:
        for _ in range(11):
            await raw.say(QUERY_AWARENESS)
        assert await raw.closed() == 4429


async def test_what_waited_before_sign_in_is_heard_in_order(house: House) -> None:
    """[WIRE-8]"""
    server, people = house
    case = people.open_case(server)
    async with await open_raw(server, "/collab", document=f"{case}/record") as raw:
        await raw.say(lib0.update(lib0.insertion(CLIENT, 0, "one")))
        await raw.say(lib0.update(lib0.insertion(CLIENT, 3, "two", after=2)))
        assert server.history(people.lead, case) == []
        await raw.say(lib0.token(people.lead.token))
        await raw.heard(b"\x08\x01")
        await raw.heard(b"\x08\x01")
    assert len(server.history(people.lead, case)) == 2


async def test_who_does_not_say_what_they_came_for_is_closed(house: House) -> None:
    """[ROOM-9] CONSILIUM_HELLO_SECONDS: 4408. Pongs and awareness are no answer to the question."""
    server, people = house
    case = people.open_case(server)
    async with await open_raw(server, "/collab") as raw:
        await raw.frame(b"\x0a")
        assert await raw.closed() == 4408
    async with await open_yjs(server, people.lead, case) as raw:
        await raw.say(lib0.awareness(CLIENT, 1, "{}"))
        assert await raw.closed() == 4408
    async with await open_yjs(server, people.lead, case) as raw:
        await raw.say(lib0.step_1(b"\x00"))
        with pytest.raises(TimeoutError):
            await raw.closed(seconds=1)


async def test_an_awareness_state_that_is_not_renewed_dies(house: House) -> None:
    """[AWR-3] CONSILIUM_AWARENESS_SECONDS; a renewed one lives on."""
    server, people = house
    case = people.open_case(server)
    async with await open_yjs(server, people.lead, case) as watcher, await open_yjs(server, people.lead, case) as other:
        await watcher.say(lib0.step_1(b"\x00"))
        await other.say(lib0.step_1(b"\x00"))
        await other.say(lib0.awareness(CLIENT, 1, '{"n":1}'))
        await watcher.heard(b'"n":1')
        await other.say(lib0.awareness(CLIENT, 2, '{"n":2}'))
        await watcher.heard(b'"n":2')
        await watcher.heard(b"\x07\x02\x04null")


async def test_a_room_without_sessions_is_unloaded(house: House) -> None:
    """[ROOM-11] [JRN-12] CONSILIUM_IDLE_ROOM_SECONDS. Its next opening finds an entry that it was never told of."""
    server, people = house
    case = people.open_case(server)
    author = YClient(server, people.lead, case)
    async with author.connected():
        for number in range(5):
            await author.write(f"word {number}")
        await author.until_saved()
    wait_until(lambda: _snapshots(server, case) == 1, seconds=10, what="the snapshot that comes before unloading")
    aside = author.doc.get_state()
    author.words.append("from aside")
    async with open_stores(server.data / "consilium.sqlite3") as stores:
        update = UpdateBytes(author.doc.get_update(aside))
        document = parse_document_id(case, "record")
        await stores.journal.append(
            [Append(OpId(bytes(16)), document, update, PersonId(people.lead.id), frozenset(), Millis(1))]
        )
    for _ in range(8):
        await asyncio.sleep(2.5)  # longer than the idle time and a tick: each look brings the room back
        if "from aside" in await read_fresh(server, people.observer, case):
            return
    pytest.fail("the room was never unloaded")


def _snapshots(server: RunningServer, case: str) -> int:
    query = "SELECT count(*) FROM snapshots JOIN documents ON documents.id = document WHERE case_id = ?"
    with closing(sqlite3.connect(f"file:{server.data / 'consilium.sqlite3'}?mode=ro", uri=True)) as database:
        (count,) = database.execute(query, (case,)).fetchone()
        return int(count)


async def test_a_long_journal_is_compacted_while_people_write(house: House) -> None:
    """[JRN-13] [JRN-8] CONSILIUM_COMPACT_EVERY; who comes later finds everything once, and history stands whole."""
    server, people = house
    case = people.open_case(server)
    author = YClient(server, people.lead, case)
    async with author.connected():
        for number in range(45):
            await author.write(f"word {number}")
        await author.until_saved()
        wait_until(lambda: _snapshots(server, case) >= 1, seconds=10, what="a snapshot")
        assert await read_fresh(server, people.observer, case) == author.made
    assert len(server.history(people.lead, case)) == 45


async def test_the_memory_of_rooms_that_were_left_comes_back(make_house: MakeHouse) -> None:
    """[ROOM-11] A hundred and twenty documents of a megabyte, twenty at once: what they took is given back to the
    system. (What the allocator alone keeps of one such round is 70 to 90 MiB, measured.)"""
    server, people = make_house({"CONSILIUM_IDLE_ROOM_SECONDS": "0.2"})
    process = psutil.Process(server.process.pid)

    def size() -> int:
        return int(process.memory_info().rss)

    async def write_one() -> None:
        author = YClient(server, people.lead, people.open_case(server))
        async with author.connected():
            await author.write("x" * MIB)
            await author.until_saved()

    before = size()
    for _ in range(6):
        async with asyncio.TaskGroup() as tasks:
            for _ in range(20):
                tasks.create_task(write_one())
        wait_until(lambda: size() < before + 55 * MIB, seconds=20, what=lambda: f"{size()} to come back to {before}")
