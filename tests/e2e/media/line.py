"""The line between browsers and the store: as fast as it goes, as slow as one says, or broken."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from threading import Condition, Thread
from time import monotonic

CHUNK_BYTES = 64 * 1024


class Line:
    """Passes bytes on to the store as they are. What a browser sends is what is slow: a clinic's link is."""

    def __init__(self, store_port: int) -> None:
        self._store = ("127.0.0.1", store_port)
        self._door = socket.socket()
        # Otherwise the systems on both sides take megabytes in, and the browser says that they are sent.
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * CHUNK_BYTES)
        self._door.bind(("127.0.0.1", 0))
        self._door.listen(64)
        self._pace = Condition()
        self._bytes_a_second: float | None = None
        self._open: set[socket.socket] = set()
        self._is_cut = False
        self._free_at = 0.0

    @property
    def url(self) -> str:
        """What browsers are told."""
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def slow(self, bytes_a_second: float) -> None:
        """Over all connections together. Zero: nothing goes."""
        self._goes_at(bytes_a_second)

    def free(self) -> None:
        """As fast as it goes."""
        self._goes_at(None)

    def _goes_at(self, bytes_a_second: float | None) -> None:
        with self._pace:
            self._bytes_a_second, self._is_cut = bytes_a_second, False
            self._pace.notify_all()

    def cut(self) -> None:
        """What is under way breaks off, and what is begun, until a speed is named: browsers try again by themselves."""
        with self._pace:
            self._is_cut = True
            broken, self._open = self._open, set()
            for end in broken:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._pace.notify_all()

    def serve(self) -> None:
        """Until it is closed."""
        while True:
            try:
                browser, _ = self._door.accept()
            except OSError:
                return
            if self._is_cut:
                browser.close()
                continue
            store = socket.create_connection(self._store)
            with self._pace:
                self._open |= {browser, store}
            Thread(target=self._join, args=(browser, store), daemon=True).start()

    def close(self) -> None:
        """Break off everything."""
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self.cut()

    def _join(self, browser: socket.socket, store: socket.socket) -> None:
        with browser, store:
            back = Thread(target=self._carry, args=(store, browser), kwargs={"is_slow": False}, daemon=True)
            back.start()
            self._carry(browser, store, is_slow=True)
            back.join()
            with self._pace:
                self._open -= {browser, store}

    def _carry(self, source: socket.socket, target: socket.socket, *, is_slow: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                if is_slow and not self._may_pass(source, len(data)):
                    break
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _may_pass(self, source: socket.socket, count: int) -> bool:
        """Waits for its turn, so that all together are as slow as one says. False: it was cut meanwhile."""
        with self._pace:
            turn: float | None = None
            while source in self._open:
                if self._bytes_a_second is None or (turn is not None and monotonic() >= turn):
                    return True
                if self._bytes_a_second == 0:
                    self._pace.wait()
                    continue
                if turn is None:
                    turn = self._free_at = max(monotonic(), self._free_at) + count / self._bytes_a_second
                self._pace.wait(max(0, turn - monotonic()))
            return False


@contextlib.contextmanager
def running_line(store_port: int) -> Iterator[Line]:
    """One that is there until the block ends."""
    line = Line(store_port)
    thread = Thread(target=line.serve, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        line.close()
        thread.join(5)
