"""What every adapter of projections and search promises, sentence by sentence."""

from __future__ import annotations

import pytest

from storage.ports import Behind, Stores
from tests.contract.sample import ABSENT, ADA, BEN, CASE, CLEO, DISCUSSION, NOW, OTHER_CASE, RECORD, edit, new_case
from tests.contract.worlds import World
from workspace.case import CaseState, Role
from workspace.errors import NotFound
from workspace.ids import CaseId, DocumentId, Millis, Seq
from workspace.record import Head, Projection
from workspace.searching import index_text, terms_of

NEVER = Millis(0)


def behind(*, quiet: int = 0, overdue: int = 0, retry: int = 0) -> Behind:
    return Behind(Millis(quiet), Millis(overdue), Millis(retry))


def said(text: str = "", *, line: str | None = None, question: str | None = None) -> Projection:
    return Projection(Head(line=line, question=question), {"plan": text} if text else {}, (), index_text(text))


async def found(stores: Stores, question: str, who: str = "ada") -> list[CaseId]:
    person = {"ada": ADA, "ben": BEN, "cleo": CLEO}[who]
    hits = await stores.projections.find(terms_of(question), person.id, all_cases=who == "cleo")
    return [hit.listed.case.id for hit in hits]


class TestBehind:
    async def test_a_record_is_behind_when_its_edits_have_settled(self, stores: Stores) -> None:
        """[LST-6] Or when they do not settle for long; a record without edits never is, and no other document."""
        everything = behind(quiet=NOW + 10_000)
        for document in (RECORD, DISCUSSION):
            await stores.journal.open(document)
        assert await stores.projections.behind(everything) == []
        await stores.journal.append([edit(at=NOW), edit(at=NOW + 50), edit(DISCUSSION, at=NOW)])
        assert await stores.projections.behind(behind(quiet=NOW + 49)) == []
        assert await stores.projections.behind(behind(quiet=NOW + 50)) == [RECORD]
        assert await stores.projections.behind(behind(overdue=NOW - 1)) == []
        assert await stores.projections.behind(behind(overdue=NOW)) == [RECORD]

    async def test_edits_of_a_time_that_has_not_come_yet_are_read(self, stores: Stores) -> None:
        """[CLK-2] The clock was ahead when they were made; nobody waits until it is there again."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(at=NOW), edit(at=NOW + 1_000)])
        ahead = Behind(Millis(0), Millis(0), Millis(0), ahead=Millis(NOW + 1_000))
        assert await stores.projections.behind(ahead) == []
        await stores.journal.append([edit(at=NOW + 1_001)])
        assert await stores.projections.behind(ahead) == [RECORD]

    async def test_what_was_read_is_behind_again_with_the_next_edit(self, stores: Stores) -> None:
        """[LST-6] Counted from the first edit that was not read."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(at=NOW), edit(at=NOW)])
        await stores.projections.keep(RECORD, Seq(2), said("x"), NOW)
        assert await stores.projections.behind(behind(quiet=NOW + 10_000)) == []
        await stores.journal.append([edit(at=NOW + 60)])
        assert await stores.projections.behind(behind(overdue=NOW + 59)) == []
        assert await stores.projections.behind(behind(overdue=NOW + 60)) == [RECORD]

    async def test_what_could_not_be_read_waits_longer(self, stores: Stores) -> None:
        """[LST-7] And is left alone until somebody edits it."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(at=NOW)])
        await stores.projections.keep(RECORD, Seq(1), None, NOW)
        everything = behind(quiet=NOW + 10_000, overdue=NOW + 10_000, retry=NOW)
        assert await stores.projections.behind(everything) == []
        await stores.journal.append([edit(at=NOW + 1)])
        assert await stores.projections.behind(everything) == []
        assert await stores.projections.behind(behind(retry=NOW + 1)) == [RECORD]

    async def test_a_continued_record_is_read_afresh(self, stores: Stores) -> None:
        """[JRN-9] Its entries are counted from one again; a superseded one is never read."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(at=NOW)])
        await stores.projections.keep(RECORD, Seq(1), None, NOW)
        successor = await stores.journal.supersede(RECORD, edit().update, ADA.id, NOW)
        assert await stores.projections.behind(behind(quiet=NOW)) == [successor]

    async def test_it_is_known_after_a_restart(self, world: World, stores: Stores) -> None:
        """[LST-6] What is behind follows from the journal."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(at=NOW)])
        await stores.projections.keep(RECORD, Seq(1), said("the first word"), NOW)
        await stores.journal.append([edit(at=NOW)])
        async with world.node() as after:
            assert await after.projections.behind(behind(quiet=NOW)) == [RECORD]
            assert await found(after, "first") == [CASE]

    async def test_who_comes_late_with_what_was_read_earlier_changes_nothing(self, stores: Stores) -> None:
        """[NODE-6] [LST-6] A process that froze over it, and lost its lease; also with a reading that failed."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(at=NOW), edit(at=NOW), edit(at=NOW)])
        await stores.projections.keep(RECORD, Seq(3), said("sarcoidosis"), NOW)
        for late in (said("vasculitis"), None):
            await stores.projections.keep(RECORD, Seq(2), late, NOW)
        assert await found(stores, "sarcoidosis") == [CASE]
        assert await found(stores, "vasculitis") == []
        assert await stores.projections.behind(behind(quiet=NOW)) == []

    async def test_it_is_known_since_when_something_was_not_read(self, stores: Stores) -> None:
        """[OPS-6] The oldest edit of any record; not what nobody can read."""
        assert await stores.projections.oldest_unread() is None
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(at=NOW), edit(at=NOW + 5), edit(at=NOW + 9)])
        assert await stores.projections.oldest_unread() == NOW
        await stores.projections.keep(RECORD, Seq(1), said("x"), NOW)
        assert await stores.projections.oldest_unread() == NOW + 5
        await stores.projections.keep(RECORD, Seq(2), None, NOW)
        assert await stores.projections.oldest_unread() is None
        await stores.projections.keep(RECORD, Seq(3), said("x"), NOW)
        assert await stores.projections.oldest_unread() is None

    async def test_a_case_that_is_not_there_is_not_kept(self, stores: Stores) -> None:
        """[LST-6]"""
        with pytest.raises(NotFound):
            await stores.projections.keep(ABSENT, Seq(1), said("x"), NOW)

    async def test_many_are_read_in_portions(self, stores: Stores) -> None:
        """[LST-6]"""
        for letter in "defgh":
            case = CaseId(letter * 16)
            await stores.cases.create(new_case(case, seeds={"record": b"seed"}))
        assert len(await stores.projections.behind(behind(quiet=NOW), limit=3)) == 3
        assert len(await stores.projections.behind(behind(quiet=NOW))) == 5


