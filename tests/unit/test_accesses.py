"""server.accesses: an access is recorded before it is answered, once in a while, and stands in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
import structlog
from prometheus_client import CollectorRegistry

from server.accesses import (
    AT_ONCE,
    MOST_WAITING,
    PATIENCE_SECONDS,
    RETRY_SECONDS,
    WINDOW_SECONDS,
    Accesses,
    AccessMeters,
)
from storage.memory import MemoryRecords
from storage.memory.audit import MemoryAudit
from storage.ports import Sought
from tests.unit.clockwork import in_its_own_time
from tests.unit.house import CASE as HER_CASE
from tests.unit.house import house
from tests.unit.scene import ADA as ADA_HERSELF
from workspace.audit import Action, Cause, Detail, Event, Means, chain_of, origin_from
from workspace.errors import NotFound, StorageUnavailable
from workspace.ids import CaseId, DocumentName, PersonId

CASE = CaseId("k" * 16)
ADA = Cause(PersonId("a" * 16), origin_from(Means.SESSION, "10.0.0.7", "0123456789abcdef"))
BEN = Cause(PersonId("b" * 16), ADA.origin)
OPENED = Event(Action.CASE_OPENED, ADA, CASE)
FAILED = Event(Action.SIGN_IN_FAILED, replace(ADA, who=None))


class Disk(MemoryAudit):
    """A log on a disk that can be away, or say nothing at all."""

    def __init__(self) -> None:
        super().__init__(MemoryRecords())
        self.is_away = False
        self.is_frozen = False
        self.transactions = 0

    async def record(self, events: Sequence[Event]) -> None:
        self.transactions += 1
        if self.is_frozen:
            await asyncio.Event().wait()
        if self.is_away:
            raise StorageUnavailable
        await asyncio.sleep(0)
        await super().record(events)

    async def told(self) -> list[Event]:
        """What stands in the case's chain."""
        return [each.event for each in reversed(await self.newest(chain_of(CASE), Sought(), 2 * MOST_WAITING))]


def now() -> float:
    return asyncio.get_running_loop().time()


@in_its_own_time
async def test_whoever_reads_is_recorded_first() -> None:
    """[AUD-5]"""
    disk = Disk()
    accesses = Accesses(disk)
    async with accesses.running():
        await accesses.note(OPENED)
        assert await disk.told() == [OPENED]


@in_its_own_time
async def test_the_same_within_minutes_is_recorded_once() -> None:
    """[AUD-5] The window begins with what was recorded and does not move on: whoever stays is seen to stay."""
    disk = Disk()
    accesses = Accesses(disk)
    async with accesses.running():
        began = now()
        while now() - began < WINDOW_SECONDS * 2 + 10:
            await accesses.note(OPENED)
            await asyncio.sleep(7)
        assert await disk.told() == [OPENED] * 3


@in_its_own_time
async def test_what_differs_in_anything_is_another_access() -> None:
    """[AUD-5] Person, address, case, document, person looked at, kind; not the request's name."""
    disk = Disk()
    accesses = Accesses(disk)
    elsewhere = replace(ADA, origin=origin_from(Means.SESSION, "10.0.0.8", "0123456789abcdef"))
    others = [
        replace(OPENED, cause=BEN),
        replace(OPENED, cause=elsewhere),
        replace(OPENED, document=DocumentName("record")),
        replace(OPENED, person=BEN.who),
        replace(OPENED, details={Detail.SEQ: 4}),
        replace(OPENED, action=Action.HISTORY_READ),
    ]
    later = replace(ADA, origin=origin_from(Means.SESSION, "10.0.0.7", "fedcba9876543210"))
    async with accesses.running():
        for each in [OPENED, *others, replace(OPENED, cause=later)]:
            await accesses.note(each)
        assert await disk.told() == [OPENED, *others]


@in_its_own_time
async def test_each_try_to_sign_in_is_recorded() -> None:
    """[AUD-5]"""
    records = MemoryRecords()
    accesses = Accesses(MemoryAudit(records))
    async with accesses.running():
        for _ in range(3):
            await accesses.note(FAILED, always=True)
    assert len(records.audit[FAILED.chain]) == 3


@in_its_own_time
async def test_those_who_come_at_once_share_a_transaction() -> None:
    """[AUD-5] A grand round opens its case in one second."""
    disk = Disk()
    accesses = Accesses(disk)
    crowd = [replace(OPENED, cause=replace(ADA, who=PersonId(f"{number:a>16}"))) for number in range(AT_ONCE + 50)]
    async with accesses.running():
        await asyncio.gather(*[accesses.note(each) for each in crowd for _ in range(3)])
        assert sorted(str(each.cause.who) for each in await disk.told()) == sorted(str(e.cause.who) for e in crowd)
        assert disk.transactions == 2


