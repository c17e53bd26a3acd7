"""`consilium audit` as real processes, beside a running server."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.cli import main
from tests.servers import RunningServer, Someone, add_person, start_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with start_server(tmp_path / "data") as running:
        yield running


@pytest.fixture
def lead(server: RunningServer) -> Someone:
    return add_person(server.data, "ada@example.org", "Ada Lovelace")


def audit(data: Path, *words: str) -> int:
    """One command, in this process; another process has the database open."""
    return main(["--data", str(data), "audit", *words])


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What was printed, as JSON."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def case(server: RunningServer, lead: Someone, capsys: pytest.CaptureFixture[str]) -> str:
    """A case that its lead has looked at."""
    main(["--data", str(server.data), "case", "create", "A headache", "--lead", lead.email])
    made = capsys.readouterr().out.splitlines()[-1]
    for _ in range(2):
        assert server.get(f"/api/cases/{made}", lead.token).status == 200
    return made


def test_the_log_is_read_beside_a_server(
    server: RunningServer, lead: Someone, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """[AUD-8] As lines of JSON, without what anything is called."""
    assert audit(server.data, "list", "--case", case) == 0
    created, opened = lines(capsys)
    assert (created["action"], created["means"], created["seq"]) == ("case.created", "command-line", 1)
    assert (opened["action"], opened["who"], opened["address"]) == ("case.opened", lead.id, "127.0.0.1")
    assert audit(server.data, "list") == 0
    assert [each["action"] for each in lines(capsys)] == ["account.created", "credential.made"]
    assert "headache" not in json.dumps([created, opened])


def test_it_is_verified_and_tampered_with_beside_a_server(
    server: RunningServer, case: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """[AUD-8] [CLI-1]"""
    assert audit(server.data, "verify") == 0
    assert capsys.readouterr().out == "no break in 2 chains with 4 events\n"
    assert audit(server.data, "verify", "--case", case) == 0
    assert audit(server.data, "verify", "--case", "z" * 16) == 1
    capsys.readouterr()
    assert audit(server.data, "heads") == 0
    anchors = tmp_path / "anchors"
    anchors.write_text(f"a line of something else\n{capsys.readouterr().out}")
    assert audit(server.data, "verify", "--anchors", str(anchors)) == 0
    assert audit(server.data, "verify", "--anchors", str(tmp_path / "none")) == 1
    (tmp_path / "empty").touch()
    assert audit(server.data, "verify", "--anchors", str(tmp_path / "empty")) == 1
    capsys.readouterr()

    with closing(sqlite3.connect(server.data / "consilium.sqlite3")) as connection, connection:
        connection.execute("DROP TRIGGER audit_events_no_delete")
        connection.execute("DELETE FROM audit_events WHERE chain = ? AND seq = 2", (case,))
        back = connection.execute("SELECT hash FROM audit_events WHERE chain = ?", (case,)).fetchone()
        connection.execute("UPDATE audit_chains SET seq = 1, hash = ? WHERE name = ?", (*back, case))
    assert audit(server.data, "verify") == 0  # nothing in the database tells: docs/threat-model.md says so
    capsys.readouterr()
    assert audit(server.data, "verify", "--anchors", str(anchors)) == 1
    said = capsys.readouterr()
    assert said.out == f"{case}: event 2 is missing: event 2 was anchored\n"
    assert said.err == "consilium: 1 of 2 chains of the audit log are broken\n"
    with closing(sqlite3.connect(server.data / "consilium.sqlite3")) as connection, connection:
        connection.execute("DELETE FROM audit_events WHERE chain = ? AND seq = 1", (case,))
    assert audit(server.data, "verify", "--case", case) == 1
    assert capsys.readouterr().out == f"{case}: event 1 is missing, and all up to 1\n"
    assert main(["--data", str(server.data), "verify"]) == 1
    assert f"{case}: event 1 of the audit log is missing" in capsys.readouterr().out
