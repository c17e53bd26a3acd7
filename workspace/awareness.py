"""Who is here and where, with names and roles that the server wrote. Source: y-protocols `awareness.js`; WIRE rules
AWR-*.

Only the latest state of each client id is kept, as the text that is sent on. A session speaks for one client id; what
it says about others (stock clients repeat what they heard) is passed over. States of sessions on other nodes come as
those nodes wrote them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isinf

from workspace.errors import InvalidMessage
from workspace.ids import ClientId, PersonId, SessionId
from workspace.json_text import check_nesting
from workspace.lib0 import Decoder, write_var_string, write_var_uint

MAX_CLOCK = 2**31
MAX_CLIENTS = 10_000
"""In one update; arbitrary, a multiple of a full room, which stock clients repeat whole."""
NULL = "null"


@dataclass(slots=True)
class _State:
    clock: int
    session: SessionId | None
    """None: of another node."""
    person: PersonId
    text: str
    renewed_at: float


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose session it is that speaks, and what others are to be told of them."""

    session: SessionId
    person: PersonId
    card: Mapping[str, str]
    """Becomes the state's `user`, whatever the client wrote there."""


def decode(update: bytes) -> list[tuple[ClientId, int, str]]:
    """(client, clock, state as it is spelled) of each entry; `read_state` reads the state. Raises: InvalidMessage."""
    decoder = Decoder(update)
    count = decoder.read_count(smallest=3)
    if count > MAX_CLIENTS:
        raise InvalidMessage("awareness of too many clients")
    entries: list[tuple[ClientId, int, str]] = []
    for _ in range(count):
        client, clock = ClientId(decoder.read_var_uint()), decoder.read_var_uint()
        if clock >= MAX_CLOCK:
            raise InvalidMessage("clock too large")
        entries.append((client, clock, decoder.read_var_string()))
    decoder.expect_end()
    if len({client for client, _, _ in entries}) != count:
        raise InvalidMessage("a client twice")
    return entries


def read_state(text: str) -> dict[str, object] | None:
    """A state, or None for "gone". Raises: InvalidMessage. [AWR-4]"""
    check_nesting(text)
    try:
        state: object = _READER.decode(text)
    except (ValueError, RecursionError) as error:
        raise InvalidMessage("awareness is not JSON") from error
    match state:
        case None:
            return None
        case dict():
            return state
        case _:
            raise InvalidMessage("an awareness state is an object")


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity: Python reads them, JSON.parse in everybody's browser does not


def _read_integer(digits: str) -> int:
    if isinf(float(digits)):
        raise ValueError(digits)
    return int(digits)


_READER = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_read_integer)
_SPELLER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
"""Made once: `json.loads` and `json.dumps` make new ones for every state."""


def _spell(state: dict[str, object], card: Mapping[str, str]) -> str:
    try:
        return _SPELLER.encode({**state, "user": dict(card)})
    except (ValueError, RecursionError) as error:  # 1e999 reads as infinity
        raise InvalidMessage("awareness is not JSON") from error


