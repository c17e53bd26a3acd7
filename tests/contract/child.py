"""Another process on the same SQLite file: `python -m tests.contract.child COMMAND FILE …`. Says what it did."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from storage.ports import CredentialKind
from storage.stores import open_stores
from tests.contract.sample import ADA, NOW, RECORD
from workspace.entries import Append, Entry
from workspace.ids import ClientId, OpId, UpdateBytes

TICKETS = [number.to_bytes(32, "big") for number in range(40)]


def say(line: str) -> None:
    """Out at once: what is said must survive a kill."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def an_edit(size: int) -> Append:
    return Append(OpId(os.urandom(16)), RECORD, UpdateBytes(os.urandom(size)), ADA.id, frozenset({ClientId(7)}), NOW)


async def migrate(path: Path) -> None:
    """Open and close."""
    async with open_stores(path) as stores:
        say(str(await stores.notices.latest()))


async def append(path: Path, calls: int, each: int) -> None:
    """Append to the record; says each seq it was given."""
    async with open_stores(path) as stores:
        await stores.journal.open(RECORD)
        say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        for _ in range(calls):
            for answer in await stores.journal.append([an_edit(30) for _ in range(each)]):
                assert isinstance(answer, Entry)
                say(str(answer.seq))


async def append_until_killed(path: Path) -> None:
    """Append from eight tasks; says the op and seq of each answer, after the answer."""
    async with open_stores(path) as stores:
        await stores.journal.open(RECORD)

        async def writer(size: int) -> None:
            while True:
                for answer in await stores.journal.append([an_edit(size), an_edit(30)]):
                    assert isinstance(answer, Entry)
                    say(f"{answer.op.hex()} {answer.seq}")

        await asyncio.gather(*[writer(10 * 4**power) for power in range(8)])


async def redeem(path: Path) -> None:
    """Try to spend every ticket; says the place of each that it won."""
    async with open_stores(path) as stores:
        say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        for place, ticket in enumerate(TICKETS):
            if await stores.people.redeem(CredentialKind.TICKET, ticket, NOW) is not None:
                say(str(place))


def main() -> None:
    match sys.argv[1:]:
        case ["migrate", path]:
            asyncio.run(migrate(Path(path)))
        case ["append", path, calls, each]:
            asyncio.run(append(Path(path), int(calls), int(each)))
        case ["append-until-killed", path]:
            asyncio.run(append_until_killed(Path(path)))
        case ["redeem", path]:
            asyncio.run(redeem(Path(path)))
        case _:
            sys.exit(2)


if __name__ == "__main__":
    main()
