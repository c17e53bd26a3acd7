"""The audit log on the command line: whether it is whole, what it says, and how long it is. [AUD-8]"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from server.premises import CommandFailed
from storage.ports import Audit, Stores
from storage.ports.audit import PAGE, walk_all, walk_along
from workspace.audit import HOUSE, Chain
from workspace.audit_chain import Break, End, Kept, Walk

Anchors = Mapping[Chain, Mapping[int, bytes]]


class _Anchor(BaseModel):
    """What `heads` prints and the server's log says once an hour; a log's line may say more."""

    chain: str
    seq: int
    hash: str


async def verify(stores: Stores, case: str | None, file: Path | None) -> str:
    """Walk along one chain or all; what is broken is printed. Raises: CommandFailed when something is."""
    anchors = {} if file is None else read_anchors(file)
    chains, events, broken = 0, 0, 0
    async for walk, found in _walks(stores.audit, case, anchors):
        chains, events = chains + 1, events + walk.head.seq
        if found is not None:
            broken += 1
            sys.stdout.write(f"{found}\n")
    if broken:
        raise CommandFailed(f"{broken} of {chains} chains of the audit log are broken")
    return f"no break in {chains} chains with {events} events"


async def show(stores: Stores, case: str | None) -> None:
    """Print the events of a chain, oldest first, each as a line of JSON: what its hash holds, and the hash."""
    chain, reached = _chain(case), 0
    while page := await stores.audit.kept(chain, after=reached, limit=PAGE):
        sys.stdout.write("".join(map(_line, page)))
        reached = page[-1].seq


async def heads(stores: Stores) -> None:
    """Print the newest event of each chain by number and hash, for `verify --anchors` on another day."""
    names = await stores.audit.chains(None, PAGE)
    while names:
        for chain in names:
            head = (await stores.audit.end(chain)).head
            if head is not None:
                anchor = _Anchor(chain=chain, seq=head.seq, hash=head.hash.hex())
                sys.stdout.write(f"{anchor.model_dump_json()}\n")
        names = await stores.audit.chains(names[-1], PAGE)


def read_anchors(file: Path) -> Anchors:
    """Lines of `heads`, or of a server's log in JSON; what else stands there is passed over. Raises: CommandFailed."""
    found: defaultdict[Chain, dict[int, bytes]] = defaultdict(dict)
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{file} cannot be read") from error
    for line in lines:
        try:
            anchor = _Anchor.model_validate_json(line)
            found[Chain(anchor.chain)][anchor.seq] = bytes.fromhex(anchor.hash)
        except (ValidationError, ValueError):
            continue
    if not found:
        raise CommandFailed(f"there is no anchor in {file}")
    return found


async def _walks(audit: Audit, case: str | None, anchors: Anchors) -> AsyncIterator[tuple[Walk, Break | None]]:
    if case is None:
        async for each in walk_all(audit, anchors):
            yield each
        return
    chain = _chain(case)
    if await audit.end(chain) == End(None, 0) and chain not in anchors:
        raise CommandFailed(f"nothing was ever recorded of a case {case}")
    house, found = await walk_along(audit, HOUSE, anchors.get(HOUSE))
    yield house, found
    anchored = dict([house.anchored[chain]]) if chain in house.anchored else {}
    yield await walk_along(audit, chain, anchored | dict(anchors.get(chain, {})))


def _chain(case: str | None) -> Chain:
    return HOUSE if case is None else Chain(case)


def _line(kept: Kept) -> str:
    said = json.loads(kept.body)
    return f"{json.dumps(said | {'hash': kept.hash.hex()}, sort_keys=True)}\n"
