"""The log: events are constants with fields, ids only; one line each, for people or as JSON.

Texts of foreign exceptions are left out everywhere: they may quote what a client sent.
"""

from __future__ import annotations

import logging
import logging.config
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import TextIO

import structlog
from starlette.requests import HTTPConnection

from server.settings import Settings

REQUEST = "http.request"
REQUEST_STATE = "request"
"""Under this name a request's id stands in its context, in its lines, and in its scope's state."""
REQUEST_FAILED = "http.request_failed"
SESSION_ENDED = "session.ended"
SERVER_STARTED = "server.started"
SERVER_DRAINING = "server.draining"
SERVER_DRAIN_TIMED_OUT = "server.drain_timed_out"
SERVER_STOPPED = "server.stopped"
OBJECTS_OFF = "objects.off"
"""This server takes no images and files: no S3 server is named, and on a PostgreSQL it must not have its own."""

Fields = MutableMapping[str, object]

OURS = ("server", "storage", "consilium")
NOISY = ("uvicorn", "uvicorn.error", "uvicorn.asgi", "websockets", "websockets.server")
FRAMES_SHOWN = 12
QUIET_SECONDS = 1.0


def request_id() -> str | None:
    """The name of the request that is being answered."""
    given = structlog.contextvars.get_contextvars().get(REQUEST_STATE)
    return given if isinstance(given, str) else None


def request_of(connection: HTTPConnection) -> str:
    """The name of the request that opened a connection, also long after it was answered."""
    return str(connection.scope.get("state", {}).get(REQUEST_STATE, ""))


def trace(error: BaseException) -> list[str]:
    """Where an error came from, innermost last: classes and lines of code, no texts and no values. [ERR-2]"""
    return [line for link in reversed(list(_chain(error))) for line in _frames(link)]


class OneLine(logging.Filter):
    """Makes one short line of what a foreign logger says, and at most one a second of the same: a client that sends
    broken frames must not be able to fill the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}
        self._dropped: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record in place; False when it repeats too soon."""
        text = str(record.msg).split("\n", maxsplit=1)[0].strip()
        error = record.exc_info[1] if record.exc_info else None
        if text == "Exception in ASGI application" and error is not None:
            record.trace = trace(error)  # ours to fix: the application's own edge should have caught it
        if error is not None:
            record.error = type(error).__name__
        record.msg, record.exc_info, record.exc_text = text, None, None
        if record.levelno < logging.WARNING:
            return True
        if record.created - self._last.get(text, 0.0) < QUIET_SECONDS:
            self._dropped[text] = self._dropped.get(text, 0) + 1
            return False
        self._last[text] = record.created
        record.repeated = self._dropped.pop(text, 0)
        return True


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log line, ours and the libraries', to one place in one form. The last call wins."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _error_without_text,
    ]
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder({"error", "trace", "repeated"})],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # what libraries tell below a warning may quote addresses and bodies
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())
    for name in NOISY:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.filters[:] = [OneLine()]
        logger.propagate = True


def silence() -> None:
    """Log nothing: a command's whole answer is its result, or one line on standard error."""
    logging.getLogger().handlers[:] = [logging.NullHandler()]
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), cache_logger_on_first_use=False)


def _error_without_text(_: object, __: str, event: Fields) -> Fields:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["trace"] = trace(error)
    return event


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _frames(error: BaseException) -> Iterator[str]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_SHOWN:]
    yield from (f"{'/'.join(Path(f.filename).parts[-2:])}:{f.lineno} {f.name}" for f in frames)
    yield type(error).__name__
