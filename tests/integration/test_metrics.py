"""What `/metrics` counts is what happened: real sockets, real edits, a real journal."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TypeAlias

from prometheus_client.parser import text_string_to_metric_families

from tests.integration.conftest import MakeHouse
from tests.integration.raw import BINARY, CLOSE, open_yjs
from tests.integration.yclient import YClient
from tests.servers import RunningServer, Someone, wait_until

Sample: TypeAlias = tuple[str, frozenset[tuple[str, str]]]
EDITS = 40
NOT_OURS = 4999


def read(server: RunningServer) -> Mapping[Sample, float]:
    """Every sample by its name and labels."""
    text = server.get("/metrics").body.decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(server: RunningServer, name: str, **labels: str) -> float:
    return read(server).get((name, frozenset(labels.items())), 0.0)


async def close(server: RunningServer, who: Someone, case: str, payload: bytes, opcode: int = BINARY) -> int:
    """The code that a socket ends with after it said this."""
    async with await open_yjs(server, who, case) as raw:
        if payload:
            await raw.frame(payload, opcode=opcode)
        return await raw.closed()


async def write(server: RunningServer, who: Someone, case: str) -> None:
    client = YClient(server, who, case)
    async with client.connected():
        for number in range(EDITS):
            await client.write(f"word {number}")
        await client.until(lambda: len(client.acknowledged) == EDITS, "all to be acknowledged")


async def test_edits_and_closes_are_counted_as_they_happen(make_house: MakeHouse) -> None:
    """[OPS-4] [ERR-2] The edits of the journal, once each, with how long they took; sockets by the code of whoever
    closed first, whatever number a client makes up; requests by route; and no id of anything."""
    server, people = make_house({})
    case = people.open_case(server)
    await write(server, people.lead, case)
    assert value(server, "consilium_edits_total") == EDITS == len(server.history(people.lead, case))
    counts = read(server)
    appends = counts["consilium_journal_seconds_count", frozenset()]
    assert 0 < appends <= EDITS
    assert 0 < counts["consilium_ack_seconds_count", frozenset()] <= appends
    assert counts["consilium_ack_seconds_sum", frozenset()] >= counts["consilium_journal_seconds_sum", frozenset()] / 2
    assert counts["consilium_rooms", frozenset()] == 1
    assert counts["consilium_in_flight_bytes", frozenset()] == 0

    for code in (1000, NOT_OURS):
        await close(server, people.contributor, case, struct.pack("!H", code), CLOSE)
    assert await close(server, people.contributor, case, b"\x00\x09") == 4400
    assert await close(server, people.stranger, case, b"") == 4404
    closes = {
        ("consilium_socket_closes_total", frozenset({("code", code)})) for code in ("1000", "other", "4400", "4404")
    }
    wait_until(lambda: closes <= read(server).keys(), seconds=10, what="each close to be counted under its code")
    assert value(server, "consilium_socket_closes_total", code=str(NOT_OURS)) == 0

    server.get(f"/api/cases/{case}", people.lead.token)
    server.request("BREW", f"/api/cases/{case}", people.lead.token)
    route = "/api/cases/{case}"
    assert value(server, "consilium_request_seconds_count", method="GET", route=route, status="200") == 1
    text = server.get("/metrics").body.decode()
    assert "BREW" not in text
    for secret in (case, people.lead.id, people.lead.email):
        assert secret not in text
