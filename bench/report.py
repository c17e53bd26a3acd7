"""Tables of a run: ratios first, then what was measured. Medians over the repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.scenarios import Kept
from bench.servers import CONTENDERS, Contender
from bench.tasks import Felt, Idled, Opened, Outcome, TakenIn, Typed

TITLES = {
    "S1": "S1 clinic",
    "S2": "S2 grand round",
    "S3": "S3 a real history",
    "S4": "S4 idle rooms",
    "S5": "S5 a long record",
    "S6": "S6 a short record",
}
BUSY_SHARE = 0.85
"""Above this share of its core a server batches because it must, and its numbers say little."""

Value = float | None


@dataclass(frozen=True, slots=True)
class Column:
    """One number of an outcome; `is_ratio` says whether it is worth dividing by ours."""

    title: str
    of: Callable[[Kept], Value]
    digits: int = 1
    is_ratio: bool = True


def _typed(read: Callable[[Typed], Value]) -> Callable[[Kept], Value]:
    return lambda kept: read(kept.outcome) if isinstance(kept.outcome, Typed) else None


def _opened(read: Callable[[Opened], Value], *, first: bool) -> Callable[[Kept], Value]:
    return lambda kept: read(kept.outcome) if isinstance(kept.outcome, Opened) and kept.is_first_open is first else None


def _taken_in(read: Callable[[TakenIn], Value]) -> Callable[[Kept], Value]:
    return lambda kept: read(kept.outcome) if isinstance(kept.outcome, TakenIn) else None


def _idled(read: Callable[[Idled], Value]) -> Callable[[Kept], Value]:
    return lambda kept: read(kept.outcome) if isinstance(kept.outcome, Idled) else None


def _felt(read: Callable[[Felt], Value]) -> Callable[[Kept], Value]:
    return lambda kept: read(kept.outcome) if isinstance(kept.outcome, Felt) else None


FLUENCY_COLUMNS = (
    Column("open ms", _felt(lambda f: f.open_ms), 0),
    Column("key to paint p50 ms", _felt(lambda f: f.paint_ms.p50)),
    Column("key to paint p99 ms", _felt(lambda f: f.paint_ms.p99)),
    Column("main thread busy %", _felt(lambda f: f.busy_share * 100)),
    Column("in tasks over 50 ms, %", _felt(lambda f: f.long_task_share * 100), is_ratio=False),
    Column("heap MiB", _felt(lambda f: f.heap_bytes / 2**20), 0),
    Column("server core %", _felt(lambda f: f.server_cpu_seconds / f.seconds * 100), is_ratio=False),
    Column("keys", _felt(lambda f: float(f.keys)), 0, is_ratio=False),
    Column("missing", _felt(lambda f: float(f.missing)), 0, is_ratio=False),
)
TYPING_COLUMNS = (
    Column("CPU µs per delivery", _typed(lambda t: t.server_cpu_seconds / max(1, t.deliveries) * 1e6)),
    Column("edit p50 ms", _typed(lambda t: t.edit_ms.p50), 2),
    Column("edit p99 ms", _typed(lambda t: t.edit_ms.p99), 2),
    Column("ack p50 ms", _typed(lambda t: t.ack_ms.p50), 2),
    Column("ack p99 ms", _typed(lambda t: t.ack_ms.p99), 2),
    Column("awareness p50 ms", _typed(lambda t: t.state_ms.p50), 2, is_ratio=False),
    Column("awareness p99 ms", _typed(lambda t: t.state_ms.p99), 2, is_ratio=False),
    Column("deliveries/s", _typed(lambda t: t.deliveries / t.seconds), 0, is_ratio=False),
    Column("server core %", _typed(lambda t: t.server_cpu_seconds / t.seconds * 100), 0, is_ratio=False),
    Column("load core %", _typed(lambda t: t.load_cpu_seconds / t.seconds * 100), 0, is_ratio=False),
    Column("load late p99 ms", _typed(lambda t: t.late_ms.p99), 2, is_ratio=False),
    Column(
        "states superseded %",
        _typed(lambda t: t.measured.superseded / max(1, t.measured.states) * 100),
        2,
        is_ratio=False,
    ),
    Column("missing", _typed(lambda t: float(t.missing)), 0, is_ratio=False),
)
COLUMNS: Mapping[str, Sequence[Column]] = {
    "S1": TYPING_COLUMNS,
    "S2": TYPING_COLUMNS,
    "S3": (
        Column("taking in, CPU µs per edit", _taken_in(lambda t: t.server_cpu_seconds / t.updates * 1e6)),
        Column("taking in, µs per edit", _taken_in(lambda t: t.seconds / t.updates * 1e6)),
        Column("first cold open ms", _opened(lambda o: o.complete_ms, first=True)),
        Column("later cold opens ms", _opened(lambda o: o.complete_ms, first=False)),
        Column("SyncStep2 after ms", _opened(lambda o: o.step2_ms, first=False), is_ratio=False),
        Column("KiB received", _opened(lambda o: o.received_bytes / 1024, first=False), 0, is_ratio=False),
        Column("load core %", _taken_in(lambda t: t.load_cpu_seconds / t.seconds * 100), 0, is_ratio=False),
    ),
    "S4": (
        Column("KiB per open idle room", _idled(lambda i: (i.rss_after - i.rss_before) / i.rooms / 1024)),
        Column("MiB of the process before", _idled(lambda i: i.rss_before / 2**20), 0, is_ratio=False),
    ),
    "S5": FLUENCY_COLUMNS,
    "S6": FLUENCY_COLUMNS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one call of the bench measured."""

    machine: dict[str, str]
    warnings: list[str]
    """Why its numbers are not to be believed."""
    kept: list[Kept]
    failures: list[str]


