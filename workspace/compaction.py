"""Snapshots: a document's entries 1…seq in one blob. Format `consilium-snapshot/1`.

The blob is varBytes(struct ranges), varBytes(delete ranges), update: the ranges, in the encoding of a Yjs delete set,
spare a reader of the blob the parsing of its update.

Two traps (both once lost or froze real systems): a `Doc` forgets what waits for missing predecessors, so its bytes are
taken only when they are proven to hold all that was received; and merging many updates at once is quadratic, so merging
is a tree.
"""

from __future__ import annotations

from pycrdt import Doc, Text

from workspace.entries import Snapshot, Stored
from workspace.errors import InvalidUpdate
from workspace.ids import Seq, UpdateBytes
from workspace.lib0 import Decoder, write_var_bytes
from workspace.ranges import Ranges
from workspace.replica import Holding, Replica, fold
from workspace.update import encode_ranges, read_ranges, read_update


def squash(holding: Holding) -> UpdateBytes:
    """One update that holds exactly what the chunks hold: by a `Doc`, which joins runs and drops deleted text, if it
    forgets nothing; else by merging.

    Well-formed updates can kill the process here: call it in a child. Merged first and applied once, fewer do. [JRN-14]
    """
    folded = fold(list(holding.chunks))
    if holding.held.has_gaps:
        return folded
    document = Doc[Text]()
    try:
        document.apply_update(folded)
        squashed = UpdateBytes(document.get_update())
    except RuntimeError:  # a struct that is put into something that holds nothing, among others
        return folded
    return squashed if _holds_all(squashed, holding) else folded


def says_same(update: UpdateBytes, holding: Holding) -> bool:
    """Whether an update makes the document that the chunks make, letter by letter. What waits for missing predecessors
    is in no `Doc`, and so is not compared. Raises: RuntimeError. May kill its process, as `squash` may."""
    return _settled(update) == _settled(fold(list(holding.chunks)))


def _settled(update: UpdateBytes) -> bytes:
    """How a fresh `Doc` spells what it was given: runs joined, deleted text dropped, in one order."""
    document = Doc[Text]()
    document.apply_update(update)
    return document.get_update()


def _holds_all(update: UpdateBytes, holding: Holding) -> bool:
    try:
        facts = read_update(update)
    except InvalidUpdate:  # what a hostile client made the Doc say
        return False
    kept, dropped = Ranges(), Ranges()
    kept.add_all(facts.structs)
    dropped.add_all(facts.deletes)
    # A Doc may delete more than it was told to: what was typed into a paragraph that somebody else removed.
    return kept == holding.held and all(
        dropped.covers(client, start, end) for client, spans in holding.deleted for start, end in spans
    )


def encode_snapshot(holding: Holding, update: UpdateBytes) -> Snapshot:
    """Spell a snapshot of `holding`, whose chunks `update` stands for."""
    body = bytearray()
    write_var_bytes(body, encode_ranges(dict(holding.held)))
    write_var_bytes(body, encode_ranges(dict(holding.deleted)))
    return Snapshot(holding.seq, bytes(body) + update)


def decode_snapshot(snapshot: Snapshot) -> Replica:
    """Read a snapshot whose digest was checked. Raises: InvalidMessage if it is not of this format."""
    decoder = Decoder(snapshot.body)
    held = Ranges(read_ranges(decoder.read_var_bytes()))
    deleted = Ranges(read_ranges(decoder.read_var_bytes()))
    return Replica(snapshot.seq, UpdateBytes(snapshot.body[decoder.position :]), held, deleted)


def open_replica(stored: Stored) -> Replica:
    """What a journal kept of a document, as a replica: the snapshot, then the entries after it."""
    replica = decode_snapshot(stored.snapshot) if stored.snapshot else Replica(Seq(0), None, Ranges(), Ranges())
    for entry in stored.entries:
        replica.take(entry.seq, entry.update, read_update(entry.update))
    return replica
