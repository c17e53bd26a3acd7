"""server.projections: when records are read, by a clock that the test owns."""

from __future__ import annotations

from typing import Any

from pycrdt import Doc, Map, XmlElement, XmlFragment, XmlText

from server.child import Child
from server.projections import OVERDUE_MILLIS, QUIET_MILLIS, RETRY_MILLIS, Projector
from storage.memory import MemoryStores, memory_stores
from storage.ports import NewCase
from tests.unit.scene import ADA
from tests.unit.test_squashing import nested
from workspace.case import CaseState
from workspace.entries import Append, Entry
from workspace.ids import CaseId, DocumentId, DocumentName, Millis, OpId, UpdateBytes
from workspace.searching import terms_of

CASE, OTHER = CaseId("c" * 16), CaseId("d" * 16)
RECORD, ELSEWHERE = (DocumentId(case, DocumentName("record")) for case in (CASE, OTHER))
START = 1_700_000_000_000


class Writing:
    """A house in which somebody writes, and a projector that looks when it is told to."""

    def __init__(self, stores: MemoryStores) -> None:
        self.stores = stores
        self.now = Millis(START)
        self.projector = Projector(stores, clock=lambda: self.now, child=Child(60))
        self._ops = iter(range(1, 1_000))
        self._docs: dict[DocumentId, Doc[Any]] = {}

    async def write(self, text: str, document: DocumentId = RECORD) -> None:
        doc = self._docs.setdefault(document, Doc())
        before = doc.get_state()
        paragraph = XmlElement("paragraph")
        doc.get("plan", type=XmlFragment).children.append(paragraph)
        paragraph.children.append(XmlText(text))
        doc.get("head", type=Map)["line"] = text
        await self.journal(doc.get_update(before), document)

    async def journal(self, update: bytes, document: DocumentId = RECORD) -> None:
        await self.stores.journal.open(document)
        op = OpId(next(self._ops).to_bytes(16, "big"))
        append = Append(op, document, UpdateBytes(update), ADA.id, frozenset(), self.now)
        (answer,) = await self.stores.journal.append([append])
        assert isinstance(answer, Entry)

    def wait(self, millis: int) -> None:
        self.now = Millis(self.now + millis)

    async def finds(self, question: str) -> list[str]:
        hits = await self.stores.projections.find(terms_of(question), ADA.id, all_cases=False)
        return [hit.listed.case.id for hit in hits]


async def writing() -> Writing:
    """Two cases that Ada leads."""
    stores = memory_stores()
    await stores.people.add(ADA, None, Millis(START))
    for case, title in ((CASE, "A rash"), (OTHER, "Another")):
        await stores.cases.create(NewCase(case, title, ADA.id, CaseState.OPEN, Millis(START), {}))
    return Writing(stores)


async def test_a_record_is_read_after_a_pause_and_not_before() -> None:
    """[LST-6] And once: nothing is read that was read."""
    house = await writing()
    await house.write("vasculitis")
    house.wait(QUIET_MILLIS - 1)
    assert (await house.projector.sweep(), await house.finds("vasculitis")) == (0, [])
    house.wait(1)
    assert (await house.projector.sweep(), await house.finds("vasculitis")) == (1, [CASE])
    assert await house.projector.sweep() == 0


async def test_somebody_who_never_pauses_is_read_all_the_same() -> None:
    """[LST-6] Within a bound, and again after the next bound."""
    house = await writing()
    for wanted in ("first", "second"):
        for _ in range(OVERDUE_MILLIS // 1000):
            await house.write(wanted)
            assert await house.projector.sweep() == 0
            house.wait(1000)
        assert (await house.projector.sweep(), await house.finds(wanted)) == (1, [CASE])


async def test_a_second_projector_knows_what_the_first_has_read() -> None:
    """[LST-6] A restart begins where the journal and the projections differ."""
    house = await writing()
    await house.write("before")
    house.wait(QUIET_MILLIS)
    await house.projector.sweep()
    await house.write("after")
    house.wait(QUIET_MILLIS)
    fresh = Projector(house.stores, clock=lambda: house.now)
    assert (await fresh.sweep(), await house.finds("after")) == (1, [CASE])
    assert await house.projector.sweep() == 0


async def test_a_hostile_record_is_found_by_its_title_and_harms_no_other() -> None:
    """[LST-7] [JRN-14] Its reader dies; the next record is read in the same round."""
    house = await writing()
    await house.journal(nested(50_000))
    await house.write("vasculitis", ELSEWHERE)
    house.wait(QUIET_MILLIS)
    assert await house.projector.sweep() == 2
    assert await house.finds("rash") == [CASE]
    assert await house.finds("vasculitis") == [OTHER]
    await house.journal(b"\x00\x00")
    house.wait(OVERDUE_MILLIS)
    assert await house.projector.sweep() == 0
    house.wait(RETRY_MILLIS)
    assert await house.projector.sweep() == 1


async def test_what_was_read_before_stays_when_a_record_becomes_unreadable() -> None:
    """[LST-7]"""
    house = await writing()
    await house.write("vasculitis")
    house.wait(QUIET_MILLIS)
    await house.projector.sweep()
    await house.journal(nested(50_000))
    house.wait(QUIET_MILLIS)
    assert await house.projector.sweep() == 1
    assert await house.finds("vasculitis rash") == [CASE]


async def test_a_record_that_moved_meanwhile_is_passed_over() -> None:
    """[LST-6] [JRN-9] Its successor is read."""
    house = await writing()
    await house.write("old")
    doc: Doc[Any] = Doc()
    doc.get("head", type=Map)["line"] = "new"
    await house.stores.journal.supersede(RECORD, UpdateBytes(doc.get_update()), ADA.id, house.now)
    house.wait(QUIET_MILLIS)
    assert await house.projector.sweep() == 1
    assert (await house.finds("new"), await house.finds("old")) == ([CASE], [])
