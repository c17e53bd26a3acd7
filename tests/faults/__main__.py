"""`python -m tests.faults`: every fault, as long and as often as one likes; a table, and status 1 if any number in it
is wrong."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence

from server.logs import silence
from tests.disk import missing
from tests.faults.playing import Outcome, play
from tests.faults.rounds import DISK_FAULTS, FAULTS, STORE_FAULTS, Fault
from tests.faults.scene import open_scene

COLUMNS = ("acknowledged", "lost", "early", "doubled", "again", "gaps", "differing", "unsaved", "trouble", "unrecorded")
OF_FILES = ("handed_in", "ready", "refused", "missing", "twofold", "unseen", "orphans", "spoiled")
HEAD = f"{'round':<38}{''.join(f'{name:>12}' for name in COLUMNS)}{'worst ack':>12}{'delivery':>10}"
HEAD_OF_FILES = f"  |{''.join(f'{name:>10}' for name in OF_FILES)}"


def row(outcome: Outcome) -> str:
    """One line of the table."""
    verdict, files = outcome.verdict, ""
    numbers = "".join(f"{getattr(verdict, name):>12}" for name in COLUMNS)
    if verdict.handed_in:
        files = f"  |{''.join(f'{getattr(verdict, name):>10}' for name in OF_FILES)}"
    missed = f"  NOT SEEN: {', '.join(outcome.missed)}" if outcome.missed else ""
    return f"{outcome.name:<38}{numbers}{verdict.worst_ack:>10.2f} s{verdict.worst_delivery:>8.2f} s{files}{missed}"


async def main(arguments: argparse.Namespace) -> int:
    """Play, print, and give the exit status."""
    silence()  # what of ours reads the store speaks, too
    if missing() is not None:
        print(f"without failing disks and jumping clocks: {missing()}")
    without = await _play_all([*FAULTS, *(DISK_FAULTS if missing() is None else ())], arguments, has_store=False)
    with_store = await _play_all(STORE_FAULTS, arguments, has_store=True)
    is_good = all(each.is_good for each in (*without, *with_store)) and bool(without or with_store)
    print("all is well" if is_good else "SOMETHING IS WRONG")
    return 0 if is_good else 1


async def _play_all(faults: Sequence[Fault], arguments: argparse.Namespace, *, has_store: bool) -> Sequence[Outcome]:
    """Those that are wished for, in one cluster; each is printed."""
    chosen = [fault for fault in faults if re.search(arguments.only, fault.name)]
    if not chosen:
        return []
    print(f"{HEAD}{HEAD_OF_FILES if has_store else ''}", flush=True)
    outcomes: list[Outcome] = []
    async with open_scene(has_store=has_store) as scene:
        for _ in range(arguments.rounds):
            for fault in chosen:
                outcomes.append(await play(scene, fault, arguments.seconds))
                print(row(outcomes[-1]), flush=True)
                if outcomes[-1].verdict.spoiled:
                    print("\n".join(scene.told[-5:]), flush=True)
    return outcomes


def parse(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="how often each fault strikes (default: 1)")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each lasts (default: 5)")
    parser.add_argument("--only", default="", metavar="PATTERN", help="only faults with such a name")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse(sys.argv[1:]))))
