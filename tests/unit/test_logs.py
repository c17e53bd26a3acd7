"""server.logs: what libraries say becomes one short line, without texts, and not endlessly."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from server.logs import configure
from server.settings import load_settings

CONTENT = "Mrs Example has a rash"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure(load_settings({"CONSILIUM_LOG_FORMAT": "json"}), stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def shout(logger: str, message: str, *, times: int = 1) -> None:
    for _ in range(times):
        try:
            raise ValueError(CONTENT)
        except ValueError:
            logging.getLogger(logger).exception(message)


@pytest.mark.parametrize(
    ("logger", "message"),
    [
        ("uvicorn.error", "data transfer failed"),
        ("uvicorn.error", "Invalid UTF-8 sequence received from client."),
        ("uvicorn.error", "connection handler failed"),
        ("websockets.server", "opening handshake failed"),
    ],
)
def test_a_broken_frame_is_one_line_a_second(log: io.StringIO, logger: str, message: str) -> None:
    """[LOG-2] A client must not be able to fill the disk."""
    shout(logger, message, times=500)
    assert 1 <= len(lines(log)) <= 3
    assert lines(log)[0]["event"] == message
    assert lines(log)[0]["error"] == "ValueError"
    assert all(len(line) < 300 for line in log.getvalue().splitlines())
    assert CONTENT not in log.getvalue()


def test_a_defect_in_the_application_keeps_its_trace(log: io.StringIO) -> None:
    """[LOG-2] But not its text."""
    shout("uvicorn.error", "Exception in ASGI application\n")
    (line,) = lines(log)
    trace = line["trace"]
    assert isinstance(trace, list)
    assert trace[-1] == "ValueError"
    assert "test_logs.py" in trace[-2]
    assert CONTENT not in log.getvalue()


def test_our_own_exceptions_are_a_trace_without_text(log: io.StringIO) -> None:
    """[ERR-2]"""
    try:
        try:
            raise KeyError(CONTENT)
        except KeyError as error:
            raise RuntimeError(CONTENT) from error
    except RuntimeError:
        structlog.get_logger("consilium.room").exception("room.receive_failed", document="case/record")
    shout("storage.journal", "storage.failed")
    shout("asyncio", "Task exception was never retrieved")
    first, *others = lines(log)
    assert first["event"] == "room.receive_failed"
    assert first["document"] == "case/record"
    trace = first["trace"]
    assert isinstance(trace, list)
    assert trace.index("KeyError") < trace.index("RuntimeError")
    assert [line["event"] for line in others] == ["storage.failed", "Task exception was never retrieved"]
    assert CONTENT not in log.getvalue()


def test_libraries_are_heard_from_a_warning_up_and_we_from_the_level_that_is_set(log: io.StringIO) -> None:
    """[LOG-2]"""
    for name in ("uvicorn.error", "alembic.runtime.migration", "httpx", "server.serve", "storage.database"):
        logging.getLogger(name).info("hello from %s", name)
    assert [line["event"] for line in lines(log)] == ["hello from server.serve", "hello from storage.database"]
