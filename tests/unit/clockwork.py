"""An event loop whose time is its own: it stands still while there is anything to do, then leaps to the next timer."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

P = ParamSpec("P")
START = 1_000.0
THREAD_SECONDS = 0.001
"""Real time given to threads at each leap, so that work which they do does not take years."""


class _Leaping(selectors.BaseSelector):
    """Waits for no timer: what would be waited is added to the clock."""

    def __init__(self) -> None:
        self.now = START
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(timeout if timeout is None else min(max(timeout, 0.0), THREAD_SECONDS))
        if timeout is not None and timeout > 0 and not ready:
            self.now += timeout
        return ready

    def register(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[FileDescriptorLike, selectors.SelectorKey]:
        return self._real.get_map()


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Threads end in real time: the 300 s that Python 3.12 gives them would be over with the first leap."""
        del timeout
        await super().shutdown_default_executor()


def in_its_own_time(scenario: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Make a test of a coroutine that is run in such a loop. What a callback raises fails it."""

    @wraps(scenario)
    def test(*args: P.args, **kwargs: P.kwargs) -> None:
        loop = _Loop()
        raised: list[object] = []
        loop.set_exception_handler(lambda _, context: raised.append(context.get("exception") or context["message"]))
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(scenario(*args, **kwargs))
        assert raised == []

    return test
