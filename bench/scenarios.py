"""S1 to S4: what is loaded, how much of it, and on which servers."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.load import OUTCOME, TASK
from bench.servers import BENCH, Contender, pinned, running
from bench.tasks import ColdOpen, Idle, Opened, Outcome, TakeIn, Task, Typing
from bench.trace import write_history

KEYSTROKES_PER_SECOND = 8.0
LOAD_SECONDS = 900.0


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
    repeats: int


FULL = Size(25, 200, 10, 4.0, 12.0, None, 5, 1000, 3)
"""25 rooms: half of what Hocuspocus can carry on one core, since an overloaded server batches and looks cheap."""
SHORT = Size(4, 20, 4, 1.0, 3.0, 5000, 2, 50, 1)


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

    def run(self, scenario: str, contender: Contender, repeat: int) -> Iterator[Kept]:
        """Raises: RuntimeError when the server does not start or the load fails."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            match scenario:
                case "S1":
                    outcomes = self._typing(contender, Path(folder), repeat, self._size.clinic_rooms, 4, 4)
                case "S2":
                    people, typists = self._size.grand_round_people, self._size.grand_round_typists
                    outcomes = self._typing(contender, Path(folder), repeat, 1, people, typists)
                case "S3":
                    outcomes = self._trace(contender, Path(folder))
                case "S4":
                    outcomes = self._idle(contender, Path(folder))
                case _:
                    raise ValueError(scenario)
            opens = 0
            for outcome in outcomes:
                is_open = isinstance(outcome, Opened)
                yield Kept(scenario, contender.id, repeat, outcome, is_first_open=is_open and opens == 0)
                opens += is_open

    def _typing(
        self, contender: Contender, folder: Path, repeat: int, rooms: int, people: int, typists: int
    ) -> Iterator[Outcome]:
        with running(contender, folder, self._cores.server) as server:
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

    def _trace(self, contender: Contender, folder: Path) -> Iterator[Outcome]:
        if self._history is None:
            file = self._scratch / "history"
            self._history = file, write_history(file, self._size.trace_edits)
        file, text_sha256 = self._history
        with running(contender, folder, self._cores.server) as server:
            accounts = server.accounts
            [[door]] = server.rooms(1, 1)
            yield perform(TakeIn(server.place, door, str(file)), self._cores)
        for _ in range(self._size.cold_opens):
            with running(contender, folder, self._cores.server, accounts) as server:
                yield perform(ColdOpen(server.place, door, text_sha256), self._cores)

    def _idle(self, contender: Contender, folder: Path) -> Iterator[Outcome]:
        with running(contender, folder, self._cores.server) as server:
            doors = [door for [door] in server.rooms(self._size.idle_rooms + 1, 1)]
            yield perform(Idle(server.place, doors), self._cores)


def takes_part(scenario: str, contender: Contender) -> bool:
    """A document can only be opened cold where there is a store."""
    return scenario != "S3" or contender.has_store
