"""Real servers for tests: a process on a data folder of its own, people and cases made through the command line.

Nothing here knows pytest, so that browser tests and measurements start their servers the same way.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from server.commands import make_token
from server.passwords import Passwords
from server.premises import wall_clock
from storage.ports import Stores
from storage.stores import open_stores
from workspace.audit import COMMAND_LINE
from workspace.case import Person, Standing
from workspace.ids import ID_BYTES, PersonId, make_id

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.01
DATABASE = "consilium.sqlite3"
"""In a data folder."""
PASSWORD = "correct horse battery staple"

Settings = Mapping[str, str]
"""`CONSILIUM_*` settings of one server."""
OFF = {"CONSILIUM_S3_ENDPOINT": "off"}
"""Without a store of images, which takes its time to start."""
EMBEDDED = {"CONSILIUM_S3_ENDPOINT": "embedded"}
"""With the one that comes with us."""


@dataclass(frozen=True, slots=True)
class Someone:
    """A person with an account and a bearer token."""

    id: str
    email: str
    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP request came to."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        """The body, which must be a JSON object."""
        value = json.loads(self.body)
        assert isinstance(value, dict), value
        return value


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str | Callable[[], str]) -> None:
    """Look until `condition` holds. Raises: TimeoutError, saying `what` was waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what if isinstance(what, str) else what())
        time.sleep(POLL_SECONDS)


def run_apart(work: Callable[[], Coroutine[None, None, T]]) -> T:
    """What `work` comes to, in a loop of its own: whoever calls may have one running."""
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(lambda: asyncio.run(work())).result()


def free_port() -> int:
    """A port that nobody has now. It is chosen before the start, so that a restarted server can have it again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(settings: Settings, code: Path) -> dict[str, str]:
    """Ours without the settings of whoever runs the tests; and without a store of images, unless they ask for one."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONSILIUM_")}
    off = OFF if code == ROOT else {}  # earlier releases have none, and no such setting
    return inherited | off | dict(settings)


def run_command(
    data: Path, *words: str, settings: Settings | None = None, stdin: str | None = None, code: Path = ROOT
) -> str:
    """Run one command of `consilium` to its end and give what it printed; `code` is where the release is (see
    `tests.earlier`). Raises: RuntimeError with its complaint."""
    done = subprocess.run(
        [sys.executable, "-m", "server", "--data", str(data), *words],
        cwd=code,
        env=_environment(settings or {}, code),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"consilium {words[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()


def add_person(data: Path, email: str, name: str, *, standing: str = "clinician") -> Someone:
    """An account and a token for it, made beside a running server or without one: as the command line makes them, but
    in this process instead of two more."""

    async def add() -> Someone:
        async with open_stores(data / DATABASE) as stores:
            return await _add(stores, email, name, standing)

    return run_apart(add)


@dataclass(slots=True)
class RunningServer:
    """One server process. `url` stays the same over restarts."""

    data: Path
    port: int
    settings: Settings
    log_file: Path
    does: str = "serve"
    """Or `worker`."""
    code: Path = ROOT
    """Where its release is."""
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sockets(self) -> str:
        """The same for WebSockets."""
        return f"ws://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process and wait until it answers; one that does not is ended. The log goes on in the same file."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server", "--data", str(self.data), self.does, "--port", str(self.port)],
                cwd=self.code,
                env=_environment(self.settings, self.code),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self.wait_ready()
        except BaseException:
            self.kill()
            raise

    def wait_ready(self) -> None:
        """Wait for `/readyz`. Raises: RuntimeError when the process ends instead, TimeoutError."""

        def is_ready() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log()[-2000:]}")
            with contextlib.suppress(OSError):
                return self.get("/readyz").status == 200
            return False

        wait_until(is_ready, seconds=START_SECONDS, what="the server to be ready")

    def kill(self) -> None:
        """SIGKILL: no byte more is written by it."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def terminate(self) -> int:
        """SIGTERM, and the exit status that comes of it."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """End it if it still runs."""
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def log(self) -> str:
        """All that it wrote so far, since the first start."""
        return self.log_file.read_text("utf-8", "replace")

    def command(self, *words: str) -> str:
        """A command beside it."""
        return run_command(self.data, *words, settings=self.settings, code=self.code)

    def get(self, path: str, token: str | None = None) -> Answer:
        """GET, as the holder of the token."""
        return self.request("GET", path, token)

    def request(
        self,
        method: str,
        path: str,
        token: str | None = None,
        body: object = None,
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        """One HTTP request with a JSON body, and `more` headers. Raises: OSError when nobody answers."""
        headers = dict(more or {}) | ({} if token is None else {"Authorization": f"Bearer {token}"})
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def create_case(self, lead: Someone, title: str = "A case") -> str:
        """Open a case as its lead, through the API."""
        answer = self.request("POST", "/api/cases", lead.token, {"title": title})
        assert answer.status == 201, answer
        case = answer.json()["case"]
        assert isinstance(case, dict)
        return str(case["id"])

    def set_member(self, case: str, lead: Someone, person: Someone, role: str) -> None:
        """Give, change or (`none`) take away a membership, through the API."""
        answer = self.request("PUT", f"/api/cases/{case}/members", lead.token, {"email": person.email, "role": role})
        assert answer.status == 200, answer

    def ticket(self, person: Someone) -> str:
        """A fresh single-use ticket."""
        answer = self.request("POST", "/api/tickets", person.token)
        assert answer.status in (200, 201), answer
        return str(answer.json()["ticket"])

    def history(self, person: Someone, case: str, document: str = "record") -> list[dict[str, object]]:
        """Every entry of a document's journal, oldest first, read page by page."""
        entries: list[dict[str, object]] = []
        while True:
            path = f"/api/cases/{case}/documents/{document}/history?limit=1000&after={len(entries)}"
            answer = self.get(path, person.token)
            assert answer.status == 200, answer
            page = answer.json()["entries"]
            assert isinstance(page, list)
            entries += page
            if len(page) < 1000:
                return entries


