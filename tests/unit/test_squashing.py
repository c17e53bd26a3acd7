"""No update that passes the reader can take the server with it when a snapshot is made."""

from __future__ import annotations

import pytest
from anyio import BrokenWorkerProcess, to_process
from pycrdt import Doc, Text

from server.squashing import ChildProcess
from workspace.compaction import squash
from workspace.ids import Seq, UpdateBytes
from workspace.lib0 import write_var_string, write_var_uint
from workspace.ranges import Ranges
from workspace.replica import Holding, Replica
from workspace.update import read_update

TWO_THINGS_UNDER_ONE_CLOCK = [
    bytes.fromhex("0202030000052801016d016b017f01010306010161046c696e6b0322782202040203030802030200020404"),
    bytes.fromhex("01020100880301017f8401000ad7a2d791d7a8d799d7aa00"),
]
"""Together they end a process that applies them to a `Doc` one after the other."""


def holding_of(*updates: bytes) -> Holding:
    """What a room holds after these updates."""
    replica = Replica(Seq(0), None, Ranges(), Ranges())
    for seq, update in enumerate(updates, start=1):
        replica.take(Seq(seq), UpdateBytes(update), read_update(update))
    return replica.seal()


def typed(text: str) -> bytes:
    """A document with this text."""
    doc = Doc[Text]()
    doc.get("t", type=Text).insert(0, text)
    return bytes(doc.get_update())


def nested(levels: int) -> bytes:
    """XML elements, each in the one before, and then the outermost deleted."""
    out = bytearray((1,))
    write_var_uint(out, levels)
    out += bytes((7, 0))
    for clock in range(levels):
        out.append(7)
        if clock:
            out += bytes((0, 7))
            write_var_uint(out, clock - 1)
        else:
            out.append(1)
            write_var_string(out, "x")
        out.append(3)
        write_var_string(out, "p")
    return bytes(out) + b"\x01\x07\x01\x00\x01"


@pytest.mark.parametrize(
    "updates", [[typed("x" * 5000), *TWO_THINGS_UNDER_ONE_CLOCK], [nested(50_000)]], ids=["equivocation", "nesting"]
)
async def test_what_kills_a_doc_does_not_kill_the_server(updates: list[bytes]) -> None:
    """[JRN-14] [WIRE-5] Well-formed updates, hostile together: the snapshot is made and forgets nothing."""
    holding = holding_of(*updates)
    update = await ChildProcess()(holding)
    facts = read_update(update)
    held, deleted = Ranges(), Ranges()
    held.add_all(facts.structs)
    deleted.add_all(facts.deletes)
    assert held == holding.held
    assert all(deleted.covers(client, start, end) for client, spans in holding.deleted for start, end in spans)


async def test_a_child_really_dies_of_it() -> None:
    """[JRN-14] The attack is one: without a process of its own it would end this one."""
    with pytest.raises(BrokenWorkerProcess):
        await to_process.run_sync(squash, holding_of(nested(50_000)))


async def test_a_child_that_takes_too_long_is_replaced_by_merging() -> None:
    """[JRN-14] Nothing waits for ever, and the next squashing has a fresh child."""
    holding = holding_of(typed("abc"), typed("def"))
    for patience_seconds in (0.001, 60):
        update = await ChildProcess(patience_seconds)(holding)
        assert set(read_update(update).structs) == set(read_update(holding.chunks[0]).structs)
