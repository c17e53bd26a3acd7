"""A campaign of mutants against the update reader; whatever it passes must not hurt pycrdt.

Long run: `python -m tests.property.fuzz_updates --mutants 1000000`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from threading import Timer

from tests.property.update_makers import mutants, real_updates
from workspace.errors import InvalidUpdate
from workspace.lib0 import write_var_bytes, write_var_uint
from workspace.update import read_update

BATCH = 16
"""Updates that meet in one document: enough for them to name each other."""
PATIENCE_SECONDS = 2.0
"""A batch takes a millisecond; a child that takes this long hangs, which is as good as dead."""


@dataclass(slots=True)
class Outcome:
    """What became of a campaign's mutants."""

    refused: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    troubles: list[tuple[str, str, str]] = field(default_factory=list)
    """Where, what, and the batch in hex."""
    deaths: list[str] = field(default_factory=list)
    """Batches in hex that killed the process or hung it."""


class VictimProcess:
    """A child that is replaced when it dies."""

    def __init__(self) -> None:
        self._child = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.property.rust_victim"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # each panic prints its trace
        )

    def suffer(self, batch: list[bytes]) -> list[tuple[int, str, str]] | None:
        """The troubles of a batch, or None if it killed the child."""
        out = bytearray()
        write_var_uint(out, len(batch))
        for update in batch:
            write_var_bytes(out, update)
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            self._child.stdin.write(out)
            self._child.stdin.flush()
        except BrokenPipeError:
            pass
        watchdog = Timer(PATIENCE_SECONDS, self._child.kill)
        watchdog.start()
        line = self._child.stdout.readline()
        watchdog.cancel()
        if not line:
            self.close()
            self._child = self._start()
            return None
        return [(position, where, what) for position, where, what in json.loads(line)]

    def close(self) -> None:
        """End the child."""
        self._child.communicate()


def run(seed: int, count: int, *, edits: int = 400, check: Callable[[bytes], object] = read_update) -> Outcome:
    """Make `count` mutants from `seed`, and give those that `check` passes to a victim."""
    rng = Random(seed)
    corpus = real_updates(rng, edits)
    outcome = Outcome()
    victim = VictimProcess()
    batch: list[bytes] = []
    for mutant in islice(mutants(rng, corpus), count):
        try:
            check(mutant)
        except InvalidUpdate as error:
            outcome.refused[error.args[0]] += 1
            continue
        outcome.accepted += 1
        batch.append(mutant)
        if len(batch) == BATCH:
            _send(victim, batch, outcome)
            batch = []
    _send(victim, batch, outcome)
    victim.close()
    return outcome


def _send(victim: VictimProcess, batch: list[bytes], outcome: Outcome) -> None:
    troubles = victim.suffer(batch) if batch else []
    hexed = " ".join(update.hex() for update in batch)
    if troubles is None:
        outcome.deaths.append(hexed)
        return
    for position, where, what in troubles:
        outcome.troubles.append((where, what, f"{position}: {hexed}"))


def main() -> None:
    """The long run, with a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    outcome = run(arguments.seed, arguments.mutants)
    print(f"accepted {outcome.accepted}, refused {outcome.refused.total()}")
    for reason, count in outcome.refused.most_common():
        print(f"  {count:8} {reason}")
    print(f"deaths {len(outcome.deaths)}, troubles {len(outcome.troubles)}")
    seen: Counter[tuple[str, str]] = Counter()
    for where, what, hexed in outcome.troubles:
        kind = (where, "".join("#" if c.isdigit() else c for c in what)[:100])
        seen[kind] += 1
        if seen[kind] == 1:
            print(kind, hexed[:2000])
    for kind, count in seen.most_common():
        print(f"  {count:8} {kind}")
    for death in outcome.deaths:
        print("death", death)


if __name__ == "__main__":
    main()
