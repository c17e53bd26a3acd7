"""The Hocuspocus codec, against frames captured between the real provider and the real server."""

from __future__ import annotations

import json

import pytest

from workspace.errors import InvalidMessage, ReadOnly
from workspace.hocuspocus import MAX_ADDRESS_BYTES, Envelope, HocuspocusDialect, decode
from workspace.messages import (
    Accepted,
    Awareness,
    ClientMessage,
    Closed,
    Denied,
    Detach,
    Ping,
    Pong,
    QueryAwareness,
    Refused,
    ServerMessage,
    SignedIn,
    SignIn,
    SignInWanted,
    Stateless,
    SyncStep1,
    SyncStep2,
    Unknown,
    Update,
)

HI = bytes.fromhex("010107000401017402686900")

FROM_CLIENT: list[tuple[str, ClientMessage]] = [
    ("0164 02 00 0154 05342e382e30", SignIn("T")),
    ("0164 00 00 0100", SyncStep1(b"\x00")),
    ("0164 00 01 020000", SyncStep2(b"\x00\x00")),
    ("0164 00 02 0c 010107000401017402686900", Update(HI)),
    ("0164 07", Detach()),
    ("0164 02 00 0464656e79 05342e382e30", SignIn("deny")),
]
FROM_SERVER: list[tuple[ServerMessage, str]] = [
    (SignedIn(may_write=True), "0164 02 02 0a726561642d7772697465"),
    (SyncStep1(b"\x00"), "0164 00 00 0100"),
    (SyncStep2(b"\x00\x00"), "0164 00 01 020000"),
    (Accepted(), "0164 08 01"),
    (Update(HI), "0164 00 02 0c 010107000401017402686900"),
    (Closed("provider_initiated"), "0164 07 12 70726f76696465725f696e69746961746564"),
    (Denied("no-access"), "0164 02 01 096e6f2d616363657373"),
    (SignedIn(may_write=False), "0164 02 02 08 726561646f6e6c79"),
]


@pytest.mark.parametrize(("frame", "message"), FROM_CLIENT)
def test_every_captured_frame_of_the_client_is_read(frame: str, message: ClientMessage) -> None:
    """[WIRE-1]"""
    assert decode(bytes.fromhex(frame)) == Envelope(b"d", "d", None, message)


def test_the_captured_session_address_is_taken_apart() -> None:
    """[WIRE-6]"""
    envelope = decode(bytes.fromhex("056400616263 02 00 0154 05342e382e30"))
    assert envelope == Envelope(b"d\x00abc", "d", "abc", SignIn("T"))


@pytest.mark.parametrize(("message", "frame"), FROM_SERVER)
def test_every_captured_frame_of_the_server_is_written(message: ServerMessage, frame: str) -> None:
    """[WIRE-1]"""
    assert HocuspocusDialect(b"d").encode([message]) == [bytes.fromhex(frame)]


def test_the_captured_refusal_is_followed_by_why() -> None:
    """[WIRE-1]"""
    status, why = HocuspocusDialect(b"d").encode([Refused(ReadOnly())])
    assert status == bytes.fromhex("0164 08 00")
    answer = decode(why).message
    assert isinstance(answer, Stateless)
    assert json.loads(answer.text) == {"type": "refused", "reason": "read-only", "title": ReadOnly().title}


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("0164 04 00 0100", SyncStep1(b"\x00")),
        ("0164 04 01 020000", SyncStep2(b"\x00\x00")),
        ("0164 04 02 0101", Update(b"\x01")),
        ("0164 01 0100", Awareness(b"\x00")),
        ("0164 03", QueryAwareness()),
        ("0164 05 02c3bc", Stateless("ü")),
        ("0164 02 00 00", SignIn("")),
        ("0164 02 00 0154", SignIn("T")),
        ("0164 09 ffff", Unknown(9)),
    ],
)
def test_the_rest_of_the_clients_frames_is_read(frame: str, message: ClientMessage) -> None:
    """[WIRE-1]"""
    assert decode(bytes.fromhex(frame)).message == message


def test_ping_and_pong_are_one_byte_and_have_no_address() -> None:
    """[WIRE-1]"""
    assert HocuspocusDialect(b"d").encode([Ping()]) == [b"\x09"]
    assert decode(b"\x0a") == Envelope(b"", "", None, Pong())


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "09",  # Ping is the server's
        "0164",
        "0264",
        "01ff03",
        "0164 00",
        "0164 00 03 00",
        "0164 00 00 0100 00",
        "0164 03 00",
        "0164 07 00",
        "0164 02 01 0154",
        "0164 02 00 0154 0130 00",
        "0164 05 01ff",
        "0164 06 0161",
        "0164 08 01",
        "0164 80",
        "ffffffffffffff0f",
    ],
)
def test_a_malformed_frame_is_refused(frame: str) -> None:
    """[WIRE-2]"""
    with pytest.raises(InvalidMessage):
        decode(bytes.fromhex(frame))


def test_an_address_is_bounded() -> None:
    """[WIRE-2] It is repeated in every answer."""
    longest = b"\x80\x08" + b"a" * MAX_ADDRESS_BYTES
    assert decode(longest + b"\x03").address == b"a" * MAX_ADDRESS_BYTES
    for address in (
        b"\x81\x08" + b"a" * (MAX_ADDRESS_BYTES + 1),
        b"\x82\x08" + "ü".encode() * (MAX_ADDRESS_BYTES // 2 + 1),
    ):
        with pytest.raises(InvalidMessage):
            decode(address + b"\x03")


@pytest.mark.parametrize("address", [b"d", b"d\x00abc", "fälle/1\x00\x00x".encode(), b"", b"a" * 300])
def test_every_answer_carries_the_address_it_was_asked_under(address: bytes) -> None:
    """[WIRE-6]"""
    prefix = HocuspocusDialect(address).encode([Update(HI)])[0].removesuffix(bytes.fromhex("00020c") + HI)
    asked = decode(prefix + b"\x03")
    assert asked.address == address
    messages: list[ServerMessage] = [
        SyncStep1(b""),
        Awareness(b""),
        SignedIn(may_write=True),
        SignInWanted(),
        Denied("x"),
        Accepted(),
        Refused(ReadOnly()),
        Stateless("x"),
        Closed("x"),
    ]
    for message in messages:
        for frame in HocuspocusDialect(asked.address).encode([message]):
            assert frame.startswith(prefix)


def test_acknowledgements_are_never_gathered() -> None:
    """[WIRE-1] The provider counts them one by one."""
    assert HocuspocusDialect(b"d").encode([Accepted(3)]) == [bytes.fromhex("01640801")] * 3


def test_sign_in_is_asked_for_again() -> None:
    """[WIRE-1]"""
    assert HocuspocusDialect(b"d").encode([SignInWanted()]) == [bytes.fromhex("01640200")]


def test_each_message_has_its_own_frame_in_order() -> None:
    """[WIRE-1]"""
    frames = HocuspocusDialect(b"d").encode([Update(b"\x01"), Awareness(b"\x00")])
    assert [frame.hex() for frame in frames] == ["016400020101", "0164010100"]


def test_sessions_of_one_key_are_told_the_same() -> None:
    """[WIRE-6]"""
    assert HocuspocusDialect(b"d").broadcast_key == HocuspocusDialect(b"d").broadcast_key
    assert HocuspocusDialect(b"d").broadcast_key != HocuspocusDialect(b"d\x00a").broadcast_key
    assert len({HocuspocusDialect(b"d").broadcast_key, HocuspocusDialect(b"d").broadcast_key}) == 1
