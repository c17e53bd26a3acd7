"""How long a connection may take to say its request; uvicorn itself waits for ever. [ROOM-9]"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Impatient(HttpToolsProtocol):
    """uvicorn's HTTP protocol, but a connection on which no request comes whole in time is closed without a word.

    The time of the body is the handlers' affair (`server.body`), that of a WebSocket the endpoints' (hello timeout).
    """

    hello_seconds: float
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request is waited for."""
        super().connection_made(transport)
        self._wait()

    def on_headers_complete(self) -> None:
        """It came."""
        self._stop_waiting()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """The next one is waited for; uvicorn closes sooner if nothing of it comes at all."""
        super().on_response_complete()
        was_the_last = self.cycle.response_complete  # or one that was sent ahead is being answered now
        if was_the_last and not self.transport.is_closing():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(self.hello_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def impatient(hello_seconds: float) -> type[Impatient]:
    """The protocol class for `uvicorn.Config(http=…)`, which makes one per connection."""
    return type("Impatient", (Impatient,), {"hello_seconds": hello_seconds})
