"""The bus in memory: nodes in one process, with switches that tests use to cut and mend the line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from storage.ports.bus import Ear, Hall
from workspace.ids import DocumentId, Seq


@dataclass
class MemoryExchange:
    """What joins the nodes. While it is cut, everything said is lost."""

    buses: list[MemoryBus] = field(default_factory=list)
    is_cut: bool = False

    def bus(self) -> MemoryBus:
        """The bus of one more node."""
        made = MemoryBus(self)
        self.buses.append(made)
        return made

    def cut(self) -> None:
        """Lose everything from now on."""
        self.is_cut = True

    def mend(self) -> None:
        """The line is there again; every node hears that it may have missed something."""
        self.is_cut = False
        for bus in self.buses:
            bus.may_have_missed()


class MemoryBus:
    """`storage.ports.Bus`: what is said is heard on the loop's next turn."""

    def __init__(self, exchange: MemoryExchange) -> None:
        self._exchange = exchange
        self._ears: dict[DocumentId, Ear] = {}
        self._hall: Hall | None = None
        self._node = b"node%d" % len(exchange.buses)

    @property
    def is_up(self) -> bool:
        """See the port."""
        return not self._exchange.is_cut

    def join(self, document: DocumentId, ear: Ear) -> None:
        """See the port."""
        self._ears[document] = ear
        if not self._exchange.is_cut:
            self.soon(document, lambda heard: heard.may_have_missed())

    def leave(self, document: DocumentId) -> None:
        """See the port."""
        self._ears.pop(document, None)

    def ring(self, document: DocumentId, seq: Seq) -> None:
        """See the port."""
        self._say(document, lambda ear: ear.rang(seq))

    def tell(self, document: DocumentId, states: bytes) -> None:
        """See the port."""
        self._say(document, lambda ear: ear.told(states))

    def ask(self, document: DocumentId) -> None:
        """See the port."""
        self._say(document, lambda ear: ear.asked())

    def gather(self, hall: Hall) -> None:
        """See the port."""
        self._hall = hall

    def announce(self, word: bytes) -> None:
        """See the port."""
        if not self._exchange.is_cut:
            for other in self._exchange.buses:
                if other is not self and other._hall is not None:  # noqa: SLF001
                    asyncio.get_running_loop().call_soon(other._hall.announced, self._node, word)  # noqa: SLF001

    def may_have_missed(self) -> None:
        """The line was mended."""
        for document in self._ears:
            self.soon(document, lambda ear: ear.may_have_missed())

    def _say(self, document: DocumentId, word: Callable[[Ear], None]) -> None:
        if not self._exchange.is_cut:
            for other in self._exchange.buses:
                if other is not self:
                    other.soon(document, word)

    def soon(self, document: DocumentId, word: Callable[[Ear], None]) -> None:
        asyncio.get_running_loop().call_soon(partial(self._hear, document, word))

    def _hear(self, document: DocumentId, word: Callable[[Ear], None]) -> None:
        ear = self._ears.get(document)
        if ear is not None:
            word(ear)
