"""The real history: a paper written letter by letter, as Yjs updates. Source of the data: `bench/data/README.md`."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pycrdt import Doc, Text, TransactionEvent

from bench.people import ROOT

TRACE = Path(__file__).parent / "data" / "automerge-paper.json.gz"
WRITER = 1_415_926_535
"""The client id of the one who wrote it; arbitrary, of usual size."""

Patch = tuple[int, int, str]
"""Position, letters deleted, letters inserted."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Edits from an empty text, and what the text is after all of them."""

    patches: list[Patch]
    end: str


def load_trace() -> Trace:
    """Read the file."""
    data = json.loads(gzip.decompress(TRACE.read_bytes()))
    patches = [(at, deleted, inserted) for txn in data["txns"] for at, deleted, inserted in txn["patches"]]
    return Trace(patches, data["endContent"])


def replay(patches: Iterable[Patch]) -> str:
    """The text after these edits, without any CRDT."""
    text: list[str] = []
    for at, deleted, inserted in patches:
        text[at : at + deleted] = inserted
    return "".join(text)


def as_updates(patches: Iterable[Patch]) -> Iterator[bytes]:
    """One Yjs update (v1) for each edit."""
    doc: Doc[Text] = Doc(client_id=WRITER)
    text = doc.get(ROOT, type=Text)
    made: list[bytes] = []

    def note(event: TransactionEvent) -> None:
        made.append(event.update)

    doc.observe(note)
    for at, deleted, inserted in patches:
        with doc.transaction():
            if deleted:
                del text[at : at + deleted]
            if inserted:
                text.insert(at, inserted)
        yield from made
        made.clear()


def write_history(file: Path, edits: int | None) -> str:
    """Write the updates of the first `edits` (None: all), each with its length in front; the SHA-256 of their text."""
    trace = load_trace()
    patches = trace.patches if edits is None else list(islice(trace.patches, edits))
    text = trace.end if edits is None else replay(patches)
    with file.open("wb") as out:
        for update in as_updates(patches):
            out.write(len(update).to_bytes(4, "big") + update)
    return hashlib.sha256(text.encode()).hexdigest()
