"""What became of the files that were handed in, read from PostgreSQL and the object storage themselves. [UPL-4]"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg

from server.media_keys import QUARANTINE, upload_of_key
from server.media_sweeper import ORPHAN_MILLIS, MediaSweeper
from server.media_verify import verify
from server.premises import wall_clock
from storage.ports import Sought, Stores
from storage.stores import open_node
from tests.faults.ledger import Verdict
from tests.faults.scene import Scene, until_true
from tests.faults.sender import Sender
from workspace.audit import Action, Chain, Detail
from workspace.ids import CaseId, Millis
from workspace.media import PASSING, WORKED_ON, Reason, UploadState, is_held

PATIENCE_SECONDS = 90.0
"""A dead worker's claim ends after 30 s, and what it was at waits behind all that came meanwhile."""
UPLOAD_HOURS = 72.0
EACH_UPLOAD = """
SELECT u.id, encode(u.digest, 'hex') AS digest, u.state, u.reason, count(f.id) AS files
FROM uploads u LEFT JOIN files f ON f.upload = u.id WHERE u.case_id = ANY($1) GROUP BY u.id
"""
ALL_UPLOADS = "SELECT id, state, reason FROM uploads"
NAMED = """
SELECT object_key FROM files UNION ALL SELECT object_key FROM renditions
UNION ALL SELECT manifest_key FROM media WHERE manifest_key IS NOT NULL
"""
BEHIND = "SELECT count(*) FROM media WHERE case_id = ANY($1) AND manifest_of < files_version"


@dataclass(frozen=True, slots=True)
class Kept:
    """One upload as the database has it, and how many files came of it."""

    id: str
    digest: str
    state: UploadState
    reason: Reason | None
    files: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that is kept, and what of it somebody else sees."""

    uploads: Sequence[Kept]
    held: Collection[str]
    """Uploads whose bytes in quarantine are still needed."""
    named: Collection[str]
    """Keys that a row names."""
    stored: Sequence[str]
    """Keys under which something stands, whole or in parts."""
    shown: int
    """Files in the galleries."""
    told: Mapping[str, int]
    """How often the audit log says of an upload that it is ready."""
    spoiled: int
    """Objects that are not as the database says."""


def judge_files(shelf: Shelf, handed_in: Collection[str]) -> Verdict:
    """Compare what senders were told with what is there; at a time when all have settled."""
    of_digest = {each.digest: each for each in shelf.uploads if each.state is UploadState.READY}
    of_digest |= {each.digest: each for each in shelf.uploads if each.digest not in of_digest}
    found = [of_digest.get(digest) for digest in handed_in]
    ready = [each for each in shelf.uploads if each.state is UploadState.READY]
    files: Counter[str] = Counter()
    for each in shelf.uploads:
        files[each.digest] += each.files
    in_gallery = sum(each is not None and each.state is UploadState.READY and each.files > 0 for each in found)
    refused = sum(each is not None and each.state is UploadState.REJECTED and each.reason in PASSING for each in found)
    return Verdict(
        handed_in=len(handed_in),
        ready=in_gallery,
        refused=refused,
        missing=len(handed_in) - in_gallery - refused,
        twofold=sum(count > 1 for count in files.values()),
        unseen=abs(sum(each.files for each in ready) - shelf.shown),
        orphans=sum(not _is_named(key, shelf) for key in shelf.stored),
        spoiled=shelf.spoiled,
        unrecorded=sum(shelf.told.get(each.id, 0) != 1 for each in ready),
    )


def _is_named(key: str, shelf: Shelf) -> bool:
    return upload_of_key(key) in shelf.held if key.startswith(QUARANTINE) else key in shelf.named


async def is_being_worked_on(scene: Scene, senders: Sequence[Sender]) -> bool:
    """Whether a file is in the gallery already and another one in somebody's hands."""
    async with _asking(scene) as ask:
        states = {row["state"] for row in await ask.fetch(EACH_UPLOAD, [each.case for each in senders])}
    return {UploadState.READY, UploadState.CLEANING} <= states


async def settle_files(scene: Scene, senders: Sequence[Sender]) -> Verdict:
    """Wait until nothing of these is on its way, sweep, read everything again, and compare."""
    if scene.store is None:
        return Verdict()
    cases = [each.case for each in senders]

    async def is_quiet() -> bool:
        async with _asking(scene) as ask:
            states = {row["state"] for row in await ask.fetch(EACH_UPLOAD, cases)}
            return not states & WORKED_ON and await ask.fetchval(BEHIND, cases) == 0

    with suppress(TimeoutError):  # a finding, not an error
        await until_true(is_quiet, "all files to be ready", PATIENCE_SECONDS)
    handed_in = {digest for each in senders for digest in each.handed_in}
    trouble = sum(len(each.trouble) for each in senders)
    scene.told += [told for each in senders for told in each.trouble]
    access = scene.store
    async with open_node(scene.cluster.database_url, None, 0, lambda: access) as stores:
        # As if what is there now were old: nobody is at work any more.
        later = Millis(wall_clock() + 2 * ORPHAN_MILLIS)
        sweeper = MediaSweeper(stores, UPLOAD_HOURS, clock=lambda: later)
        await sweeper.clear_quarantine()
        await sweeper.remove_orphans()
        return judge_files(await _read(scene, stores, cases), handed_in) + Verdict(trouble=trouble)


async def _read(scene: Scene, stores: Stores, cases: Sequence[str]) -> Shelf:
    stored = [each.key async for each in stores.objects.listed("")]
    stored += [key async for key, _ in stores.multiparts.unfinished(Millis(wall_clock() + ORPHAN_MILLIS))]
    async with _asking(scene) as ask:
        rows = await ask.fetch(EACH_UPLOAD, cases)
        everybody = await ask.fetch(ALL_UPLOADS)
        named = {row["object_key"] for row in await ask.fetch(NAMED)}
    told: Counter[str] = Counter()
    for case in cases:
        events = await stores.audit.newest(Chain(CaseId(case)), Sought(actions=[Action.MEDIA_READY]), 100_000)
        told.update(str(each.event.details[Detail.UPLOAD]) for each in events)
    return Shelf(
        uploads=[
            Kept(row["id"], row["digest"], UploadState(row["state"]), _reason(row["reason"]), row["files"])
            for row in rows
        ],
        held={row["id"] for row in everybody if is_held(UploadState(row["state"]), _reason(row["reason"]))},
        named=named,
        stored=stored,
        shown=sum([await _shown(scene, case) for case in cases]),
        told=told,
        spoiled=(await verify(stores, scene.told.append)).faults,
    )


async def _shown(scene: Scene, case: str) -> int:
    """To somebody who may only look."""
    headers = {"Authorization": f"Bearer {scene.people.observer.token}"}
    answer = await scene.http.get(f"/api/cases/{case}/media", headers=headers)
    assert answer.status_code == 200, answer.text
    return sum(each["files"] for each in answer.json()["media"])


def _reason(text: str | None) -> Reason | None:
    return None if text is None else Reason(text)


@asynccontextmanager
async def _asking(scene: Scene) -> AsyncIterator[asyncpg.Connection]:
    """Past everything that is tested."""
    connection = await asyncpg.connect(scene.cluster.database_url.replace("+asyncpg", "", 1))
    try:
        yield connection
    finally:
        await connection.close()
