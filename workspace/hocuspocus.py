"""Hocuspocus frames: one message each, behind the address of its document. Source: @hocuspocus/provider 4.

SPEC rules WIRE-1, WIRE-2, WIRE-6. Payloads of types 0, 1 and 3 are those of y-protocols (`workspace.wire`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import assert_never

from workspace.errors import ConsiliumError, InvalidMessage
from workspace.lib0 import Decoder, write_var_bytes, write_var_string
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
from workspace.wire import encode, read_sync

TOKEN = 0
SEND_YOUR_TOKEN, PERMISSION_DENIED, AUTHENTICATED = 0, 1, 2
REJECTED, ACCEPTED = 0, 1
PING_FRAME = b"\x09"
PONG_FRAME = b"\x0a"
MAX_ADDRESS_BYTES = 1024
"""It is repeated in every answer; ours are under 60 bytes and a session id."""


class Type(IntEnum):
    """What follows the address."""

    SYNC = 0
    AWARENESS = 1
    AUTH = 2
    QUERY_AWARENESS = 3
    SYNC_REPLY = 4
    """As SYNC; it only asks for no SyncStep1 in return."""
    STATELESS = 5
    BROADCAST_STATELESS = 6
    CLOSE = 7
    SYNC_STATUS = 8


@dataclass(frozen=True, slots=True)
class Envelope:
    """One frame of a client. `address` is empty for Pong, which is of the whole socket."""

    address: bytes
    """The address string's bytes, to be repeated in every answer."""
    document: str
    session: str | None
    message: ClientMessage


def decode(frame: bytes) -> Envelope:
    """Read one frame. Raises: InvalidMessage. [WIRE-2]"""
    if frame == PONG_FRAME:
        return Envelope(b"", "", None, Pong())
    decoder = Decoder(frame)
    text = decoder.read_var_string()
    address = text.encode()
    if len(address) > MAX_ADDRESS_BYTES:
        raise InvalidMessage(f"address of {len(address)} bytes")
    message = _read_message(decoder)
    if not isinstance(message, Unknown):
        decoder.expect_end()
    document, nul, session = text.partition("\0")
    return Envelope(address, document, session if nul else None, message)


def _read_message(decoder: Decoder) -> ClientMessage:
    match decoder.read_var_uint():
        case Type.SYNC | Type.SYNC_REPLY:
            return read_sync(decoder)
        case Type.AWARENESS:
            return Awareness(decoder.read_var_bytes())
        case Type.AUTH:
            return _read_sign_in(decoder)
        case Type.QUERY_AWARENESS:
            return QueryAwareness()
        case Type.STATELESS:
            return Stateless(decoder.read_var_string())
        case Type.CLOSE:
            return Detach()
        case Type.BROADCAST_STATELESS | Type.SYNC_STATUS as servers_only:
            raise InvalidMessage(f"message {servers_only} is not a client's")
        case unknown:
            return Unknown(unknown)


def _read_sign_in(decoder: Decoder) -> SignIn:
    if decoder.read_var_uint() != TOKEN:
        raise InvalidMessage("not a token")
    token = decoder.read_var_string()
    if not decoder.at_end:
        decoder.read_var_string()  # the provider's version
    return SignIn(token)


class HocuspocusDialect:
    """How one document's session on a Hocuspocus socket hears the server."""

    __slots__ = ("_address", "_prefix")

    def __init__(self, address: bytes) -> None:
        """`address` as it came in the client's Envelope. [WIRE-6]"""
        prefix = bytearray()
        write_var_bytes(prefix, address)
        self._prefix = bytes(prefix)
        self._address = address

    @property
    def broadcast_key(self) -> object:
        """Sessions with equal keys get the same bytes for SyncStep1, SyncStep2, Update and Awareness."""
        return (HocuspocusDialect, self._address)

    def encode(self, messages: Sequence[ServerMessage]) -> list[bytes]:
        """One frame per message, but `Accepted(n)` is n and `Refused` is two: the client counts them."""
        return [frame for message in messages for frame in self._spell(message)]

    def _spell(self, message: ServerMessage) -> list[bytes]:
        match message:
            case SyncStep1() | SyncStep2() | Update() | Awareness():
                return [self._prefix + encode(message)]
            case Accepted(count):
                return [self._prefix + bytes((Type.SYNC_STATUS, ACCEPTED))] * count
            case Refused(error):
                status = self._prefix + bytes((Type.SYNC_STATUS, REJECTED))
                return [status, self._with_text(Type.STATELESS, text=_explain(error))]
            case SignedIn(may_write):
                return [self._with_text(Type.AUTH, AUTHENTICATED, text="read-write" if may_write else "readonly")]
            case SignInWanted():
                return [self._prefix + bytes((Type.AUTH, SEND_YOUR_TOKEN))]
            case Denied(reason):
                return [self._with_text(Type.AUTH, PERMISSION_DENIED, text=reason)]
            case Stateless(text):
                return [self._with_text(Type.STATELESS, text=text)]
            case Closed(reason):
                return [self._with_text(Type.CLOSE, text=reason)]
            case Ping():
                return [PING_FRAME]
            case _:
                assert_never(message)

    def _with_text(self, *types: int, text: str) -> bytes:
        out = bytearray(self._prefix)
        out += bytes(types)
        write_var_string(out, text)
        return bytes(out)


def _explain(error: ConsiliumError) -> str:
    words = {"type": "refused", "reason": error.reason, "title": error.title}
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))
