"""A server that gets a fraction of the processor that it needs, and the people at it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import threading
from collections.abc import Iterator

import pytest

from tests.integration.conftest import MakeHouse
from tests.integration.raw import open_yjs
from tests.integration.test_bus_nodes import samples
from tests.integration.yclient import YClient
from tests.servers import PASSWORD, Answer, People, RunningServer, Someone, wait_until

SETTINGS = {"CONSILIUM_MAX_LAG_SECONDS": "0.5", "CONSILIUM_SIGN_INS_PER_MINUTE": "1000"}
HELD_SECONDS, RUNS_SECONDS = 1.0, 0.25
PATIENCE = 90.0


@contextlib.contextmanager
def starved(server: RunningServer) -> Iterator[None]:
    """Others take the processor for most of the time, as on a machine that is given too much: in turns of a second."""
    is_over = threading.Event()

    def take() -> None:
        while not is_over.is_set():
            server.process.send_signal(signal.SIGSTOP)
            is_over.wait(HELD_SECONDS)
            server.process.send_signal(signal.SIGCONT)
            is_over.wait(RUNS_SECONDS)

    taking = threading.Thread(target=take)
    taking.start()
    try:
        yield
    finally:
        is_over.set()
        taking.join()


def reasons(server: RunningServer) -> list[str]:
    """Why it is not ready; asked until it answers."""
    while True:
        with contextlib.suppress(OSError):
            found: list[str] = json.loads(server.get("/readyz").body)["reasons"]
            return found


def sign_in(server: RunningServer, who: Someone) -> Answer:
    return server.request("POST", "/api/sign-in", body={"email": who.email, "password": PASSWORD})


@pytest.mark.timeout(300)
async def test_those_inside_are_served_while_newcomers_are_turned_away(make_house: MakeHouse) -> None:
    """[OPS-7] Whoever wrote before writes on, is acknowledged and seen by a colleague, and opens the discussion beside;
    a newcomer to a document and one who signs in are told to come later; the balancer is told too. When the processor
    is there again everybody is let in, and nothing is lost."""
    server, people = make_house(SETTINGS)
    case = people.open_case(server)
    ada, grace = YClient(server, people.lead, case), YClient(server, people.contributor, case)
    async with ada.connected(), grace.connected():
        with starved(server):
            await asyncio.to_thread(
                wait_until, lambda: "overloaded (lag)" in reasons(server), seconds=PATIENCE, what="too much to do"
            )
            await newcomers_are_turned_away(server, people, case)
            for number in range(5):
                await ada.write(f"word {number}")
            await ada.until(lambda: len(ada.acknowledged) == 5, "all to be acknowledged", seconds=PATIENCE)
            await grace.until(lambda: len(grace.words) == 5, "to see them", seconds=PATIENCE)
            async with YClient(server, people.lead, case, "discussion").connected():
                pass
            assert ada.codes == grace.codes == []
        await asyncio.to_thread(wait_until, lambda: reasons(server) == [], seconds=PATIENCE, what="it to be ready")
        assert (await asyncio.to_thread(sign_in, server, people.consultant)).status == 200
        async with YClient(server, people.consultant, case).connected():
            pass
    assert len(server.history(people.lead, case)) == 5


async def newcomers_are_turned_away(server: RunningServer, people: People, case: str) -> None:
    async with await open_yjs(server, people.consultant, case) as raw:
        assert await raw.closed(seconds=PATIENCE) == 1013
    answer = await asyncio.to_thread(sign_in, server, people.consultant)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["reason"] == "overloaded"
    assert problem["title"] == "The server is as busy as it can be. What is open goes on; please try again in a moment."
    counts = await asyncio.to_thread(samples, server)
    assert counts["consilium_strained", frozenset({("by", "lag")})] == 1
    for wanted in ("session", "sign_in"):
        assert counts["consilium_turned_away_total", frozenset({("wanted", wanted)})] >= 1
