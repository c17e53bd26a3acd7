"""S1 to S6: what is loaded, how much of it, and on which servers."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import hatch_build
from bench.accounts import PASSWORD, Accounts
from bench.load import OUTCOME, TASK
from bench.servers import BENCH, Contender, Running, pinned, running
from bench.tasks import ColdOpen, Fluency, Idle, Opened, Outcome, Reading, TakeIn, Task, Typing
from bench.trace import write_history

KEYSTROKES_PER_SECOND = 8.0
OTHERS = 9
OTHERS_KEYSTROKES_PER_SECOND = 5.0
LONG_LETTERS, SHORT_LETTERS = 100_000, 5_000
SECTIONS = (
    "summary",
    "impression",
    "plan",
    "history",
    "examination",
    "investigations",
    "imaging",
    "timeline",
    "outcome",
)
PLAIN_FRAGMENT = "default"
LOAD_SECONDS = 900.0

Start = Callable[[], AbstractContextManager[Running]]
"""Starts the server on the folder of this run, as often as the scenario wants."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; `short` tries the bench, `full` is what is reported."""

    clinic_rooms: int
    grand_round_people: int
    grand_round_typists: int
    warm_up_seconds: float
    seconds: float
    trace_edits: int | None
    cold_opens: int
    idle_rooms: int
    fluency_seconds: float
    repeats: int


FULL = Size(25, 200, 10, 4.0, 12.0, None, 5, 1000, 20.0, 3)
"""25 rooms: half of what Hocuspocus can carry on one core, since an overloaded server batches and looks cheap."""
SHORT = Size(4, 20, 4, 1.0, 3.0, 5000, 2, 50, 5.0, 1)


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the server and the load run; empty when the machine cannot keep them apart."""

    server: tuple[int, ...]
    load: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One outcome, with what it belongs to."""

    scenario: str
    contender: str
    repeat: int
    outcome: Outcome
    is_first_open: bool = False


def perform(task: Task, cores: Cores) -> Outcome:
    """Run one task in a load process of its own. Raises: RuntimeError."""
    with pinned(cores.load):
        done = subprocess.run(
            [sys.executable, "-m", "bench.load"],
            cwd=BENCH.parent,
            input=TASK.dump_json(task),
            capture_output=True,
            timeout=LOAD_SECONDS,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return OUTCOME.validate_json(done.stdout)


class Scenarios:
    """Runs one scenario on one server, in a folder of its own that is gone afterwards."""

    def __init__(self, size: Size, cores: Cores, scratch: Path) -> None:
        self._size = size
        self._cores = cores
        self._scratch = scratch
        self._history: tuple[Path, str] | None = None
        self._accounts: Accounts | None = None
        self._has_plain_page = False

    def run(self, scenario: str, contender: Contender, repeat: int) -> Iterator[Kept]:
        """Raises: RuntimeError when the server does not start or the load fails."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as scratch:
            folder = Path(scratch) / "data"
            accounts = self._furnish(contender, folder)
            start = partial(running, contender, folder, self._cores.server, accounts)
            match scenario:
                case "S1":
                    outcomes = self._typing(start, repeat, self._size.clinic_rooms, 4, 4)
                case "S2":
                    people, typists = self._size.grand_round_people, self._size.grand_round_typists
                    outcomes = self._typing(start, repeat, 1, people, typists)
                case "S3":
                    outcomes = self._trace(start)
                case "S4":
                    outcomes = self._idle(start)
                case "S5":
                    outcomes = self._fluency(start, repeat, LONG_LETTERS)
                case "S6":
                    outcomes = self._fluency(start, repeat, SHORT_LETTERS)
                case _:
                    raise ValueError(scenario)
            opens = 0
            for outcome in outcomes:
                is_open = isinstance(outcome, Opened)
                yield Kept(scenario, contender.id, repeat, outcome, is_first_open=is_open and opens == 0)
                opens += is_open

    def _furnish(self, contender: Contender, folder: Path) -> Accounts | None:
        """What the server finds in its folder: nothing, or for ours the accounts, made once and copied."""
        if not contender.is_ours:
            folder.mkdir()
            return None
        template = self._scratch / "accounts"
        if self._accounts is None:
            self._accounts = asyncio.run(Accounts.create(template))
        shutil.copytree(template, folder)
        return self._accounts

    def _typing(self, start: Start, repeat: int, rooms: int, people: int, typists: int) -> Iterator[Outcome]:
        with start() as server:
            task = Typing(
                server.place,
                server.rooms(rooms, people),
                typists,
                KEYSTROKES_PER_SECOND,
                self._size.warm_up_seconds,
                self._size.seconds,
                seed=repeat,
            )
            yield perform(task, self._cores)

    def _trace(self, start: Start) -> Iterator[Outcome]:
        if self._history is None:
            file = self._scratch / "history"
            self._history = file, write_history(file, self._size.trace_edits)
        file, text_sha256 = self._history
        with start() as server:
            [[door]] = server.rooms(1, 1)
            yield perform(TakeIn(server.place, door, str(file)), self._cores)
        for _ in range(self._size.cold_opens):
            with start() as server:
                yield perform(ColdOpen(server.place, door, text_sha256), self._cores)

    def _idle(self, start: Start) -> Iterator[Outcome]:
        with start() as server:
            doors = [door for [door] in server.rooms(self._size.idle_rooms + 1, 1)]
            yield perform(Idle(server.place, doors), self._cores)

    def _fluency(self, start: Start, repeat: int, letters: int) -> Iterator[Outcome]:
        if not self._has_plain_page:
            build_plain_page()
            self._has_plain_page = True
        with start() as server:
            [doors] = server.rooms(1, OTHERS)
            accounts = server.accounts
            if accounts is None:
                reading = Reading([PLAIN_FRAGMENT], "", "")
            else:
                reading = Reading(list(SECTIONS), accounts.emails[0], PASSWORD)
            seconds = self._size.fluency_seconds
            yield perform(
                Fluency(server.place, doors, reading, letters, OTHERS_KEYSTROKES_PER_SECOND, seconds, seed=repeat),
                self._cores,
            )


def build_plain_page() -> None:
    """The plain editor that stands beside our page, from the same packages."""
    hatch_build.install_packages(hatch_build.WEB)
    vite = Path("node_modules") / "vite" / "bin" / "vite.js"
    hatch_build.run_node(hatch_build.WEB, vite, "build", "--config", "vite.bench.config.ts")


def takes_part(scenario: str, contender: Contender) -> bool:
    """A document can only be opened cold where there is a store; a page is written for one wire."""
    match scenario:
        case "S3":
            return contender.has_store
        case "S5" | "S6":
            return contender.wire == "hocuspocus" and (contender.is_ours or not contender.has_store)
        case _:
            return True
