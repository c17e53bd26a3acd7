"""What real sessions leave in the log: who, where, how long and how it ended, and nothing that they said."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator

import pytest

from tests.integration.raw import open_yjs
from tests.integration.yclient import YClient
from tests.servers import People, RunningServer, data_with_people, start_server, wait_until

CONTENT = "Zwerchfellhochstand"
TITLE = "Woman with a Hautausschlag"

House = tuple[RunningServer, People]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that logs all it can, believes no proxy, and takes small updates only."""
    data = tmp_path_factory.mktemp("lines") / "data"
    people = data_with_people(tmp_path_factory.getbasetemp(), data)
    settings = {"CONSILIUM_LOG_LEVEL": "debug", "CONSILIUM_MAX_UPDATE_BYTES": "4096"}
    with start_server(data, settings) as server:
        yield server, people


def lines(server: RunningServer, event: str) -> list[dict[str, object]]:
    """What the log has of one event."""
    objects = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    return [each for each in objects if each["event"] == event]


async def endings(server: RunningServer, case: str, count: int) -> list[dict[str, object]]:
    """The lines of the sessions of a case, once there are so many."""

    def of_the_case() -> list[dict[str, object]]:
        return [each for each in lines(server, "session.ended") if each["document"] == f"{case}/record"]

    what = f"{count} sessions to end"
    await asyncio.to_thread(wait_until, lambda: len(of_the_case()) >= count, seconds=10, what=what)
    return of_the_case()


async def test_a_session_that_ends_is_one_line(house: House) -> None:
    """[LOG-4] Left by the client, sent away by a change of rights, refused for what it sent."""
    server, people = house
    case = await asyncio.to_thread(people.open_case, server)
    writer = YClient(server, people.lead, case)
    async with writer.connected():
        for _ in range(3):
            await writer.write(CONTENT)
        await writer.until_saved()
    (left,) = await endings(server, case, 1)
    assert {name: left[name] for name in ("person", "reason", "code", "edits", "level")} == {
        "person": people.lead.id,
        "reason": "left",
        "code": 1000,
        "edits": 3,
        "level": "info",
    }
    assert left["heard"] == 5  # two halves of the hand-shake and three edits
    assert isinstance(left["seconds"], float)

    moved = YClient(server, people.contributor, case)
    async with moved.connected():
        await asyncio.to_thread(server.set_member, case, people.lead, people.contributor, "observer")
        await moved.until(lambda: bool(moved.codes), "to be sent away")
    *_, sent = await endings(server, case, 2)
    assert (sent["person"], sent["reason"], sent["code"]) == (people.contributor.id, "access-changed", 4205)

    wordy = YClient(server, people.lead, case)
    async with wordy.connected():
        await wordy.write(CONTENT * 1000)
        await wordy.until(lambda: bool(wordy.codes), "to be refused")
    *_, refused = await endings(server, case, 3)
    assert (refused["reason"], refused["code"], refused["edits"]) == ("update-too-large", 1009, 0)
    names = [each["request"] for each in (left, sent, refused)]
    assert len(set(names)) == 3
    assert all(isinstance(name, str) and len(name) == 16 for name in names)


async def test_nothing_that_was_said_is_in_the_log(house: House) -> None:
    """[LOG-6] Titles, edits, cursors, questions to the search, refused and broken frames, bodies that are no JSON; at
    the level that says most."""
    server, people = house
    case = await asyncio.to_thread(server.create_case, people.lead, TITLE)
    writer = YClient(server, people.lead, case)
    async with writer.connected():
        await writer.write(CONTENT)
        await writer.write(CONTENT * 1000)
        await writer.until(lambda: bool(writer.codes), "to be refused")
    async with await open_yjs(server, people.lead, case) as junk:
        await junk.say(b"\x00\x02" + CONTENT.encode())
        assert await junk.closed() == 4400
    for method, path, body in (
        ("POST", "/api/search", {"question": CONTENT}),
        ("POST", f"/api/cases/{CONTENT.encode().hex()}", {"title": CONTENT}),
        ("GET", f"/{CONTENT.encode().hex()}?title={CONTENT.encode().hex()}", None),
        ("POST", "/api/sign-in", {"email": f"{CONTENT}@example.org", "password": CONTENT}),
        ("POST", "/api/cases", {"title": [CONTENT], CONTENT: CONTENT}),
    ):
        server.request(method, path, people.lead.token, body)
    await endings(server, case, 1)
    assert await asyncio.to_thread(server.terminate) == 0
    written = server.log()
    server.start()
    assert len(lines(server, "http.request")) > 5
    encoded = (CONTENT.encode().hex(), b64encode(CONTENT.encode()).decode()[:20])
    for secret in (CONTENT, *encoded, "Hautausschlag", "hautausschlag"):
        assert secret not in written
    assert people.lead.token not in written