class AwarenessStates:
    """The awareness of one room.

    Invariants: (1) a client id with a state belongs to exactly one session, here or on another node, a session to at
    most one client id; (2) a state's `user` is the card of its session; (3) clocks of a client id never go back while
    it is here.
    """

    def __init__(self, max_state_bytes: int, *, is_shared: bool = False) -> None:
        self._max_state_bytes = max_state_bytes
        self._is_shared = is_shared
        self._untold: dict[ClientId, int] = {}
        """Clients of our own sessions whose state other nodes are to be told; none if there are no other nodes."""
        self._states: dict[ClientId, _State] = {}
        self._clients: dict[SessionId, ClientId] = {}
        self._changed: dict[ClientId, int] = {}
        """Clients whose state is to be shown, with the clock to say for those that are gone."""

    def receive(self, speaker: Speaker, update: bytes, owners: Mapping[ClientId, PersonId], now: float) -> None:
        """Take in what a session says of itself. `owners` are the client ids bound to persons. Raises: InvalidMessage.

        What it repeats of others is passed over unread: it may be as large as we made it, and there is much of it.
        """
        for client, clock, text in decode(update):
            if not self._speaks_for(speaker, client, owners):
                continue
            if len(text.encode()) > self._max_state_bytes:
                raise InvalidMessage("awareness state too large")
            self._take(speaker, client, clock, read_state(text), now)

    def _speaks_for(self, speaker: Speaker, client: ClientId, owners: Mapping[ClientId, PersonId]) -> bool:
        mine = self._clients.get(speaker.session)
        if mine is not None:
            return mine == client
        if owners.get(client, speaker.person) != speaker.person:
            return False
        held = self._states.get(client)
        return held is None or held.person == speaker.person  # it came back on a new socket

    def _take(
        self, speaker: Speaker, client: ClientId, clock: int, state: dict[str, object] | None, now: float
    ) -> None:
        held = self._states.get(client)
        moved = held is not None and held.session != speaker.session
        if state is None:
            if held is not None and not moved and clock >= held.clock:
                self._forget(client, clock)
            return
        if held is not None and (clock < held.clock if moved else clock <= held.clock):
            return
        text = _spell(state, speaker.card)  # before anything changes: it may be refused
        if held is not None and moved:
            self._unseat(held)
        self._clients[speaker.session] = client
        self._states[client] = _State(clock, speaker.session, speaker.person, text, now)
        self._change(client, clock, is_ours=True)

    def hear(self, update: bytes, now: float) -> None:
        """Take in what another node says of its sessions. Raises: InvalidMessage.

        About a client that a session here speaks for, only a later clock counts: it has moved there. An older word, or
        that it is gone, means its former socket, and the others are told that it is here.
        """
        for client, clock, text in decode(update):
            held = self._states.get(client)
            is_ours = held is not None and held.session is not None
            if text == NULL:
                if held is not None and is_ours:
                    self._change(client, held.clock, is_ours=True)
                elif held is not None and clock >= held.clock:
                    self._forget(client, clock)
            elif held is None or clock > held.clock:
                person = _person_of(text)
                if held is not None:
                    self._unseat(held)
                self._states[client] = _State(clock, None, person, text, now)
                self._change(client, clock, is_ours=False)

    def untold(self) -> bytes | None:
        """What other nodes are to be told, as an awareness update; None if there is nothing new."""
        untold, self._untold = self._untold, {}
        if not untold:
            return None
        return _encode((client, *self._spoken(client, clock)) for client, clock in untold.items())

    def ours(self) -> bytes | None:
        """All states of our own sessions, as an awareness update; None if there are none."""
        here = [(client, self._states[client]) for client in self._clients.values()]
        return _encode((client, state.clock, state.text) for client, state in here) if here else None

    def leave(self, session: SessionId) -> None:
        """The session ended: its client is gone."""
        client = self._clients.get(session)
        if client is not None:
            self._forget(client, self._states[client].clock)

    def expire(self, before: float) -> None:
        """Drop the states last renewed before this time."""
        for client in [client for client, state in self._states.items() if state.renewed_at < before]:
            self._forget(client, self._states[client].clock)

    def _forget(self, client: ClientId, clock: int) -> None:
        state = self._states.pop(client)
        self._unseat(state)
        self._change(client, clock, is_ours=state.session is not None)

    def _unseat(self, state: _State) -> None:
        if state.session is not None:
            del self._clients[state.session]

    def _change(self, client: ClientId, clock: int, *, is_ours: bool) -> None:
        self._changed[client] = clock
        if is_ours and self._is_shared:
            self._untold[client] = clock

    @property
    def has_news(self) -> bool:
        """Whether something changed since `news` was last taken."""
        return bool(self._changed)

    def speaker_of_news(self) -> SessionId | None:
        """The session that made all the news, if it was one."""
        sessions = {state.session if (state := self._states.get(client)) else None for client in self._changed}
        return sessions.pop() if len(sessions) == 1 else None

    def news(self) -> bytes:
        """What changed since the last call, as an awareness update. A client that is gone has state `null`."""
        changed, self._changed = self._changed, {}
        return _encode((client, *self._spoken(client, clock)) for client, clock in changed.items())

    def all(self) -> bytes | None:
        """All states, as an awareness update; None if nobody is here."""
        if not self._states:
            return None
        return _encode((client, state.clock, state.text) for client, state in self._states.items())

    def _spoken(self, client: ClientId, clock: int) -> tuple[int, str]:
        state = self._states.get(client)
        return (state.clock, state.text) if state is not None else (clock, NULL)


def _person_of(text: str) -> PersonId:
    """Whose state it is, as the node that wrote the card says. Raises: InvalidMessage."""
    state = read_state(text)
    return PersonId(_card_in(state)["id"]) if state is not None else PersonId("")


def _card_in(state: Mapping[str, object]) -> Mapping[str, str]:
    """Raises: InvalidMessage."""
    user = state.get("user")
    card = user if isinstance(user, dict) else {}
    if not {"id", "name", "role", "color"} <= card.keys() or not all(isinstance(said, str) for said in card.values()):
        raise InvalidMessage("a state without a card")
    return card


def _encode(entries: Iterable[tuple[ClientId, int, str]]) -> bytes:
    listed = list(entries)
    out = bytearray()
    write_var_uint(out, len(listed))
    for client, clock, text in listed:
        write_var_uint(out, client)
        write_var_uint(out, clock)
        write_var_string(out, text)
    return bytes(out)
