"""The real server under a wall clock that jumps, which a wrong battery, a paused machine or a mistaken hand makes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.disk import Disk, faulty, missing
from tests.integration.yclient import YClient
from tests.servers import PASSWORD, Answer, People, RunningServer, data_with_people, start_server, wait_until
from workspace.prose import Node, Run
from workspace.record import seed

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

JUMP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class House:
    """A server whose wall clock a test sets."""

    server: RunningServer
    people: People
    disk: Disk

    def sign_in(self, password: str = PASSWORD) -> Answer:
        body = {"email": self.people.lead.email, "password": password}
        return self.server.request("POST", "/api/sign-in", body=body)

    def with_cookie(self, cookie: str) -> int:
        return self.server.request("GET", "/api/me", more={"Cookie": cookie}).status


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("clock") / "data"
    people = data_with_people(tmp_path_factory.getbasetemp(), data)
    with faulty(data) as disk, start_server(data, dict(disk.environment())) as server:
        yield House(server, people, disk)


def test_sign_ins_outlive_a_clock_that_was_ahead(house: House) -> None:
    """[CLK-1] [CLK-2] While it is ahead they are good for nothing; when it is right again they are what they were,
    though somebody signed in meanwhile. Who mistyped a password then is not kept out for two days."""
    answer = house.sign_in()
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert house.with_cookie(cookie) == 200
    house.disk.shift_clock(JUMP)
    assert house.with_cookie(cookie) == 401
    assert house.server.get("/api/me", house.people.lead.token).status == 401
    assert house.sign_in().status == 200
    for _ in range(9):
        assert house.sign_in("wrong").status in (401, 403)
    house.disk.shift_clock(timedelta())
    assert house.with_cookie(cookie) == 200
    assert house.server.get("/api/me", house.people.lead.token).status == 200
    wait_until(lambda: house.sign_in().status == 200, seconds=70, what="to be let in again")


async def test_writing_goes_on_whatever_the_clock_says(house: House) -> None:
    """[CLK-3] [CLK-2] [JRN-2] Two people with tokens that outlive it: ahead, behind, right again; every edit is saved,
    in order, and nobody is taken for gone."""
    server = house.server
    case = house.people.open_case(server)
    lasting = [
        replace(who, token=server.command("token", who.email, "--ttl", str(30 * 86_400)))
        for who in (house.people.lead, house.people.contributor)
    ]
    clients = [YClient(server, who, case) for who in lasting]
    async with AsyncExitStack() as connections:
        for client in clients:
            await connections.enter_async_context(client.connected())
        for number, shift in enumerate((timedelta(), -JUMP, JUMP, timedelta())):
            house.disk.shift_clock(shift)
            for client in clients:
                await client.write(f"{client.who.name} {number}")
                await client.until_saved()
        for client in clients:
            await client.until_length(8)
            assert client.codes == []
    entries = server.history(lasting[0], case)
    assert [entry["seq"] for entry in entries] == list(range(1, 9))


async def test_what_was_written_ahead_of_time_is_found(house: House) -> None:
    """[CLK-2] [LST-6] Not in two days."""
    server = house.server
    who = replace(house.people.lead, token=server.command("token", house.people.lead.email, "--ttl", "864000"))
    case = server.create_case(who)
    client = YClient(server, who, case)
    client.doc.apply_update(seed({"summary": (Node("paragraph", {}, (Run("haematuria", {}),)),)}))
    house.disk.shift_clock(JUMP)
    async with client.connected():
        await client.until_saved()
    house.disk.shift_clock(timedelta())

    def is_found() -> bool:
        return case.encode() in server.request("POST", "/api/search", who.token, {"question": "haematuria"}).body

    await asyncio.to_thread(wait_until, is_found, seconds=30, what="the record to be read")
