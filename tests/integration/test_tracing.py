"""Traces of a real server at a real collector, which is then frozen and killed. [TRC-1] [TRC-2] [TRC-3]"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.collector import Collector, facts, running_collector
from tests.integration.yclient import YClient
from tests.servers import ROOT, People, RunningServer, data_with_people, start_server, wait_until

CONTENT = "Schüttelfrost"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ASKED = 7

House = tuple[RunningServer, People, Collector]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that traces, behind a proxy of its own."""
    data = tmp_path_factory.mktemp("traced") / "data"
    people = data_with_people(tmp_path_factory.getbasetemp(), data)
    with running_collector() as collector:
        settings = {"CONSILIUM_OTLP_ENDPOINT": collector.url, "CONSILIUM_TRUSTED_PROXIES": "127.0.0.1"}
        with start_server(data, settings) as server:
            yield server, people, collector


async def test_every_request_room_commit_and_reading_is_a_span(house: House) -> None:
    """[TRC-1] [TRC-3] As many as there were, and nothing of what was written in any of them."""
    server, people, collector = house
    case = people.open_case(server)
    for _ in range(ASKED):
        assert server.get("/api/me", people.lead.token).status == 200
    assert server.get("/api/cases/nothing-of-the-kind", people.lead.token).status == 404
    writer = YClient(server, people.lead, case)
    async with writer.connected():
        for number in range(5):
            await writer.write(f"{CONTENT} {number}")
        await writer.until_saved()

    def record_was_read() -> bool:
        return any(facts(span)["consilium.document"] == f"{case}/record" for span in collector.named("record.read"))

    wait_until(record_was_read, seconds=30, what=lambda: f"the record to be read: {[s.name for s in collector.spans]}")
    assert collector.services == {"consilium"}
    asked = collector.named("GET /api/me")
    assert len(asked) == ASKED
    assert all(facts(span)["http.response.status_code"] == 200 for span in asked)
    assert [facts(span)["http.response.status_code"] for span in collector.named("GET /api/cases/{case}")] == [404]
    assert collector.named("GET /livez") == collector.named("GET /readyz") == []
    (opened,) = collector.named("room.open")
    assert facts(opened) == {"consilium.document": f"{case}/record", "consilium.entries": 0, "consilium.bytes": 0}
    commits = collector.named("journal.commit")
    assert sum(int(facts(span)["consilium.appends"]) for span in commits) == 5
    assert all(span.end_time_unix_nano >= span.start_time_unix_nano for span in collector.spans)
    for secret in (CONTENT, people.lead.token, people.lead.name, people.lead.email):
        assert secret.encode() not in collector.bytes


def test_a_trace_goes_on_where_the_proxy_began_it_and_the_log_names_it(house: House) -> None:
    """[TRC-1] By W3C's `traceparent`, and the other way round from a line to its trace."""
    server, people, collector = house
    headers = f"traceparent: 00-{TRACE}-{PARENT}-01"
    subprocess.run(
        ["curl", "-sf", "-H", headers, "-H", f"Authorization: Bearer {people.lead.token}", f"{server.url}/api/cases"],
        check=True,
        capture_output=True,
    )
    wait_until(lambda: bool(collector.named("GET /api/cases")), seconds=10, what="the span")
    (span,) = collector.named("GET /api/cases")
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    lines = [json.loads(line) for line in server.log().splitlines() if TRACE in line]
    assert [(line["event"], line["trace_id"], line["request"]) for line in lines] == [
        ("http.request", TRACE, facts(span)["consilium.request"])
    ]


def test_a_collector_that_is_frozen_or_dead_costs_spans_and_nothing_else(house: House) -> None:
    """[TRC-2] Requests are answered as before, it is said once, and the server stops in time; also with more spans than
    may wait."""
    server, people, collector = house

    def hundred() -> float:
        started = time.monotonic()
        assert {server.get("/api/me", people.lead.token).status for _ in range(100)} == {200}
        return time.monotonic() - started

    quick = hundred()
    collector.freeze()
    assert max(hundred() for _ in range(3)) < 5 * quick + 1
    wait_until(lambda: "tracing.lost" in server.log(), seconds=30, what="the loss to be told")
    collector.thaw()
    wait_until(lambda: hundred() > 0 and "tracing.back" in server.log(), seconds=30, what="spans to be taken again")
    collector.freeze()
    hundred()
    started = time.monotonic()
    assert server.terminate() == 0
    assert time.monotonic() - started < 8
    collector.thaw()
    assert server.log().count("tracing.lost") == 1
    assert "Traceback" not in server.log()


def test_nobody_at_the_address_is_no_reason_not_to_serve(tmp_path: Path) -> None:
    """[TRC-2] Not at the start, not later, not at the end."""
    with running_collector() as gone:
        url = gone.url
    with start_server(tmp_path / "data", {"CONSILIUM_OTLP_ENDPOINT": url}) as server:
        for _ in range(20):
            assert server.get("/api/sign-in").status == 200
        wait_until(lambda: "tracing.lost" in server.log(), seconds=20, what="the loss to be told")
        started = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - started < 8
        assert server.log().count("tracing.lost") == 1


def test_without_an_endpoint_nothing_of_it_is_loaded() -> None:
    """[TRC-1] Neither our own module nor what it needs; and nothing that only a migration or a second node needs: every
    process would wait for it."""
    program = (
        "import sys, server.cli, server.serve\n"
        "from server.settings import load_settings\n"
        "with server.serve.traced(load_settings({})) as tracing: assert not tracing.is_on\n"
        "print({'server.otlp', 'opentelemetry', 'alembic', 'redis'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
