"""y-websocket frames, and the payloads that both wires share. Source: y-protocols `PROTOCOL.md`, `y-websocket.js`.

SPEC rules WIRE-1 to WIRE-3. A frame is messages one after another; each is a type and what that type says follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import assert_never

from workspace.errors import InvalidMessage
from workspace.lib0 import Decoder, write_var_bytes, write_var_string, write_var_uint
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

PERMISSION_DENIED = 0
MAX_MESSAGES = 1_000
"""Messages in one frame; arbitrary, a stock client sends two."""
EMPTY_AWARENESS = b"\x00"


class Type(IntEnum):
    """What a y-websocket message begins with."""

    SYNC = 0
    AWARENESS = 1
    AUTH = 2
    QUERY_AWARENESS = 3
    ACCEPTED = 100
    """Ours: only a client that asked for it gets it, and a stock client would pass over it."""


class SyncType(IntEnum):
    """What follows `Type.SYNC`."""

    STEP_1 = 0
    STEP_2 = 1
    UPDATE = 2


SharedMessage = SyncStep1 | SyncStep2 | Update | Awareness | QueryAwareness
"""What both wires spell alike, in both directions."""


def read_sync(decoder: Decoder) -> SyncStep1 | SyncStep2 | Update:
    """The payload of a Sync message. Raises: InvalidMessage."""
    match decoder.read_var_uint():
        case SyncType.STEP_1:
            return SyncStep1(decoder.read_var_bytes())
        case SyncType.STEP_2:
            return SyncStep2(decoder.read_var_bytes())
        case SyncType.UPDATE:
            return Update(decoder.read_var_bytes())
        case unknown:
            raise InvalidMessage(f"sync message {unknown}")


def decode(frame: bytes) -> list[ClientMessage]:
    """The messages of one frame, at least one. [WIRE-3] After an unknown type nothing can be found: reading ends there.

    Raises: InvalidMessage. [WIRE-2]
    """
    decoder = Decoder(frame)
    messages: list[ClientMessage] = []
    while not messages or not decoder.at_end:
        if len(messages) == MAX_MESSAGES:
            raise InvalidMessage(f"more than {MAX_MESSAGES} messages in a frame")
        match decoder.read_var_uint():
            case Type.SYNC:
                messages.append(read_sync(decoder))
            case Type.AWARENESS:
                messages.append(Awareness(decoder.read_var_bytes()))
            case Type.QUERY_AWARENESS:
                messages.append(QueryAwareness())
            case unknown:
                messages.append(Unknown(unknown))
                break
    return messages


def encode(message: SharedMessage) -> bytes:
    """One message as both wires spell it, without any address. [WIRE-1]"""
    match message:
        case SyncStep1(data):
            out = bytearray((Type.SYNC, SyncType.STEP_1))
        case SyncStep2(data):
            out = bytearray((Type.SYNC, SyncType.STEP_2))
        case Update(data):
            out = bytearray((Type.SYNC, SyncType.UPDATE))
        case Awareness(data):
            out = bytearray((Type.AWARENESS,))
        case QueryAwareness():
            return bytes((Type.QUERY_AWARENESS,))
        case _:
            assert_never(message)
    write_var_bytes(out, data)
    return bytes(out)


class YWebsocketDialect:
    """How one y-websocket session hears the server. Its state is the number of edits acknowledged so far."""

    __slots__ = ("_accepted", "_wants_acks")

    def __init__(self, *, wants_acks: bool) -> None:
        """`wants_acks`: the client connected with `ack=1`."""
        self._accepted = 0
        self._wants_acks = wants_acks

    @property
    def broadcast_key(self) -> object:
        """Sessions with equal keys get the same bytes for SyncStep1, SyncStep2, Update and Awareness."""
        return YWebsocketDialect

    def decode(self, frame: bytes) -> list[ClientMessage]:
        """See `decode`."""
        return decode(frame)

    def encode(self, messages: Sequence[ServerMessage]) -> list[bytes]:
        """One frame per message that has a word here: a stock client reads the first of a frame and drops the rest."""
        return [frame for message in messages if (frame := self._spell(message))]

    def _spell(self, message: ServerMessage) -> bytes:
        match message:
            case SyncStep1() | SyncStep2() | Update() | Awareness():
                return encode(message)
            case Accepted(count):
                return self._accept(count)
            case Refused(error):
                return _deny(error.title)
            case Denied(reason):
                return _deny(reason)
            case Ping():  # the client closes a link that was silent, and this wire has no ping
                return encode(Awareness(EMPTY_AWARENESS))
            case SignInWanted() | SignedIn() | Stateless() | Closed():
                return b""
            case _:
                assert_never(message)

    def _accept(self, count: int) -> bytes:
        self._accepted += count
        if not self._wants_acks:
            return b""
        out = bytearray((Type.ACCEPTED,))
        write_var_uint(out, self._accepted)
        return bytes(out)


def _deny(reason: str) -> bytes:
    out = bytearray((Type.AUTH, PERMISSION_DENIED))
    write_var_string(out, reason)
    return bytes(out)
