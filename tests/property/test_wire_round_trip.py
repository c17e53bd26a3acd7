"""Both wires read back what they wrote, and whatever bytes come, either read them or refuse them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workspace import hocuspocus, wire
from workspace.errors import InvalidMessage
from workspace.messages import Awareness, QueryAwareness, Stateless, SyncStep1, SyncStep2, Update
from workspace.wire import SharedMessage

SHARED = st.one_of(
    st.builds(SyncStep1, st.binary()),
    st.builds(SyncStep2, st.binary()),
    st.builds(Update, st.binary()),
    st.builds(Awareness, st.binary()),
    st.builds(QueryAwareness),
)
ADDRESSES = st.text().map(str.encode).filter(lambda address: len(address) <= hocuspocus.MAX_ADDRESS_BYTES)


@given(st.lists(SHARED, min_size=1))
def test_a_y_websocket_frame_reads_back_as_its_messages(messages: list[SharedMessage]) -> None:
    """[WIRE-1]"""
    assert wire.decode(b"".join(map(wire.encode, messages))) == messages


@given(
    ADDRESSES,
    st.one_of(st.builds(SyncStep1, st.binary()), st.builds(Update, st.binary()), st.builds(Stateless, st.text())),
)
def test_a_hocuspocus_frame_reads_back_as_its_message(address: bytes, message: SyncStep1 | Update | Stateless) -> None:
    """[WIRE-1] [WIRE-6]"""
    (frame,) = hocuspocus.HocuspocusDialect(address).encode([message])
    envelope = hocuspocus.decode(frame)
    assert envelope.message == message
    assert envelope.address == address
    assert envelope.document + ("" if envelope.session is None else f"\0{envelope.session}") == address.decode()


@given(st.binary())
def test_whatever_bytes_come_are_read_or_refused(frame: bytes) -> None:
    """[WIRE-2]"""
    for decode in (wire.decode, hocuspocus.decode):
        try:
            decode(frame)
        except InvalidMessage:
            continue


@given(st.lists(SHARED, min_size=1), st.data())
def test_a_frame_cut_short_never_reads_as_the_whole(messages: list[SharedMessage], data: st.DataObject) -> None:
    """[WIRE-2]"""
    frame = b"".join(map(wire.encode, messages))
    cut = data.draw(st.integers(0, len(frame) - 1))
    try:
        read = wire.decode(frame[:cut])
    except InvalidMessage:
        return
    assert read == messages[: len(read)]
    assert len(read) < len(messages)
