"""What a hostile client can say or not say, while two people in the same room write on and notice nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import psutil
import pytest

from tests.integration import lib0
from tests.integration.conftest import House, MakeHouse
from tests.integration.innocents import MARKER, undisturbed
from tests.integration.raw import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    RawSocket,
    hundreds,
    open_collab,
    open_raw,
    open_yjs,
    request,
)
from tests.integration.yclient import YClient
from tests.servers import wait_until

MIB = 1024 * 1024
SETTINGS = {
    "CONSILIUM_MAX_FRAME_BYTES": "262144",
    "CONSILIUM_MAX_UPDATE_BYTES": "131072",
    "CONSILIUM_MAX_OUTBOX_BYTES": "524288",
    "CONSILIUM_MAX_MISSING_UPDATES": "50",
    "CONSILIUM_MAX_DOCUMENTS_PER_SOCKET": "20",
    "CONSILIUM_MAX_UNSIGNED_MESSAGES": "100",
    "CONSILIUM_HELLO_SECONDS": "1",
}
ATTACKER = 666
"""A client id."""
DEEP = 50_000


def struct(content: bytes, *, client: int = ATTACKER) -> bytes:
    """An update of one struct at the start of the text `t`; `content` begins with its kind."""
    return b"\x01\x01" + lib0.var_uint(client) + b"\x00" + content[:1] + b"\x01\x01t" + content[1:] + b"\x00"


UPDATES = {
    "bytes left over": lib0.insertion(ATTACKER, 0, MARKER) + b"\x00",
    "invalid UTF-8": struct(b"\x04\x02\xff\xfe"),
    "arrays 50,000 deep": struct(b"\x08\x01" + b"\x75\x01" * DEEP + b"\x7e"),
    "JSON 50,000 deep": struct(b"\x05" + lib0.var_bytes(b"[" * DEEP + b"]" * DEEP)),
    "a clock beyond 2^31": lib0.insertion(ATTACKER, 2**31 + 5, MARKER),
    "a client beyond 2^53": lib0.insertion(2**60, 0, MARKER),
    "2^40 structs": b"\x01" + lib0.var_uint(2**40) + b"\x07\x00",
    "2^40 deletions": b"\x00\x01\x07" + lib0.var_uint(2**40),
    "a deletion of 2^60": b"\x00\x01\x07\x01\x00" + lib0.var_uint(2**60),
    "an unknown content": struct(b"\x0f\x01"),
}
"""None of them is a Yjs update, and most of them kill or stall a naive reader."""

MESSAGES = {
    "nothing": b"",
    "a sync message of unknown kind": b"\x00\x07\x00",
    "an update cut off": b"\x00\x02\x20" + MARKER.encode()[:10],
    "a length that lies": b"\x00\x02" + lib0.var_uint(2**40) + b"abc",
    "an endless number": b"\x00\x02" + b"\xff" * 40,
    "a state vector of 2^60": lib0.step_1(lib0.var_uint(2**60)),
    "a state vector cut off": lib0.step_1(b"\x05\x01\x01"),
    "a state vector of huge numbers": lib0.step_1(b"\x01" + b"\xff" * 9 + b"\x01\x00"),
    "awareness of 2^40 clients": b"\x01" + lib0.var_bytes(lib0.var_uint(2**40)),
    "awareness 8,000 deep": lib0.awareness(ATTACKER, 1, '{"a":' + "[" * 8000 + "]" * 8000 + "}"),
    "awareness that is no JSON": lib0.awareness(ATTACKER, 1, MARKER),
    **{f"an update of {name}": lib0.update(data) for name, data in UPDATES.items()},
    **{f"a first answer of {name}": lib0.step_2(data) for name, data in UPDATES.items()},
}

ENVELOPES = {
    "no address": b"",
    "an address cut off": b"\x20abc",
    "an address that is not UTF-8": b"\x02\xff\xfe\x03",
    "an address of 5,000 bytes": lib0.var_bytes(b"x" * 5000) + b"\x03",
    "a message for servers only": lib0.addressed("x", b"\x06" + lib0.var_bytes(MARKER.encode())),
    "a status, which is ours to say": lib0.addressed("x", b"\x08\x01"),
    "a sign-in that is none": lib0.addressed("x", b"\x02\x07"),
}

Say = Callable[[RawSocket], Awaitable[None]]

FRAMES: dict[str, tuple[Say, int]] = {
    "a text frame": (lambda raw: raw.frame(MARKER.encode(), opcode=TEXT), 4400),
    "a text frame that is not UTF-8": (lambda raw: raw.frame(b"\xff\xfe", opcode=TEXT), 4400),
    "a compressed frame": (lambda raw: raw.frame(b"\xcaH\xcd\xc9" * 1000, reserved=4), 1002),
    "a frame of an unknown kind": (lambda raw: raw.frame(b"", opcode=3), 1002),
    "a frame without a mask": (lambda raw: raw.put(b"\x82\x03abc"), 1002),
    "a ping of 126 bytes": (lambda raw: raw.frame(bytes(126), opcode=PING), 1002),
    "a close of one byte": (lambda raw: raw.frame(b"x", opcode=CLOSE), 1002),
    "a continuation of nothing": (lambda raw: raw.frame(b"x", opcode=CONTINUATION), 1002),
    "a frame that announces 2^40 bytes": (lambda raw: raw.frame(b"x", length=2**40), 1009),
    "a frame over the bound": (lambda raw: raw.frame(bytes(262145)), 1009),
    "pieces that add up to more than the bound": (lambda raw: _pieces(raw, 9, 32768), 1009),
}


async def _pieces(raw: RawSocket, count: int, size: int) -> None:
    for number in range(count):
        await raw.frame(bytes(size), opcode=CONTINUATION if number else BINARY, is_final=False)


@pytest.fixture(scope="module")
def house(make_house: MakeHouse) -> House:
    """A server with tight bounds."""
    return make_house(SETTINGS)


@pytest.fixture(autouse=True)
def calm(house: House) -> Iterator[None]:
    """After each test the process is alive, and its log tells of no content, no traceback and no credential."""
    server, people = house
    before = len(server.log())
    yield
    assert server.is_alive
    assert server.get("/readyz").status == 200
    log = server.log()[before:]
    assert MARKER not in log
    assert "Traceback" not in log
    assert '"level": "error"' not in log
    assert people.contributor.token not in log


@pytest.mark.parametrize("name", MESSAGES)
async def test_a_message_that_cannot_be_read_closes_its_socket_alone(name: str, house: House) -> None:
    """[WIRE-2] [WIRE-4] [WIRE-5] [AWR-4] On both wires, with 4400."""
    server, people = house
    case = people.open_case(server)
    async with undisturbed(server, people, case):
        for connect in (open_yjs, open_collab):
            async with await connect(server, people.contributor, case) as attacker:
                if attacker.document is not None and not MESSAGES[name]:
                    continue  # behind an address, nothing is a message cut off, which is below
                await attacker.say(MESSAGES[name])
                assert await attacker.closed() == 4400


@pytest.mark.parametrize("name", ENVELOPES)
async def test_an_envelope_that_cannot_be_read_closes_its_socket(name: str, house: House) -> None:
    """[WIRE-2] Before any sign-in."""
    server, people = house
    async with undisturbed(server, people, people.open_case(server)), await open_raw(server, "/collab") as attacker:
        await attacker.frame(ENVELOPES[name])
        assert await attacker.closed() == 4400


@pytest.mark.parametrize("name", FRAMES)
async def test_a_frame_against_the_rules_closes_its_socket_alone(name: str, house: House) -> None:
    """[WIRE-2] [ROOM-9] RFC 6455; no compression is ever agreed on, so there is nothing to inflate."""
    server, people = house
    case = people.open_case(server)
    say, code = FRAMES[name]
    async with undisturbed(server, people, case), await open_yjs(server, people.contributor, case) as attacker:
        await say(attacker)
        assert await attacker.closed() == code


async def test_a_frame_in_pieces_is_one_frame(house: House) -> None:
    """[WIRE-2] Also with a ping in between, and with empty pieces."""
    server, people = house
    case = people.open_case(server)
    async with await open_yjs(server, people.lead, case) as raw:
        message = lib0.update(lib0.insertion(7, 0, "whole"))
        await raw.frame(message[:3], is_final=False)
        await raw.frame(b"", opcode=CONTINUATION, is_final=False)
        await raw.frame(b"", opcode=PING)
        await raw.frame(message[3:], opcode=CONTINUATION)
        await raw.heard(b"\x64\x01")
    assert len(server.history(people.lead, case)) == 1


async def test_messages_of_unknown_type_are_passed_over(house: House) -> None:
    """[WIRE-3] What a newer client may say closes nothing."""
    server, people = house
    case = people.open_case(server)
    async with undisturbed(server, people, case):
        for connect in (open_yjs, open_collab):
            async with await connect(server, people.contributor, case) as newer:
                await newer.say(b"\x63" + lib0.var_bytes(MARKER.encode()))
                await newer.say(lib0.step_1(b"\x00"))
                await newer.heard(b"\x00\x01")


async def test_random_and_mutated_frames_close_at_most_their_own_socket(house: House) -> None:
    """[WIRE-2] [WIRE-4] From a reader, so that a mutant that happens to be an edit is refused as well."""
    server, people = house
    case = people.open_case(server)
    chance = random.Random(1)
    seeds = [lib0.update(lib0.insertion(ATTACKER, 0, MARKER)), *MESSAGES.values()]
    closed = 0
    async with undisturbed(server, people, case):
        for _ in range(150):
            async with await open_yjs(server, people.observer, case) as attacker:
                for _ in range(3):
                    await attacker.frame(_mutate(chance, chance.choice(seeds)))
                await attacker.say(lib0.step_1(b"\x00") + b"\x00\x07")
                closed += await attacker.closed() == 4400
    assert closed == 150


def _mutate(chance: random.Random, seed: bytes) -> bytes:
    data = bytearray(seed[:2000])
    for _ in range(chance.randint(0, 6)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data[: chance.randint(0, len(data))] + chance.randbytes(chance.randint(0, 8)))


async def test_another_persons_client_id_is_refused(house: House) -> None:
    """[ROOM-5] [JRN-6] y-websocket has no word for it and is closed; Hocuspocus is told, and stays."""
    server, people = house
    case = people.open_case(server)
    async with undisturbed(server, people, case) as victim:
        await victim.until(lambda: victim.made != [], "something to be written")
        stolen = lib0.update(lib0.insertion(victim.doc.client_id, 2**20, MARKER))
        async with await open_yjs(server, people.contributor, case) as attacker:
            await attacker.say(stolen)
            assert await attacker.closed() == 4403
        async with await open_collab(server, people.contributor, case) as attacker:
            await attacker.say(stolen)
            await attacker.heard(b'"reason":"foreign-client"')
            await attacker.say(lib0.step_1(b"\x00"))
            await attacker.heard(b"\x00\x01")


async def test_a_flood_of_edits_without_predecessors_is_stopped(house: House) -> None:
    """[ROOM-6] What came is kept, the gap is asked for once, and there is a bound."""
    server, people = house
    case = people.open_case(server)
    async with await open_yjs(server, people.contributor, case, "discussion") as attacker:
        for number in range(200):
            await attacker.say(lib0.update(lib0.insertion(ATTACKER, 10 + 2 * number, "x", after=9 + 2 * number)))
        assert await attacker.closed() == 4400
        asked = [frame for frame in attacker.frames if frame[:2] == b"\x00\x00"]
        assert len(asked) == 2  # in the greeting, and for the gap
    stored = len(server.history(people.lead, case, "discussion"))
    assert 51 <= stored <= 200


async def test_a_flood_of_frames_is_stopped(house: House) -> None:
    """[ROOM-9] 4429; the room goes on at its own pace."""
    server, people = house
    case = people.open_case(server)
    async with undisturbed(server, people, case):
        for connect in (open_yjs, open_collab):
            async with await connect(server, people.contributor, case) as attacker:
                for _ in range(5000):
                    await attacker.say(b"\x03")
                assert await attacker.closed() == 4429


async def test_documents_that_are_not_there_are_denied_one_by_one(house: House) -> None:
    """[ROOM-9] [ROOM-13] [PER-1] And there is a bound on how many a socket may wait for."""
    server, people = house
    case = people.open_case(server)
    async with undisturbed(server, people, case), await open_raw(server, "/collab") as attacker:
        for number in range(15):
            await attacker.frame(lib0.addressed(f"{case}/{MARKER}{number}", lib0.token(people.contributor.token)))
            await attacker.heard(b"not-found")
        for number in range(21):
            await attacker.frame(lib0.addressed(f"{case}/{MARKER}{number}", b"\x03"))
        assert await attacker.closed() == 4429


async def test_who_says_nothing_is_closed(house: House) -> None:
    """[ROOM-9] 4408 after the hello timeout, on both wires."""
    server, people = house
    case = people.open_case(server)
    async with undisturbed(server, people, case):
        async with await open_raw(server, "/collab") as attacker:
            assert await attacker.closed() == 4408
        async with await open_yjs(server, people.contributor, case) as attacker:
            assert await attacker.closed() == 4408


@pytest.mark.parametrize("opening", [b"", b"GET /livez HT", b"GET /livez HTTP/1.1\r\nHost: x\r\n", b"\r\n"])
async def test_a_connection_without_a_whole_request_is_closed(opening: bytes, house: House) -> None:
    """[ROOM-9] CONSILIUM_HELLO_SECONDS, also for a second request on the same connection."""
    server, _ = house
    for before in (b"", b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(before)
        if before:
            assert b"alive" in await reader.readuntil(b"}")
        writer.write(opening)
        async with asyncio.timeout(4):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_who_never_reads_is_closed_and_costs_little(house: House) -> None:
    """[ROOM-9] 1013, while the others go on; what waits for a slow reader is bounded."""
    server, people = house
    case = people.open_case(server)
    process = psutil.Process(server.process.pid)
    async with undisturbed(server, people, case):
        author = YClient(server, people.lead, case, "discussion")
        async with AsyncExitStack() as open_sockets:
            await open_sockets.enter_async_context(author.connected())
            slow = []
            for _ in range(5):
                raw = await open_yjs(server, people.contributor, case, "discussion", receive_buffer=4096)
                slow.append(await open_sockets.enter_async_context(raw))
                await raw.say(lib0.step_1(b"\x00"))
            before = process.memory_info().rss
            for number in range(100):
                await author.write(f"{MARKER} {number} {'x' * 100_000}")
            await author.until_saved()
            assert (
                process.memory_info().rss - before < 80 * MIB
            )  # 10 MiB of document and 5 outboxes, not 5 × 10 MiB more
            codes = await asyncio.gather(*(raw.closed() for raw in slow))
            assert set(codes) <= {1013, 1006}
            assert 1013 in codes
            assert author.is_open


async def test_what_hostile_clients_took_comes_back(house: House) -> None:
    """[ROOM-9] [LOG-1] File descriptors and memory; and the log has at most one line of each of a thousand."""
    server, people = house
    case = people.open_case(server)
    process = psutil.Process(server.process.pid)
    await _storm(house, case)  # a first time, for what is allocated once
    descriptors, memory, lines = process.num_fds(), process.memory_info().rss, server.log().count("\n")
    async with undisturbed(server, people, case):
        await _storm(house, case)
    wait_until(lambda: process.num_fds() <= descriptors + 3, seconds=10, what="the descriptors to come back")
    assert process.memory_info().rss - memory < 30 * MIB
    assert server.log().count("\n") - lines < 600


async def _storm(house: House, case: str) -> None:
    """Two hundred that are refused, a hundred that break off in the middle, and seven hundred that never get so far."""
    server, people = house
    for message in list(MESSAGES.values())[1:11] * 10:
        async with await open_yjs(server, people.contributor, case) as attacker:
            await attacker.say(message)
            await attacker.closed()
        async with await open_yjs(server, people.contributor, case) as attacker:
            await attacker.frame(message, length=10_000)
            attacker.writer.transport.abort()
        async with await open_raw(server, f"/yjs/{case}/{MARKER}?ticket={MARKER}") as attacker:
            assert await attacker.closed() in (4401, 4404)
    handshake = request(f"/yjs/{case}/record?ticket={MARKER}")
    for opening in (b"", b"G", handshake[:30], handshake[:-2], handshake, b"\x16\x03\x01\x02\x00", b"\r\n" * 50):
        async with hundreds(server, 100, opening):
            pass


async def test_tickets_and_tokens_are_not_in_the_log(house: House) -> None:
    """[ERR-2] Neither when they are good, nor when they are not, nor in an address that leads nowhere."""
    server, people = house
    case = people.open_case(server)
    before = len(server.log())
    ticket = server.ticket(people.lead)
    for path in (
        f"/yjs/{case}/record?ticket={ticket}",
        f"/yjs/{case}/record?ticket={ticket}",
        f"/nowhere?ticket={ticket}",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request(path))
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
    server.get(f"/nowhere?ticket={ticket}")
    server.get(f"/api/cases/{ticket}", people.lead.token)
    log = server.log()[before:]
    assert ticket.partition(".")[0] not in log
    assert people.lead.token not in log
