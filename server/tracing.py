"""What can be traced: requests, rooms that are opened, commits, records that are read. `server.otlp` sends it away;
without it nothing of this does anything. [TRC-1]
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

Facts = dict[str, str | int]
"""What a span may say: ids, numbers and words of ours, and nothing that a client chose."""


class RequestSpan(Protocol):
    """A request that is being answered."""

    @property
    def trace_id(self) -> str:
        """By what its lines in the log are found from its trace: 32 hexadecimal digits."""
        ...

    def answered(self, method: str, route: str, status: int) -> None:
        """How it ended; the route is its template."""
        ...


class Tracing(Protocol):
    """Where spans go. Nothing here waits, fails, or keeps more than a bounded amount."""

    is_on: bool
    """Whether anything is traced at all."""

    def request(self, name: str, parent: str | None) -> AbstractContextManager[RequestSpan | None]:
        """A request by its name in the log; `parent` is a `traceparent` of whoever may give one (W3C Trace Context)."""
        ...

    def work(self, name: str, facts: Facts) -> AbstractContextManager[Facts]:
        """A piece of work until the block ends; facts that are added in it are told too."""
        ...

    def done(self, name: str, seconds: float, facts: Facts, *, failed: bool) -> None:
        """A piece of work that has just ended."""
        ...


class Untraced:
    """`Tracing` that does nothing."""

    is_on = False

    def request(self, name: str, parent: str | None) -> AbstractContextManager[RequestSpan | None]:
        """See `Tracing.request`."""
        del name, parent
        return nullcontext()

    @contextmanager
    def work(self, name: str, facts: Facts) -> Iterator[Facts]:
        """See `Tracing.work`."""
        del name
        yield facts

    def done(self, name: str, seconds: float, facts: Facts, *, failed: bool) -> None:
        """See `Tracing.done`."""