def render(run: Run) -> str:
    """Markdown."""
    scenarios = [name for name in TITLES if any(kept.scenario == name for kept in run.kept)]
    about = "Each server divided by ours on the same wire: 2.0 is twice our time or memory, 0.5 half."
    lines = [*(f"**{warning}**\n" for warning in run.warnings), "### Ratios", "", about, ""]
    for scenario in scenarios:
        lines += [*_ratios(scenario, run.kept), ""]
    lines += ["### Appendix: what was measured", "", "Medians, with the lowest and the highest in brackets.", ""]
    for scenario in scenarios:
        lines += [*_absolutes(scenario, run.kept), ""]
    lines += [f"**Failed:** {failure}\n" for failure in run.failures]
    lines += ["| machine | |", "|---|---|", *(f"| {name} | {value} |" for name, value in run.machine.items())]
    return "\n".join(lines) + "\n"


def _ratios(scenario: str, kept: Sequence[Kept]) -> Iterator[str]:
    columns = [column for column in COLUMNS[scenario] if column.is_ratio]
    yield from _head(scenario, columns)
    for contender in _present(scenario, kept):
        cells = []
        for column in columns:
            own, ours = (_values(column, scenario, id_, kept) for id_ in (contender.id, contender.baseline))
            cells.append(f"{median(own) / median(ours):.2f}" if own and ours and median(ours) else "–")
        yield _row(contender, cells, kept, scenario)


def _absolutes(scenario: str, kept: Sequence[Kept]) -> Iterator[str]:
    columns = COLUMNS[scenario]
    yield from _head(scenario, columns)
    for contender in _present(scenario, kept):
        cells = [_spread(_values(column, scenario, contender.id, kept), column.digits) for column in columns]
        yield _row(contender, cells, kept, scenario)


def _head(scenario: str, columns: Sequence[Column]) -> Iterator[str]:
    yield f"| {TITLES[scenario]} | wire | store | {' | '.join(column.title for column in columns)} |"
    yield "|---|---|---|" + "---:|" * len(columns)


def _row(contender: Contender, cells: Sequence[str], kept: Sequence[Kept], scenario: str) -> str:
    outcomes = [one.outcome for one in kept if (one.scenario, one.contender) == (scenario, contender.id)]
    mark = " †" if any(map(is_overloaded, outcomes)) else ""
    return f"| {contender.title}{mark} | {contender.wire} | {contender.store} | {' | '.join(cells)} |"


def is_overloaded(outcome: Outcome) -> bool:
    """Whether a server could not keep up, or so nearly that its cost per delivery means little."""
    return isinstance(outcome, Typed) and (
        outcome.missing > 0 or outcome.server_cpu_seconds / outcome.seconds > BUSY_SHARE
    )


def _present(scenario: str, kept: Sequence[Kept]) -> list[Contender]:
    ids = {one.contender for one in kept if one.scenario == scenario}
    return [contender for contender in CONTENDERS if contender.id in ids]


def _values(column: Column, scenario: str, contender: str, kept: Sequence[Kept]) -> list[float]:
    chosen = (one for one in kept if (one.scenario, one.contender) == (scenario, contender))
    return [value for one in chosen if (value := column.of(one)) is not None]


def _spread(values: Sequence[float], digits: int) -> str:
    if not values:
        return "–"
    middle = f"{median(values):,.{digits}f}"
    if len(values) == 1 or f"{min(values):.{digits}f}" == f"{max(values):.{digits}f}":
        return middle
    return f"{middle} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"