class TestFind:
    async def test_a_title_is_found_from_the_start(self, stores: Stores) -> None:
        """[LST-8] And the new one, not the old, as soon as it is given."""
        assert await found(stores, "FEVER") == [CASE]
        await stores.cases.rename(CASE, "Évanouissement", NOW)
        assert await found(stores, "evanouissement") == [CASE]
        assert await found(stores, "fever") == []

    async def test_all_that_was_said_is_found(self, stores: Stores) -> None:
        """[LST-8] In the head and in every section; all words, each from its start on."""
        await stores.projections.keep(
            RECORD, Seq(1), said("Naïve T cells. 発熱が続く", line="Łódź", question="Straße?"), NOW
        )
        for question in (
            "naive",
            "NAÏVE cells",
            "lodz",
            "strasse",
            "発熱",
            "続",
            "cel",
            "fever naive lodz",
            '"t cells"',
        ):
            assert await found(stores, question) == [CASE], question
        for question in ("aive", "naive dyspnoea", '"cells t"', "熱続"):
            assert await found(stores, question) == [], question

    async def test_what_was_written_last_is_found_and_nothing_older(self, stores: Stores) -> None:
        """[LST-8] But what could not be read leaves what was known. [LST-7]"""
        await stores.projections.keep(RECORD, Seq(1), said("vasculitis"), NOW)
        await stores.projections.keep(RECORD, Seq(2), said("sarcoidosis"), NOW)
        assert await found(stores, "vasculitis") == []
        await stores.projections.keep(RECORD, Seq(3), None, NOW)
        assert await found(stores, "sarcoidosis") == [CASE]
        assert await found(stores, "fever") == [CASE]

    async def test_a_person_finds_only_what_they_may_read(self, stores: Stores) -> None:
        """[LST-9] A member, or a moderator; from the moment they may until the moment they may not."""
        await stores.projections.keep(RECORD, Seq(1), said("vasculitis"), NOW)
        assert await found(stores, "vasculitis", "ben") == []
        assert await found(stores, "fever", "ben") == []
        assert await found(stores, "vasculitis", "cleo") == [CASE]
        await stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, NOW)
        assert await found(stores, "vasculitis", "ben") == [CASE]
        await stores.cases.set_member(CASE, BEN.id, None, NOW)
        assert await found(stores, "vasculitis", "ben") == []
        await stores.cases.set_state(CASE, CaseState.OPEN, CaseState.PURGED, NOW)
        assert await found(stores, "vasculitis", "cleo") == []

    async def test_titles_come_first_and_pages_follow(self, stores: Stores) -> None:
        """[LST-8] By state too."""
        await stores.cases.create(new_case(OTHER_CASE, title="A rash"))
        await stores.projections.keep(
            DocumentId(OTHER_CASE, RECORD.name), Seq(1), said("the rash came with a fever and much else " * 5), NOW
        )
        assert await found(stores, "fever") == [CASE, OTHER_CASE]
        terms = terms_of("fever")
        pages = [await stores.projections.find(terms, ADA.id, all_cases=False, skip=n, limit=1) for n in range(3)]
        assert [[hit.listed.case.id for hit in page] for page in pages] == [[CASE], [OTHER_CASE], []]
        await stores.cases.set_state(CASE, CaseState.OPEN, CaseState.CONCLUDED, NOW)
        concluded = frozenset({CaseState.CONCLUDED})
        hits = await stores.projections.find(terms, ADA.id, all_cases=False, states=concluded)
        assert [hit.listed.case.id for hit in hits] == [CASE]

    async def test_a_hit_brings_what_the_case_says(self, stores: Stores) -> None:
        """[LST-8] As it was written."""
        await stores.projections.keep(RECORD, Seq(1), said("Naïve T cells", line="Łódź"), NOW)
        (hit,) = await stores.projections.find(terms_of("naive"), ADA.id, all_cases=False)
        assert (hit.projection.texts, hit.projection.head.line) == ({"plan": "Naïve T cells"}, "Łódź")
        assert hit.listed.role is Role.LEAD

    async def test_nothing_asked_finds_nothing(self, stores: Stores) -> None:
        """[LST-8]"""
        assert await found(stores, " * ") == []
