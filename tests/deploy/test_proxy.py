"""Two real nodes behind the real proxy with the configuration that operators are given. [DEP-4]"""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import sha256

import pytest

from storage.ports import PART_BYTES, ObjectKey, PartToSign, S3Access
from storage.s3_door import open_door
from storage.s3_multiparts import S3Multiparts
from storage.s3_objects import S3Objects
from tests.deploy.proxy import NGINX_PACKAGE, Proxy, nginx, proxy_for
from tests.integration import lib0
from tests.integration.raw import BINARY, PING, request
from tests.interop.replicas import WIRES, Clients, Node, running_node, until_equal
from tests.object_server import BUCKET, ObjectServer
from tests.postgres import Postgres
from tests.redis_server import redis_server
from tests.servers import PASSWORD, People, RunningServer, Someone, add_people, free_port, wait_until

SILENCE_SECONDS = 65.0
"""Longer than nginx waits by default."""
ELSEWHERE = "127.0.0.2"
"""Of this machine, and not where the proxy itself comes from."""
FRAME_BYTES = 8_388_608
MEBIBYTE = 1 << 20
PONG = 10


@dataclass(frozen=True, slots=True)
class Silent:
    """Somebody who has a document open and says nothing."""

    line: ssl.SSLSocket
    since: float


@dataclass(frozen=True, slots=True)
class Ward:
    """Everything that runs."""

    proxy: Proxy
    nodes: tuple[RunningServer, RunningServer]
    people: People
    clients: Clients
    node: Node
    silent: Silent
    access: S3Access

    def open_case(self) -> str:
        """A case with everybody in their place."""
        return self.people.open_case(self.nodes[1])

    def start_first(self) -> None:
        """Bring the first node back, and wait until the proxy, which leaves a dead one alone for a while, asks it."""
        node = self.nodes[0]
        node.start()

        def is_asked() -> bool:
            assert self.proxy.ask("GET", "/readyz").status == 200
            return f'"node":"127.0.0.1:{node.port}"' in (self.proxy.folder / "access.log").read_text()[told:]

        told = len((self.proxy.folder / "access.log").read_text())
        wait_until(is_asked, seconds=20, what="the proxy to ask the first node again")


