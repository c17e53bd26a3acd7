"""The load process: one task from standard input, one outcome to standard output, on a core of its own."""

from __future__ import annotations

import sys

import uvloop
from pydantic import TypeAdapter

from bench.fluency_load import run_fluency
from bench.history_load import run_cold_open, run_idle, run_take_in
from bench.tasks import ColdOpen, Fluency, Idle, Outcome, TakeIn, Task, Typing
from bench.typing_load import run_typing

TASK: TypeAdapter[Task] = TypeAdapter(Task)
OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


async def perform(task: Task) -> Outcome:
    """Make the load that a task describes."""
    match task:
        case Typing():
            return await run_typing(task)
        case TakeIn():
            return await run_take_in(task)
        case ColdOpen():
            return await run_cold_open(task)
        case Idle():
            return await run_idle(task)
        case Fluency():
            return await run_fluency(task)


if __name__ == "__main__":
    outcome = uvloop.run(perform(TASK.validate_json(sys.stdin.read())))
    sys.stdout.buffer.write(OUTCOME.dump_json(outcome))