@contextlib.contextmanager
def start_server(
    data: Path, settings: Settings | None = None, *, does: str = "serve", code: Path = ROOT
) -> Iterator[RunningServer]:
    """A server (or a worker) on `data`, of this release or another, until the block ends. It logs into `data.log`
    beside the folder."""
    chosen = {"CONSILIUM_LOG_FORMAT": "json"} | dict(settings or {})
    server = RunningServer(data, free_port(), chosen, data.with_suffix(".log"), does, code)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True, slots=True)
class People:
    """One person of every kind. In a case made by `open_case` each has the role of their name."""

    lead: Someone
    contributor: Someone
    consultant: Someone
    observer: Someone
    moderator: Someone
    stranger: Someone

    def open_case(self, server: RunningServer) -> str:
        """A case with everybody in their place."""
        case = server.create_case(self.lead)
        for person, role in (
            (self.contributor, "contributor"),
            (self.consultant, "consultant"),
            (self.observer, "observer"),
        ):
            server.set_member(case, self.lead, person, role)
        return case


EVERYBODY = {
    "lead": ("ada@example.org", "Ada Lovelace", "clinician"),
    "contributor": ("grace@example.org", "Grace Hopper", "clinician"),
    "consultant": ("ravi@example.org", "Ravi Ōnishi-Müller", "clinician"),
    "observer": ("olu@example.org", "Olu Adébáyọ̀", "clinician"),
    "moderator": ("mona@example.org", "Mona Haddad", "moderator"),
    "stranger": ("stan@example.org", "Stan Kowalski", "clinician"),
}


def make_people(data: Path) -> People:
    """Everybody, in a new data folder: as the command line makes them, but in one process instead of twelve."""
    data.mkdir(parents=True)
    return add_people(data / DATABASE)


def add_people(database: Path | str, *, ward: str = "") -> People:
    """Everybody, in a database where nobody is yet; or others of the same names, if their `ward` is new there."""

    async def add() -> People:
        async with open_stores(database) as stores:
            return People(
                **{
                    role: await _add(stores, email.replace("@", f"@{ward}"), name, standing)
                    for role, (email, name, standing) in EVERYBODY.items()
                }
            )

    return run_apart(add)


@cache
def _kept_password() -> str:
    """As it is kept: made once, since it costs what guessing it would."""
    return run_apart(lambda: Passwords().hash(PASSWORD))


async def _add(stores: Stores, email: str, name: str, standing: str) -> Someone:
    now = wall_clock()
    person = Person(PersonId(make_id(os.urandom(ID_BYTES))), email, name, Standing(standing))
    await stores.people.add(person, _kept_password(), now, cause=COMMAND_LINE)
    token = await make_token(stores, email=email, ttl_seconds=86_400, now=now, entropy=os.urandom)
    return Someone(person.id, email, name, token)


def data_with_people(shared: Path, data: Path) -> People:
    """Fill `data` with everybody. They are made once per `shared` folder."""
    template, names = shared / "people", shared / "people.json"
    if not names.exists():
        made = make_people(template)
        names.write_text(json.dumps({role: asdict(getattr(made, role)) for role in EVERYBODY}), "utf-8")
    shutil.copytree(template, data)
    return People(**{role: Someone(**fields) for role, fields in json.loads(names.read_text("utf-8")).items()})
