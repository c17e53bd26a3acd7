"""One command that measures our server beside others under the same load, in the same minutes: `python -m bench`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from pydantic import TypeAdapter

import hatch_build
from bench.machine import describe
from bench.report import TITLES, Run, render
from bench.scenarios import FULL, SHORT, Cores, Scenarios, takes_part
from bench.servers import BENCH, CONTENDERS, Contender

RESULTS = BENCH / "results"
README = BENCH / "README.md"
BEGIN, END = "<!-- last run: begin -->\n", "<!-- last run: end -->\n"
BUSY_LOAD = 0.5


class Names:
    """A comma-separated choice, for argparse."""

    def __init__(self, known: list[str]) -> None:
        self._known = known

    def __call__(self, text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := set(chosen) - set(self._known):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
        return chosen


def main() -> int:
    """Run, print, and keep; the status is 1 if anything failed."""
    arguments = _arguments()
    hatch_build.install_packages(BENCH)
    size = SHORT if arguments.short else FULL
    cores = split_cores()
    machine = describe() | {
        "cores": f"server on {cores.server}, load on {cores.load}" if cores.server else "not kept apart",
        "run": f"{'short' if arguments.short else 'full'}, {size.repeats} repeats, {time.strftime('%Y-%m-%d')}",
    }
    run = Run(machine, warnings(short=arguments.short), [], [])
    for warning in run.warnings:
        _say(warning)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        scenarios = Scenarios(size, cores, Path(scratch))
        for scenario in arguments.scenarios:
            contenders = [c for c in CONTENDERS if takes_part(scenario, c) and c.id in arguments.servers]
            for repeat in range(size.repeats):
                # Interleaved, and each repeat begins with another one: what the machine does to one it does to all.
                for contender in contenders[repeat % len(contenders) :] + contenders[: repeat % len(contenders)]:
                    _measure(scenarios, scenario, contender, repeat, run)
    run.machine["load average after"] = f"{os.getloadavg()[0]:.2f}"
    _keep(run, record=arguments.record)
    sys.stdout.write(render(run))
    return 1 if run.failures else 0


def warnings(*, short: bool) -> list[str]:
    """Why the numbers of this run are not to be believed; they stand above its tables."""
    found = ["This was a short run: its numbers mean little."] if short else []
    if (load := os.getloadavg()[0]) > BUSY_LOAD:
        found.append(f"The machine was busy with other things (load average {load:.1f}): believe no time of this run.")
    return found


def split_cores() -> Cores:
    """One core for the server, another for the load, where the machine has two and can bind processes to them."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores((), ())
    allowed = sorted(os.sched_getaffinity(0))
    return Cores((allowed[1],), (allowed[0],)) if len(allowed) > 1 else Cores((), ())


def _arguments() -> argparse.Namespace:
    ids = [contender.id for contender in CONTENDERS]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a minute or two, to try it; its numbers mean little")
    parser.add_argument("--only", type=Names(list(TITLES)), dest="scenarios", default=list(TITLES), help="like S1,S3")
    parser.add_argument("--servers", type=Names(ids), default=ids, help=f"some of {','.join(ids)}")
    parser.add_argument("--record", action="store_true", help="put the tables into bench/README.md")
    return parser.parse_args()


def _measure(scenarios: Scenarios, scenario: str, contender: Contender, repeat: int, run: Run) -> None:
    started = time.monotonic()
    try:
        for kept in scenarios.run(scenario, contender, repeat):
            run.kept.append(kept)
    except RuntimeError as error:
        run.failures.append(f"{scenario} {contender.id} (repeat {repeat + 1}): {error}")
        _say(run.failures[-1])
    _say(f"{scenario} {contender.id} (repeat {repeat + 1}): {time.monotonic() - started:.0f} s")


def _keep(run: Run, *, record: bool) -> None:
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{time.strftime('%Y%m%dT%H%M%S')}.json"
    file.write_bytes(TypeAdapter(Run).dump_json(run, indent=1))
    if record:
        before, _, rest = README.read_text("utf-8").partition(BEGIN)
        README.write_text(f"{before}{BEGIN}\n{render(run)}\n{END}{rest.partition(END)[2]}", "utf-8")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