@pytest.fixture(scope="module")
def ward(postgres: Postgres, objects_server: ObjectServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """Two nodes on one PostgreSQL, one Redis and one S3 server, as quiet as they may be set, and the proxy before them.
    While the first was not there yet somebody came to the second, which no test ends, and is silent until the last
    test."""
    try:
        nginx()
    except LookupError:
        pytest.skip(f"needs nginx: apt-get install {NGINX_PACKAGE}")
    url = postgres.fresh()
    people = add_people(url)
    folder = tmp_path_factory.mktemp("proxied")
    settings = {
        "CONSILIUM_DATABASE_URL": url,
        "CONSILIUM_LOG_FORMAT": "json",
        "CONSILIUM_TRUSTED_PROXIES": "127.0.0.1",
        "CONSILIUM_KEEPALIVE_SECONDS": "29",
        "CONSILIUM_MAX_UPDATE_BYTES": str(FRAME_BYTES - 1024),
    }
    first, second = (
        RunningServer(folder / name, free_port(), {}, folder / f"{name}.log") for name in ("first", "second")
    )
    with ExitStack() as running:
        redis = running.enter_context(redis_server())
        proxy = running.enter_context(proxy_for(first, second, store_port=objects_server.papers.ports.s3))
        store = {**objects_server.settings(BUCKET), "CONSILIUM_S3_PUBLIC_ENDPOINT": proxy.url}
        for server in (first, second):
            server.settings = settings | store | {"CONSILIUM_PUBLIC_URL": proxy.url, "CONSILIUM_REDIS_URL": redis.url}
        second.start()
        running.callback(second.stop)
        proxy.start()
        silent = be_silent(proxy, people.lead, people.open_case(second))
        running.callback(silent.line.close)
        first.start()
        running.callback(first.stop)
        patch = running.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("NODE_EXTRA_CA_CERTS", str(proxy.certificate))
        node = running.enter_context(running_node())
        access = replace(objects_server.access(BUCKET), public_endpoint=proxy.url)
        yield Ward(proxy, (first, second), people, Clients(node, proxy), node, silent, access)
    postgres.clean(url)


def be_silent(proxy: Proxy, who: Someone, case: str) -> Silent:
    """Open a document, and say no more than one has to."""
    line = proxy.line()
    headers = f"Authorization: Bearer {who.token}\r\n"
    line.sendall(request(f"/yjs/{case}/record", headers) + frame_of(lib0.step_1(b"\0")))
    answer = line.recv(4096)
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return Silent(line, time.monotonic())


def frame_of(payload: bytes, opcode: int = BINARY) -> bytes:
    """A short masked frame, its mask of zeros."""
    assert len(payload) < 126
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + bytes(4) + payload


@pytest.fixture(autouse=True)
def cleared(ward: Ward) -> Iterator[None]:
    """Every client leaves after its test; none of them threw."""
    yield
    assert ward.node.clear() == []


async def test_files_come_and_go_through_it_by_signed_addresses(ward: Ward) -> None:
    """[DEP-4] [OBJ-5] [OBJ-7] At the page's own origin: the largest part there is, and a range of it; a lie about it,
    another method, and whoever has no address are turned away, as is a page that somebody hid in a file."""
    key, parts = ObjectKey(f"media/{ward.people.lead.id}/{time.time_ns()}"), [bytes(PART_BYTES), b"<script>alert(1)"]
    async with open_door(lambda: ward.access) as door:
        multiparts, objects = S3Multiparts(door), S3Objects(door)
        multipart = await multiparts.begin(key)
        wanted = [PartToSign(n, len(part), sha256(part).digest()) for n, part in enumerate(parts, 1)]
        for part, signed in zip(parts, await multiparts.sign_parts(key, multipart, wanted), strict=True):
            path = signed.url.removeprefix(ward.proxy.url)
            lie = await asyncio.to_thread(ward.proxy.ask, "PUT", path, part[:-1] + b"?", headers=signed.headers)
            assert lie.status == 400
            sent = await asyncio.to_thread(ward.proxy.ask, "PUT", path, part, headers=signed.headers)
            assert sent.status == 200, sent.body
        await multiparts.complete(key, multipart, sum(map(len, parts)))
        signed = objects.sign_get(key, content_type="text/html")
    path = signed.url.removeprefix(ward.proxy.url)
    ranged = await asyncio.to_thread(ward.proxy.ask, "GET", path, headers={"Range": f"bytes={PART_BYTES}-"})
    assert (ranged.status, ranged.body) == (206, parts[1])
    assert ranged.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    for method, address in (("GET", f"/{BUCKET}/{key}"), ("DELETE", path), ("POST", path), ("GET", f"/{BUCKET}/")):
        answer = await asyncio.to_thread(ward.proxy.ask, method, address)
        assert answer.status == 403, (method, answer.status)
    assert str(key) not in (ward.proxy.folder / "access.log").read_text()


def test_both_wires_write_one_record_over_tls(ward: Ward) -> None:
    """[DEP-4] [ROOM-7] On whichever node each of them is."""
    case = ward.open_case()
    ada, grace = (
        ward.clients.open("yjs", ward.people.lead, case),
        ward.clients.open("collab", ward.people.contributor, case),
    )
    ada.until_ready()
    grace.until_ready()
    ada.write("from the one, ")
    ada.until_text("from the one, ")
    grace.until_text("from the one, ")
    grace.write("from the other")
    grace.until_saved()
    until_equal([ada, grace])
    assert ada.text() == "from the one, from the other"


@pytest.mark.parametrize("wire", WIRES)
def test_the_largest_frame_passes(ward: Ward, wire: str) -> None:
    """[DEP-4] An edit of almost 8 MiB in one frame, up by one client and down to another."""
    case = ward.open_case()
    ada = ward.clients.open(wire, ward.people.lead, case)  # type: ignore[arg-type]
    ada.until_ready()
    size = FRAME_BYTES - 64 * 1024
    ada.run("doc.getText('t').insert(0, 'x'.repeat(arg))", size)
    grace = ward.clients.open("collab", ward.people.contributor, case)
    wait_until(
        lambda: grace.run("return doc.getText('t').length") == size, seconds=30, what="the whole to have arrived"
    )
    assert ada.state().closes == []


def test_a_picture_of_the_largest_size_is_let_through_and_a_larger_one_is_not(ward: Ward) -> None:
    """[DEP-4] The bound of bodies is the node's, whose answer a page understands."""
    headers = {"Authorization": f"Bearer {ward.people.lead.token}", "Content-Type": "image/png"}
    for size, reason in ((8 * MEBIBYTE, "invalid-request"), (8 * MEBIBYTE + 1, "too-large")):
        connection = http.client.HTTPSConnection("localhost", ward.proxy.port, context=ward.proxy.context(), timeout=20)
        connection.request("PUT", "/api/me/picture", bytes(size), headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert answer["reason"] == reason


def test_the_client_s_own_address_arrives_whatever_it_claims(ward: Ward) -> None:
    """[DEP-4] [ACC-5] And its cookie is for https alone."""
    lead = ward.people.lead
    claims = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Forwarded-Proto": "http"}
    body = {"email": lead.email, "password": PASSWORD}
    answer = ward.proxy.ask("POST", "/api/sign-in", body, headers=claims, source=ELSEWHERE)
    assert answer.status == 200, answer.body
    cookies = answer.headers.get_all("Set-Cookie") or []
    assert cookies
    assert all(cookie.startswith("__Host-") and "Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)
    assert answer.headers["Strict-Transport-Security"]
    sign_ins = json.loads(ward.nodes[1].get("/api/me/sign-ins", lead.token).body)["sign_ins"]
    assert [each["address"] for each in sign_ins] == [ELSEWHERE]


def test_a_request_has_one_name_in_both_logs_and_neither_says_more(ward: Ward) -> None:
    """[DEP-4] [LOG-3] [LOG-6] The proxy makes it; no address of a request is in any log, for it may hold a ticket."""
    case = ward.open_case()
    headers = {"X-Request-Id": "mine", "Authorization": f"Bearer {ward.people.lead.token}"}
    answer = ward.proxy.ask("GET", f"/api/cases/{case}?ticket=sesame", headers=headers)
    name = answer.headers["X-Request-Id"]
    assert len(name) == 32

    def lines() -> list[dict[str, str]]:
        return [line for line in ward.proxy.log() if line["request"] == name]

    wait_until(lambda: len(lines()) > 0, seconds=5, what="the proxy's line, which is written after the answer")
    (line,) = lines()
    assert (line["status"], line["node_status"]) == ("200", "200")
    wait_until(
        lambda: sum(f'"request": "{name}"' in node.log() for node in ward.nodes) == 1,
        seconds=5,
        what="the node's line, which is written after the answer",
    )
    everything = (ward.proxy.folder / "access.log").read_text() + (ward.proxy.folder / "error.log").read_text()
    assert case not in everything
    assert "sesame" not in everything


def test_strangers_see_no_metrics_and_plain_http_leads_to_tls(ward: Ward) -> None:
    """[DEP-4]"""
    assert ward.proxy.ask("GET", "/metrics").status == 404
    plain = http.client.HTTPConnection("127.0.0.1", ward.proxy.plain_port, timeout=10)
    plain.request("POST", "/api/sign-in?x=1", headers={"Host": "consilium.example.org"})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, "https://consilium.example.org/api/sign-in?x=1")
    plain.close()
    old = ssl.create_default_context(cafile=str(ward.proxy.certificate))
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_2
    assert old.minimum_version == ssl.TLSVersion.TLSv1_2


def test_when_a_node_dies_its_people_go_on_at_the_other(ward: Ward) -> None:
    """[DEP-4] [NODE-1] Killed, while eight people write on both wires: they come back by themselves to the node that is
    left, every letter is there once, and no request of a page fails meanwhile."""
    case = ward.open_case()
    writers = [ward.clients.open(WIRES[number % 2], ward.people.lead, case) for number in range(8)]
    for writer in writers:
        writer.until_ready()
    for number, writer in enumerate(writers):
        writer.write(f"<{number}a>")
    until_equal(writers)
    ward.nodes[0].kill()
    for number, writer in enumerate(writers):
        writer.write(f"<{number}b>")
    headers = {"Authorization": f"Bearer {ward.people.lead.token}"}
    assert {ward.proxy.ask("GET", "/api/me", headers=headers).status for _ in range(20)} == {200}
    for writer in writers:
        writer.until(lambda state: state.connected and state.unsynced in (0, None), "to be back", seconds=30)
    until_equal(writers, seconds=30)
    text = writers[0].text()
    assert all(text.count(f"<{number}{letter}>") == 1 for number in range(8) for letter in "ab"), text
    assert any(writer.state().opens > 1 for writer in writers)  # otherwise all of them were on the other one
    ward.start_first()
    fresh = ward.clients.open("yjs", ward.people.observer, case)
    fresh.until_text(text)


def test_a_stopping_node_sends_its_people_to_the_other(ward: Ward) -> None:
    """[DEP-4] [ROOM-12] SIGTERM: they hear 1012 and are back at once."""
    case = ward.open_case()
    writers = [ward.clients.open(WIRES[number % 2], ward.people.lead, case) for number in range(8)]
    for writer in writers:
        writer.until_ready()
    assert ward.nodes[0].terminate() == 0
    for number, writer in enumerate(writers):
        writer.write(f"<{number}>")
    until_equal(writers, seconds=30)
    codes = {code for writer in writers for code, _ in writer.state().closes}
    assert codes == {1012}
    assert all(writers[0].text().count(f"<{number}>") == 1 for number in range(8))
    ward.start_first()


def test_a_minute_of_silence_closes_nothing(ward: Ward) -> None:
    """[DEP-4] [WIRE-10] Somebody reads for 65 s, and only their WebSocket answers when it is asked whether it is there;
    then a question is answered."""
    line = ward.silent.line
    line.settimeout(1)
    while time.monotonic() < ward.silent.since + SILENCE_SECONDS:
        try:
            heard = line.recv(65536)
        except TimeoutError:
            continue
        assert heard, "the connection was closed"
        for payload in pings(heard):
            line.sendall(frame_of(payload, PONG))
    line.settimeout(10)
    line.sendall(frame_of(lib0.step_1(b"\0")))
    assert line.recv(65536)[0] == 0x80 | BINARY


def pings(heard: bytes) -> Iterator[bytes]:
    """What is to be given back, among whole short frames."""
    at = 0
    while at < len(heard):
        end = at + 2 + heard[at + 1]
        if heard[at] == 0x80 | PING:
            yield heard[at + 2 : end]
        at = end
