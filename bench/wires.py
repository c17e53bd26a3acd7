"""The two wires as a client speaks them (WIRE §2, §3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal, Protocol

from bench.lib0 import read_var_bytes, read_var_uint, var_bytes, var_string

WireName = Literal["y-websocket", "hocuspocus"]
SYNC, AWARENESS, AUTH, SYNC_REPLY, CLOSE, SYNC_STATUS, ACCEPTED = 0, 1, 2, 4, 7, 8, 100
PING, PONG = b"\x09", b"\x0a"
AUTHENTICATED = 2
PROVIDER_VERSION = "4.8.0"
EMPTY_STATE_VECTOR = b"\x00"


class Kind(Enum):
    """What a server says."""

    STEP_1 = auto()
    STEP_2 = auto()
    UPDATE = auto()
    AWARENESS = auto()
    SIGNED_IN = auto()
    ACCEPTED_ONE = auto()
    ACCEPTED_SO_FAR = auto()
    PING = auto()
    REFUSED = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a server. `count` belongs to ACCEPTED_SO_FAR, `data` to those that carry an update or states."""

    kind: Kind
    data: bytes = b""
    count: int = 0


class Wire(Protocol):
    """How one document's frames are spelled."""

    def hello(self) -> list[bytes]:
        """The frames that a client begins with, its SyncStep1 among them."""
        ...

    def step2(self, update: bytes) -> bytes: ...

    def update(self, update: bytes) -> bytes: ...

    def awareness(self, states: bytes) -> bytes: ...

    def read(self, frame: bytes) -> list[Message]:
        """The messages of one frame."""
        ...


class YWebsocket:
    """One document per socket, named by its path; a frame may hold several messages."""

    def hello(self) -> list[bytes]:
        """See `Wire.hello`."""
        return [b"\x00\x00" + var_bytes(EMPTY_STATE_VECTOR)]

    def step2(self, update: bytes) -> bytes:
        """The answer to SyncStep1."""
        return b"\x00\x01" + var_bytes(update)

    def update(self, update: bytes) -> bytes:
        """An edit."""
        return b"\x00\x02" + var_bytes(update)

    def awareness(self, states: bytes) -> bytes:
        """A cursor that moved."""
        return b"\x01" + var_bytes(states)

    def read(self, frame: bytes) -> list[Message]:
        """See `Wire.read`."""
        messages: list[Message] = []
        at = 0
        while at < len(frame):
            kind, at = read_var_uint(frame, at)
            if kind == SYNC:
                message, at = _read_sync(frame, at)
            elif kind == AWARENESS:
                states, at = read_var_bytes(frame, at)
                message = Message(Kind.AWARENESS, states)
            elif kind == ACCEPTED:
                count, at = read_var_uint(frame, at)
                message = Message(Kind.ACCEPTED_SO_FAR, count=count)
            elif kind == AUTH:
                return [*messages, Message(Kind.REFUSED)]
            else:
                raise ValueError(f"message type {kind}")
            messages.append(message)
        return messages


class Hocuspocus:
    """Any number of documents per socket; these clients open one each, as most pages do."""

    def __init__(self, address: str, token: str) -> None:
        self._prefix = var_string(address)
        self._token = token

    def hello(self) -> list[bytes]:
        """See `Wire.hello`."""
        token = bytes((AUTH, 0)) + var_string(self._token) + var_string(PROVIDER_VERSION)
        return [self._prefix + token, self._prefix + b"\x00\x00" + var_bytes(EMPTY_STATE_VECTOR)]

    def step2(self, update: bytes) -> bytes:
        """The answer to SyncStep1."""
        return self._prefix + b"\x00\x01" + var_bytes(update)

    def update(self, update: bytes) -> bytes:
        """An edit."""
        return self._prefix + b"\x00\x02" + var_bytes(update)

    def awareness(self, states: bytes) -> bytes:
        """A cursor that moved."""
        return self._prefix + b"\x01" + var_bytes(states)

    def read(self, frame: bytes) -> list[Message]:
        """See `Wire.read`."""
        if frame == PING:
            return [Message(Kind.PING)]
        if not frame.startswith(self._prefix):
            raise ValueError("a frame for another document")
        kind, at = read_var_uint(frame, len(self._prefix))
        if kind in (SYNC, SYNC_REPLY):
            return [_read_sync(frame, at)[0]]
        if kind == AWARENESS:
            return [Message(Kind.AWARENESS, read_var_bytes(frame, at)[0])]
        if kind == SYNC_STATUS:
            return [Message(Kind.ACCEPTED_ONE if frame[at] == 1 else Kind.REFUSED)]
        if kind == AUTH:
            return [Message(Kind.SIGNED_IN if frame[at] == AUTHENTICATED else Kind.REFUSED)]
        return [Message(Kind.REFUSED if kind == CLOSE else Kind.OTHER)]


def _read_sync(frame: bytes, at: int) -> tuple[Message, int]:
    kind, at = read_var_uint(frame, at)
    data, at = read_var_bytes(frame, at)
    return Message((Kind.STEP_1, Kind.STEP_2, Kind.UPDATE)[kind], data), at
