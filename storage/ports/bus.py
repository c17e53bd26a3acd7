"""Between nodes: a doorbell for the journal, and who is here.

The journal is the truth. Whatever is lost, late, doubled or out of order here costs time, never an edit: who hears a
bell reads the journal, and who may have missed one reads it too.
"""

from __future__ import annotations

from typing import Protocol

from workspace.ids import DocumentId, Seq


class Ear(Protocol):
    """What a node hears about one document. Called on its event loop; answers at once and raises nothing."""

    def rang(self, seq: Seq) -> None:
        """Another node committed entries up to this one, or says so again."""
        ...

    def told(self, states: bytes) -> None:
        """An awareness update about sessions of another node, as a server wrote it. It may be anything: who can reach
        the bus can speak there."""
        ...

    def asked(self) -> None:
        """Another node wants to know who is here."""
        ...

    def may_have_missed(self) -> None:
        """The line to the other nodes is new, for the first time or again: what they said before is lost."""
        ...


class Hall(Protocol):
    """What a node hears of the others as such. Called as an `Ear` is."""

    def announced(self, node: bytes, word: bytes) -> None:
        """Another node said this of itself. Both may be anything."""
        ...


class Bus(Protocol):
    """What one node says to the others.

    Nothing here waits or raises, whatever the state of the line: it stands in the way of no acknowledgement. What waits
    to be said is bounded; of bells the newest of each document is kept, of awareness the latest.
    """

    @property
    def is_up(self) -> bool:
        """Whether the others can be heard, as far as is known."""
        ...

    def join(self, document: DocumentId, ear: Ear) -> None:
        """Listen from now on; `may_have_missed` comes as soon as the line is there."""
        ...

    def leave(self, document: DocumentId) -> None:
        """Listen no more. Harmless when nobody did."""
        ...

    def ring(self, document: DocumentId, seq: Seq) -> None:
        """Entries up to this one are committed."""
        ...

    def tell(self, document: DocumentId, states: bytes) -> None:
        """An awareness update about sessions of this node."""
        ...

    def ask(self, document: DocumentId) -> None:
        """Who is there?"""
        ...

    def gather(self, hall: Hall) -> None:
        """Hear what the other nodes say of themselves, from now on."""
        ...

    def announce(self, word: bytes) -> None:
        """Something that every node is to know of this one. It may be lost."""
        ...


class Alone:
    """The bus of a server that is the only node: nobody to hear, nobody to tell."""

    is_up = True

    def join(self, document: DocumentId, ear: Ear) -> None:
        """See `Bus`."""

    def leave(self, document: DocumentId) -> None:
        """See `Bus`."""

    def ring(self, document: DocumentId, seq: Seq) -> None:
        """See `Bus`."""

    def tell(self, document: DocumentId, states: bytes) -> None:
        """See `Bus`."""

    def ask(self, document: DocumentId) -> None:
        """See `Bus`."""

    def gather(self, hall: Hall) -> None:
        """See `Bus`."""

    def announce(self, word: bytes) -> None:
        """See `Bus`."""
