"""The y-websocket codec."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from workspace.errors import InvalidMessage, ReadOnly
from workspace.messages import (
    Accepted,
    Awareness,
    ClientMessage,
    Closed,
    Denied,
    Ping,
    QueryAwareness,
    Refused,
    ServerMessage,
    SignedIn,
    SignInWanted,
    Stateless,
    SyncStep1,
    SyncStep2,
    Unknown,
    Update,
)
from workspace.wire import MAX_MESSAGES, YWebsocketDialect, decode, encode

HI = bytes.fromhex("010107000401017402686900")


@pytest.mark.parametrize(
    ("frame", "messages"),
    [
        ("00000100", [SyncStep1(b"\x00")]),
        ("0001020000", [SyncStep2(b"\x00\x00")]),
        ("00020c" + HI.hex(), [Update(HI)]),
        ("010100", [Awareness(b"\x00")]),
        ("03", [QueryAwareness()]),
        ("00000100010100", [SyncStep1(b"\x00"), Awareness(b"\x00")]),
        ("00020203040002020506", [Update(b"\x03\x04"), Update(b"\x05\x06")]),
    ],
)
def test_a_frame_is_its_messages_one_after_another(frame: str, messages: list[ClientMessage]) -> None:
    """[WIRE-1]"""
    assert decode(bytes.fromhex(frame)) == messages


@pytest.mark.parametrize(
    ("frame", "messages"),
    [
        ("63ffff", [Unknown(99)]),
        ("0302", [QueryAwareness(), Unknown(2)]),
        ("03e807000201", [QueryAwareness(), Unknown(1000)]),
    ],
)
def test_an_unknown_type_ends_the_frame_quietly(frame: str, messages: list[ClientMessage]) -> None:
    """[WIRE-3]"""
    assert decode(bytes.fromhex(frame)) == messages


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "00",
        "0003",
        "0000",
        "000002ff",
        "0000ffffffffffffff0f",
        "0100" + "01",
        "01",
        "80",
        "ff" * 20,
        "00000100" + "00",
        "000280808080808080800100",
    ],
)
def test_a_malformed_frame_is_refused(frame: str) -> None:
    """[WIRE-2]"""
    with pytest.raises(InvalidMessage):
        decode(bytes.fromhex(frame))


def test_messages_in_a_frame_are_bounded() -> None:
    """[WIRE-2]"""
    assert len(decode(b"\x03" * MAX_MESSAGES)) == MAX_MESSAGES
    with pytest.raises(InvalidMessage):
        decode(b"\x03" * (MAX_MESSAGES + 1))


@pytest.mark.parametrize(
    ("messages", "frames"),
    [
        ([SyncStep2(b"\x00\x00")], ["0001020000"]),
        ([SyncStep1(b"\x00"), Awareness(b"\x00")], ["00000100", "010100"]),
        ([Update(HI), Awareness(b"\x00")], ["00020c" + HI.hex(), "010100"]),
        ([Ping()], ["010100"]),
        ([Denied("no-access")], ["0200096e6f2d616363657373"]),
        ([Refused(ReadOnly())], ["02002d" + ReadOnly().title.encode().hex()]),
        ([SignInWanted(), SignedIn(may_write=True), Stateless("x"), Closed("y")], []),
        ([], []),
        ([SignedIn(may_write=False), SyncStep1(b"\x00")], ["00000100"]),
    ],
)
def test_the_server_says_one_message_a_frame(messages: Sequence[ServerMessage], frames: list[str]) -> None:
    """[WIRE-1] The stock client reads the first of a frame and drops the rest."""
    assert [frame.hex() for frame in YWebsocketDialect(wants_acks=False).encode(messages)] == frames


def test_an_empty_sync_step_2_is_the_five_bytes_every_client_knows() -> None:
    """[WIRE-1]"""
    assert encode(SyncStep2(b"\x00\x00")) == bytes.fromhex("0001020000")
    assert encode(QueryAwareness()) == b"\x03"


def test_acknowledgements_count_from_the_beginning_of_the_connection() -> None:
    """[WIRE-1]"""
    dialect = YWebsocketDialect(wants_acks=True)
    assert dialect.encode([Accepted()]) == [b"\x64\x01"]
    assert dialect.encode([Accepted(126), Accepted(1)]) == [b"\x64\x7f", b"\x64\x80\x01"]


def test_a_client_that_did_not_ask_hears_no_acknowledgement() -> None:
    """[WIRE-1]"""
    dialect = YWebsocketDialect(wants_acks=False)
    assert dialect.encode([Accepted(3)]) == []


def test_sessions_of_one_key_are_told_the_same() -> None:
    """[WIRE-1]"""
    told: list[ServerMessage] = [SyncStep1(b"\x00"), SyncStep2(b"\x00\x00"), Update(HI), Awareness(b"\x00")]
    asking, silent = YWebsocketDialect(wants_acks=True), YWebsocketDialect(wants_acks=False)
    asking.encode([Accepted(5)])
    assert asking.broadcast_key == silent.broadcast_key
    assert asking.encode(told) == silent.encode(told)
    assert len({asking.broadcast_key, silent.broadcast_key}) == 1


def test_a_dialect_reads_what_the_module_reads() -> None:
    """[WIRE-1]"""
    assert YWebsocketDialect(wants_acks=False).decode(b"\x03") == [QueryAwareness()]