@in_its_own_time
async def test_a_second_question_waits_for_the_record_too() -> None:
    """[AUD-5] It is the same access, and is not answered before it is recorded."""
    disk = Disk()
    accesses = Accesses(disk)
    async with accesses.running():
        first = asyncio.ensure_future(accesses.note(OPENED))
        await asyncio.sleep(0)
        await accesses.note(OPENED)
        assert await disk.told() == [OPENED]
        await first


@in_its_own_time
async def test_reading_goes_on_when_the_log_is_away() -> None:
    """[AUD-6] After a moment's patience; once it is back all of it is recorded, with how late it is, in order."""
    disk = Disk()
    accesses = Accesses(disk)
    other = replace(OPENED, cause=BEN)
    async with accesses.running():
        disk.is_away = True
        began = now()
        await accesses.note(OPENED)
        await accesses.note(other)
        assert now() - began <= 2 * PATIENCE_SECONDS
        assert await disk.told() == []
        await asyncio.sleep(60)
        disk.is_away = False
        await asyncio.sleep(2 * RETRY_SECONDS)
        told = await disk.told()
        assert [replace(each, details={}) for each in told] == [OPENED, other]
        assert all(60_000 <= int(each.details[Detail.LATE]) < 65_000 for each in told)


@in_its_own_time
async def test_reading_goes_on_when_the_log_says_nothing() -> None:
    """[AUD-6] And whoever leaves meanwhile harms nobody."""
    disk = Disk()
    accesses = Accesses(disk)
    async with accesses.running():
        disk.is_frozen = True
        gone = asyncio.ensure_future(accesses.note(OPENED))
        await asyncio.sleep(0)
        gone.cancel()
        began = now()
        await accesses.note(OPENED)
        assert now() - began == PATIENCE_SECONDS


@in_its_own_time
async def test_what_finds_no_room_is_named_in_the_server_s_log() -> None:
    """[AUD-6] By ids; memory is bounded, and nobody is turned away."""
    disk, meters = Disk(), AccessMeters(CollectorRegistry())
    accesses = Accesses(disk, meters)
    crowd = [replace(OPENED, cause=replace(ADA, who=PersonId(f"{n:a>16}"))) for n in range(MOST_WAITING + 2)]
    with structlog.testing.capture_logs() as said:
        async with accesses.running():
            disk.is_away = True
            for each in crowd:
                await accesses.tell(each)
            lost = [line for line in said if line["event"] == "audit.unrecorded"]
            assert [line["who"] for line in lost] == [each.cause.who for each in crowd[-2:]]
            assert (lost[0]["action"], lost[0]["case"], lost[0]["request"]) == ("case.opened", CASE, "0123456789abcdef")
            assert meters.waiting._value.get() == MOST_WAITING
            disk.is_away = False
        assert len(await disk.told()) == MOST_WAITING
    assert meters.unrecorded._value.get() == 2


@in_its_own_time
async def test_what_waits_at_the_end_is_recorded_or_named() -> None:
    """[AUD-6]"""
    for is_away in (False, True):
        disk = Disk()
        accesses = Accesses(disk)
        with structlog.testing.capture_logs() as said:
            async with accesses.running():
                await accesses.tell(OPENED)
                disk.is_away = is_away
        assert await disk.told() == ([] if is_away else [OPENED])
        assert [line["event"] for line in said].count("audit.unrecorded") == is_away


@in_its_own_time
async def test_a_session_of_a_document_is_recorded_before_it_is_seated() -> None:
    """[AUD-5] Whoever is turned away at the door has opened nothing."""
    async with house() as open_house:
        await open_house.admit(ADA_HERSELF)
        with pytest.raises(NotFound):
            await open_house.admit(replace(ADA_HERSELF, id=PersonId("q" * 16)))
        newest = await open_house.stores.audit.newest(chain_of(HER_CASE), Sought(), 3)
        assert [(each.event.action, each.event.document) for each in newest] == [
            (Action.CASE_REFUSED, None),
            (Action.DOCUMENT_OPENED, DocumentName("record")),
            (Action.CASE_OPENED, None),
        ]
        assert newest[1].event.cause.who == ADA_HERSELF.id
