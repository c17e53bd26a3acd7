"""The balancer before nodes that answer, drain, freeze, die and talk nonsense; all of it on real sockets."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from socket import SO_LINGER, SOL_SOCKET, socket

import pytest

from server.cluster.balancer import SILENT_LOOKS, Balancer, Node, Patience, open_balancer

PATIENCE = 10.0
LARGE = 3_000_000
"""More bytes than the sockets between both ends hold."""


class House:
    """A node of a few lines: it says how it is, and to everybody else its name, and then what they said."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.statuses: dict[str, bytes] = {"/livez": b"HTTP/1.1 200 OK\r\n\r\n", "/readyz": b"HTTP/1.1 200 OK\r\n\r\n"}
        self.looked = asyncio.Event()
        self.writers: list[asyncio.StreamWriter] = []
        self.server: asyncio.Server | None = None
        self.node = Node(name, "127.0.0.1", 0)

    async def open(self) -> None:
        """Listen, on the same port as before."""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.node.port)
        self.node.port = self.server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Take nobody any more; who is there stays."""
        assert self.server is not None
        self.server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readline()
        with suppress(OSError):
            for path, answer in self.statuses.items():
                if first.startswith(f"GET {path} ".encode()):
                    self.looked.set()
                    writer.write(answer)
                    writer.close()
                    return
            self.writers.append(writer)
            writer.write(f"{self.name}:".encode() + first)
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            writer.write(b"bye")
            writer.close()


@asynccontextmanager
async def balanced(*nodes: Node, patience: Patience | None = None) -> AsyncIterator[tuple[Balancer, int]]:
    """A balancer before these, and its port."""
    bound = socket()
    bound.bind(("127.0.0.1", 0))
    async with open_balancer(bound, nodes, patience=patience) as balancer:
        yield balancer, bound.getsockname()[1]
    bound.close()


@pytest.fixture
async def houses() -> AsyncIterator[tuple[House, House]]:
    """Two that answer."""
    pair = House("one"), House("two")
    for house in pair:
        await house.open()
    yield pair
    for house in pair:
        house.close()
        for writer in house.writers:
            writer.close()


async def until(condition: Callable[[], bool]) -> None:
    """Look until it holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  (what is looked at happens in the balancer's own time)
            await asyncio.sleep(0.01)


class Visit:
    """A client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def hello(self) -> str:
        """Who took us in."""
        self.writer.write(b"hello\n")
        async with asyncio.timeout(PATIENCE):
            name = await self.reader.readuntil(b":")
            assert await self.reader.readline() == b"hello\n"
        return name[:-1].decode()

    async def rest(self) -> bytes:
        """All that comes until the end."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()


Come = Callable[[int], Awaitable[Visit]]


@pytest.fixture
async def visit() -> AsyncIterator[Come]:
    """Connects to a port; everybody leaves at the end."""
    visits: list[Visit] = []

    async def come(port: int) -> Visit:
        visits.append(Visit(*await asyncio.open_connection("127.0.0.1", port)))
        return visits[-1]

    yield come
    for each in visits:
        each.writer.close()


async def test_people_are_spread_and_every_byte_arrives(visit: Come, houses: tuple[House, House]) -> None:
    """[NODE-11] To the node with the fewest connections; both ways, more than the sockets hold, without any change."""
    one, two = houses
    async with balanced(one.node, two.node) as (_, port):
        await until(lambda: one.node.is_ready and two.node.is_ready)
        visits = [await visit(port) for _ in range(6)]
        assert sorted([await each.hello() for each in visits]) == ["one"] * 3 + ["two"] * 3
        data = bytes(range(256)) * (LARGE // 256)
        visits[0].writer.write(data)
        visits[0].writer.write_eof()
        assert await visits[0].rest() == data + b"bye"
        await until(lambda: one.node.taken + two.node.taken == 5)


async def test_who_comes_at_once_is_spread_too(visit: Come, houses: tuple[House, House]) -> None:
    """[NODE-11] Also those whose connections are not made yet count."""
    one, two = houses
    async with balanced(one.node, two.node) as (_, port):
        await until(lambda: one.node.is_ready and two.node.is_ready)
        visits = await asyncio.gather(*(visit(port) for _ in range(20)))
        names = await asyncio.gather(*(each.hello() for each in visits))
        assert sorted(names) == ["one"] * 10 + ["two"] * 10


async def test_a_draining_node_gets_nobody_new_and_keeps_whom_it_has(visit: Come, houses: tuple[House, House]) -> None:
    """[NODE-12] And is given people again when it is ready again."""
    one, two = houses
    async with balanced(one.node, two.node) as (_, port):
        await until(lambda: one.node.is_ready and two.node.is_ready)
        here = await visit(port)
        assert await here.hello() == "one"
        one.statuses["/readyz"] = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
        await until(lambda: not one.node.is_ready)
        assert [await (await visit(port)).hello() for _ in range(4)] == ["two"] * 4
        here.writer.write(b"still here\n")
        assert await here.reader.readline() == b"still here\n"
        one.statuses["/readyz"] = b"HTTP/1.1 200 OK\r\n\r\n"
        await until(lambda: one.node.is_ready)
        assert await (await visit(port)).hello() == "one"


async def test_a_node_that_is_gone_is_passed_over_at_once(visit: Come, houses: tuple[House, House]) -> None:
    """[NODE-12] Before anybody has looked at it again: the next is tried, and nobody notices."""
    one, two = houses
    async with balanced(one.node, two.node) as (_, port):
        await until(lambda: one.node.is_ready and two.node.is_ready)
        one.close()
        one.node.is_ready = True  # as if nobody had looked since
        assert await (await visit(port)).hello() == "two"
        assert not one.node.is_ready
        await one.open()
        await until(lambda: one.node.is_ready)


@pytest.mark.parametrize("is_request_large", [False, True])
async def test_where_nobody_is_ready_everybody_is_told(visit: Come, *, is_request_large: bool) -> None:
    """[NODE-12] 503 with a sentence and when to come again, whole also for who is still sending a large request."""
    house = House("one")
    await house.open()
    house.close()
    async with balanced(house.node) as (_, port):
        caller = await visit(port)
        caller.writer.write(b"POST / HTTP/1.1\r\nHost: here\r\n\r\n" + bytes(LARGE if is_request_large else 0))
        caller.writer.write_eof()
        head, _, body = (await caller.rest()).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert lines[0] == "HTTP/1.1 503 Service Unavailable"
    assert int(headers["Retry-After"]) > 0
    assert int(headers["Content-Length"]) == len(body)
    assert body == b"No node is ready to take you in. Please try again in a moment.\n"


async def test_one_who_has_said_all_still_gets_the_answer(visit: Come, houses: tuple[House, House]) -> None:
    """[NODE-11] The end of one direction is passed on and is not the end of the other."""
    one, _ = houses
    async with balanced(one.node) as (_, port):
        await until(lambda: one.node.is_ready)
        caller = await visit(port)
        await caller.hello()
        caller.writer.write_eof()
        assert await caller.rest() == b"bye"
        await until(lambda: not one.node.lines)


async def test_a_client_that_stays_behind_its_node_is_cut(visit: Come, houses: tuple[House, House]) -> None:
    """[NODE-12] The node has said all; the client neither goes on nor goes away, and is not kept for ever."""
    one, _ = houses
    async with balanced(one.node, patience=Patience(linger=0.2)) as (_, port):
        await until(lambda: one.node.is_ready)
        caller = await visit(port)
        await caller.hello()
        one.writers[-1].close()
        assert await caller.rest() == b""
        await until(lambda: not one.node.lines)  # the client has closed nothing


async def test_a_reset_on_either_side_ends_the_other(visit: Come, houses: tuple[House, House]) -> None:
    """[NODE-12] As when a process is killed with bytes unread."""
    one, _ = houses
    async with balanced(one.node) as (_, port):
        await until(lambda: one.node.is_ready)
        for is_client in (True, False):
            caller = await visit(port)
            await caller.hello()
            ends = one.writers[-1], caller.writer
            line = ends[is_client].get_extra_info("socket")
            line.setsockopt(SOL_SOCKET, SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            ends[is_client].transport.abort()
            if is_client:
                await until(one.writers[-1].is_closing)
            else:
                with suppress(ConnectionError):
                    assert await caller.rest() == b""
            await until(lambda: not one.node.lines)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\xff\xfe\x00 200\r\n",
        b"x" * 300_000,
        b"HTTP/1.1 2000 OK\r\n",
        b"HTTP/1.1\r\n",
        b"\r\n",
        b"",
        b"SSH-2.0 200\r\n",
    ],
)
async def test_what_is_no_answer_makes_no_node(visit: Come, houses: tuple[House, House], nonsense: bytes) -> None:
    """[NODE-12] Whatever it says instead: the balancer goes on looking, at this and at the others."""
    one, two = houses
    async with balanced(one.node, two.node) as (balancer, port):
        await until(lambda: one.node.is_ready and two.node.is_ready)
        one.statuses["/readyz"] = nonsense
        await until(lambda: not one.node.is_ready)
        assert await (await visit(port)).hello() == "two"
        one.statuses["/readyz"] = b"HTTP/1.1 200 OK\r\n\r\n"
        await until(lambda: one.node.is_ready and one.node.silent_looks == 0)
        assert all(node.is_ready for node in balancer.nodes)


async def test_a_node_whose_storage_is_away_keeps_its_people(visit: Come, houses: tuple[House, House]) -> None:
    """[NODE-12] It says that it lives, and says nothing on whether it is ready: nobody new, and nobody cut."""
    one, two = houses
    async with balanced(one.node, two.node, patience=Patience(look=0.02, ready=0.1)) as (_, port):
        await until(lambda: one.node.is_ready and two.node.is_ready)
        here = await visit(port)
        assert await here.hello() == "one"
        del one.statuses["/readyz"]  # it is taken for somebody else then, and gets no status
        await until(lambda: not one.node.is_ready)
        for _ in range(2 * SILENT_LOOKS):
            one.looked.clear()
            await one.looked.wait()
        here.writer.write(b"still here\n")
        assert await here.reader.readline() == b"still here\n"


FROZEN = """
import asyncio

async def serve(reader, writer):
    line = await reader.readline()
    writer.write(b"HTTP/1.1 200 OK\\r\\n\\r\\n" if b"z HTTP" in line else b"process:" + line)

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_frozen_node_loses_its_people_and_gets_them_again_when_it_thaws(
    visit: Come, houses: tuple[House, House]
) -> None:
    """[NODE-12] SIGSTOP: the kernel takes connections for it, and nobody answers on them."""
    one, _ = houses
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", FROZEN, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        frozen = Node("process", "127.0.0.1", int(await process.stdout.readline()))
        async with balanced(frozen, one.node) as (_, port):
            await until(lambda: frozen.is_ready and one.node.is_ready)
            here = await visit(port)
            assert await here.hello() == "process"
            process.send_signal(signal.SIGSTOP)
            await until(lambda: not frozen.is_ready)
            assert await (await visit(port)).hello() == "one"
            with suppress(ConnectionError):
                assert await here.rest() == b""  # it is cut, so that its client looks for another
            process.send_signal(signal.SIGCONT)
            await until(lambda: frozen.is_ready)
            assert await (await visit(port)).hello() == "process"
    finally:
        process.kill()
        await process.wait()


async def test_closing_ends_everybody(visit: Come, houses: tuple[House, House]) -> None:
    """[NODE-11] And leaves no task behind."""
    one, two = houses
    before: Mapping[asyncio.Task[object], None] = dict.fromkeys(asyncio.all_tasks())
    async with AsyncExitStack() as stack:
        _, port = await stack.enter_async_context(balanced(one.node, two.node))
        await until(lambda: one.node.is_ready)
        here = await visit(port)
        await here.hello()
        await stack.aclose()
        with suppress(ConnectionError):
            assert await here.rest() == b""
        here.writer.close()
    await until(lambda: asyncio.all_tasks() <= before.keys())
