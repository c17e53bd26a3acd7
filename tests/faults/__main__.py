"""`python -m tests.faults`: every fault, as long and as often as one likes; a table, and status 1 if any number in it
is wrong."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys

from tests.disk import missing
from tests.faults.playing import Outcome, play
from tests.faults.rounds import DISK_FAULTS, FAULTS
from tests.faults.scene import open_scene

COLUMNS = ("acknowledged", "lost", "early", "doubled", "again", "gaps", "differing", "unsaved", "trouble", "unrecorded")
HEAD = f"{'round':<38}{''.join(f'{name:>12}' for name in COLUMNS)}{'worst ack':>12}{'delivery':>10}"


def row(outcome: Outcome) -> str:
    """One line of the table."""
    verdict = outcome.verdict
    numbers = "".join(f"{getattr(verdict, name):>12}" for name in COLUMNS)
    missed = f"  NOT SEEN: {', '.join(outcome.missed)}" if outcome.missed else ""
    return f"{outcome.name:<38}{numbers}{verdict.worst_ack:>10.2f} s{verdict.worst_delivery:>8.2f} s{missed}"


async def main(arguments: argparse.Namespace) -> int:
    """Play, print, and give the exit status."""
    possible = [*FAULTS, *(DISK_FAULTS if missing() is None else ())]
    chosen = [fault for fault in possible if re.search(arguments.only, fault.name)]
    if missing() is not None:
        print(f"without failing disks and jumping clocks: {missing()}")
    print(HEAD, flush=True)
    is_good = bool(chosen)
    async with open_scene() as scene:
        for _ in range(arguments.rounds):
            for fault in chosen:
                outcome = await play(scene, fault, arguments.seconds)
                is_good &= outcome.is_good
                print(row(outcome), flush=True)
    print("all is well" if is_good else "SOMETHING IS WRONG")
    return 0 if is_good else 1


def parse(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="how often each fault strikes (default: 1)")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each lasts (default: 5)")
    parser.add_argument("--only", default="", metavar="PATTERN", help="only faults with such a name")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse(sys.argv[1:]))))
