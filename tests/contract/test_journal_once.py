"""What is sent again is not written again, whichever node it is sent to."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pycrdt import Doc, Text
from sqlalchemy import Engine, event

from storage.database import open_database
from storage.journal import open_journal
from storage.ports import Stores
from tests.contract.sample import ADA, BEN, DISCUSSION, NOW, RECORD, covered, edit, entry, fill, rejected
from tests.contract.worlds import MemoryWorld, World
from workspace.case import Person
from workspace.entries import Append
from workspace.errors import ForeignClient, StorageUnavailable, Superseded
from workspace.ids import ClientId, OpId, Seq
from workspace.update import ClientRange, read_update

START = Seq(0)


class Browser:
    """A replica; each keystroke makes an update, as stock clients send it."""

    def __init__(self, client: int) -> None:
        self.doc: Doc[Text] = Doc(client_id=client)
        self.text = self.doc.get("t", type=Text)

    def type(self, words: str) -> bytes:
        before = self.doc.get_state()
        self.text += words
        return self.doc.get_update(before)

    def erase(self, start: int, end: int) -> bytes:
        before = self.doc.get_state()
        del self.text[start:end]
        return self.doc.get_update(before)


def judged(
    update: bytes, known: Seq = START, *, author: Person = ADA, follows: OpId | None = None, clients: Sequence[int] = ()
) -> Append:
    """An append as a room makes it that knew the first `known` entries and had nothing of the update in them."""
    append = edit(RECORD, update, author=author, clients=frozenset(clients))
    return replace(append, news=read_update(update), known=known, follows=follows)


async def bodies(stores: Stores) -> list[bytes]:
    return [each.update for each in await stores.journal.read(RECORD, after=START, limit=100_000)]


def text_of(updates: Sequence[bytes]) -> str:
    doc: Doc[Text] = Doc()
    for update in updates:
        doc.apply_update(update)
    return str(doc.get("t", type=Text))


class TestSentAgain:
    async def test_what_another_node_wrote_meanwhile_is_not_written_again(self, world: World, stores: Stores) -> None:
        """[JRN-15] The node that was frozen hears that it is there, and up to where to read."""
        await stores.journal.open(RECORD)
        ada = Browser(7)
        first, second = ada.type("Fever. "), ada.type("Chills.")
        async with world.node() as beside:
            await beside.journal.append([judged(first), judged(second)])
            answers = await stores.journal.append([judged(first), judged(second), judged(ada.doc.get_update())])
        assert [covered(answer).seq for answer in answers] == [2, 2, 2]
        assert await bodies(stores) == [first, second]

    async def test_what_is_new_of_it_is_written(self, world: World, stores: Stores) -> None:
        """[JRN-15] The answer's entry is what was written."""
        await stores.journal.open(RECORD)
        ada = Browser(7)
        first = ada.type("Fever. 🧠")
        ada.type("Chills.")
        whole = ada.doc.get_update()
        async with world.node() as beside:
            await beside.journal.append([judged(first)])
        [answer] = await stores.journal.append([judged(whole)])
        assert entry(answer).seq == 2
        assert read_update(entry(answer).update).structs == ((7, 9, 16),)
        assert await bodies(stores) == [first, entry(answer).update]
        assert text_of(await bodies(stores)) == "Fever. 🧠Chills."

    async def test_deletions_count_like_words(self, world: World, stores: Stores) -> None:
        """[JRN-15] Whole, and in part."""
        await stores.journal.open(RECORD)
        ada = Browser(7)
        [written] = await stores.journal.append([judged(ada.type("abcdef"))])
        known = entry(written).seq
        one, two = ada.erase(0, 1), ada.erase(1, 3)
        async with world.node() as beside:
            await beside.journal.append([judged(one, known)])
            again, more = await stores.journal.append([judged(one, known), judged(two, known)])
        assert covered(again).seq == 2
        facts = read_update(entry(more).update)
        assert (facts.structs, facts.deletes) == ((), (ClientRange(ClientId(7), 2, 4),))
        assert text_of(await bodies(stores)) == "bef"

    async def test_what_was_read_before_is_not_looked_at(self, stores: Stores) -> None:
        """[JRN-15] A room that knew an entry has judged by itself."""
        await stores.journal.open(RECORD)
        update = Browser(7).type("Fever")
        await stores.journal.append([judged(update)])
        [answer] = await stores.journal.append([judged(update, Seq(1))])
        assert entry(answer).seq == 2

    async def test_twice_in_one_call_or_on_the_way_is_once(self, stores: Stores) -> None:
        """[JRN-15] One node: the line broke, the client came back, and the disk is slow."""
        await stores.journal.open(RECORD)
        ada = Browser(7)
        first, second = ada.type("Fever. "), ada.type("Chills.")
        one, again = judged(first), judged(first)
        both, two = judged(ada.doc.get_update()), judged(second)
        calls = await asyncio.gather(*(stores.journal.append(call) for call in ([one, again], [both], [two])))
        answers = [answer for call in calls for answer in call]
        assert [type(answer).__name__ for answer in answers] == ["Entry", "Covered", "Entry", "Covered"]
        assert [each.seq for each in map(covered, answers[1::2])] == [1, 2]
        assert text_of(await bodies(stores)) == "Fever. Chills."
        assert len(await bodies(stores)) == 2

    async def test_very_far_behind(self, world: World, stores: Stores) -> None:
        """[JRN-15] A node that was frozen for long: 1,300 entries of others."""
        await stores.journal.open(RECORD)
        ada, ben = Browser(7), Browser(8)
        async with world.node() as beside:
            await beside.journal.append([edit(update=ben.type("b"), author=BEN) for _ in range(700)])
            await beside.journal.append([edit(update=ada.type("a"))])
            await beside.journal.append([edit(update=ben.type("b"), author=BEN) for _ in range(600)])
        again, new = await stores.journal.append([judged(ada.doc.get_update()), judged(ada.type("!"))])
        assert covered(again).seq == 1_301
        assert entry(new).seq == 1_302

    async def test_an_entry_that_cannot_be_read_stands_for_nothing(self, stores: Stores) -> None:
        """[JRN-15] Better twice than not at all."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(update=b"not an update")])
        [answer] = await stores.journal.append([judged(Browser(7).type("Fever"))])
        assert entry(answer).seq == 2

    async def test_documents_do_not_stand_for_each_other(self, stores: Stores) -> None:
        """[JRN-15]"""
        await stores.journal.open(RECORD)
        await stores.journal.open(DISCUSSION)
        update = Browser(7).type("Fever")
        await stores.journal.append([edit(DISCUSSION, update)])
        await stores.journal.append([judged(Browser(8).type("x"))])
        [answer] = await stores.journal.append([judged(update)])
        assert entry(answer).seq == 2


class TestRetry:
    async def test_a_retry_is_answered_the_same(self, world: World, stores: Stores) -> None:
        """[JRN-3] [JRN-15] With the entry as it was written; or that it is there, up to wherever."""
        await stores.journal.open(RECORD)
        ada = Browser(7)
        first = ada.type("Fever. ")
        ada.type("Chills.")
        async with world.node() as beside:
            await beside.journal.append([judged(first)])
        cut, nothing = judged(ada.doc.get_update()), judged(first)
        before = await stores.journal.append([cut, nothing])
        after = await stores.journal.append([cut, nothing])
        assert after == before
        assert entry(before[0]).update != cut.update
        assert covered(before[1]).op == nothing.op
        assert len(await bodies(stores)) == 2

    async def test_a_document_that_ended_says_so_first(self, world: World, stores: Stores) -> None:
        """[JRN-9] Also of what is there."""
        await stores.journal.open(RECORD)
        update = Browser(7).type("Fever")
        async with world.node() as beside:
            await beside.journal.append([judged(update)])
            await beside.journal.supersede(RECORD, None, ADA.id, NOW)
        [answer] = await stores.journal.append([judged(update)])
        assert isinstance(rejected(answer).error, Superseded)


class TestOwners:
    async def test_who_sends_on_what_others_wrote_owns_nothing_of_it(self, world: World, stores: Stores) -> None:
        """[JRN-6] [JRN-15] Ben saw Ada's words on one node, and takes them to another that has not read them yet."""
        await stores.journal.open(RECORD)
        ada, ben = Browser(7), Browser(8)
        words = ada.type("Fever. ")
        async with world.node() as beside:
            await beside.journal.append([judged(words, clients=[7])])
        ben.doc.apply_update(words)
        ben.type("Chills.")
        whole = ben.doc.get_update()
        [answer] = await stores.journal.append([judged(whole, author=BEN, clients=[7, 8])])
        assert [each.client for each in read_update(entry(answer).update).structs] == [8]
        assert (await stores.journal.open(RECORD)).owners == {7: ADA.id, 8: BEN.id}
        assert text_of(await bodies(stores)) == "Fever. Chills."

    async def test_new_words_under_anothers_id_are_refused_and_stand_for_nothing(
        self, world: World, stores: Stores
    ) -> None:
        """[JRN-6] [JRN-15] What was refused is not there: its owner's own, in the same call, is written."""
        await stores.journal.open(RECORD)
        ada = Browser(7)
        first, second = ada.type("Fever. "), ada.type("Chills.")
        async with world.node() as beside:
            await beside.journal.append([judged(first, clients=[7])])
        stolen, own = await stores.journal.append(
            [judged(second, author=BEN, clients=[7]), judged(second, clients=[7])]
        )
        assert isinstance(rejected(stolen).error, ForeignClient)
        assert entry(own).update == second


@contextmanager
def looks() -> Iterator[list[str]]:
    """The statements that read the content of entries, while one appends."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT entries."):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class TestCost:
    async def test_a_room_that_is_alone_is_never_asked_about(self, world: World, stores: Stores) -> None:
        """[JRN-15] However many of its appends are on their way at once; and when others write the journal looks until
        the room has read that."""
        if isinstance(world, MemoryWorld):
            return  # it has no statements
        await stores.journal.open(RECORD)
        ada = Browser(7)
        with looks() as seen:
            on_the_way: OpId | None = None
            calls = []
            for _ in range(40):
                batch = []
                for _ in range(5):
                    batch.append(judged(ada.type("a"), follows=on_the_way))
                    on_the_way = batch[-1].op
                calls.append(stores.journal.append(batch))
                if len(calls) % 7 == 0:
                    await calls[-1]  # its answer comes, but the room goes on as if it had not
            await asyncio.gather(*calls)
            assert [entry(a).seq for call in calls for a in call.result()] == list(range(1, 201))
            assert seen == []
            async with world.node() as beside:
                await beside.journal.append([judged(Browser(8).type("b"), Seq(200))])
            assert seen == []
            [answer] = await stores.journal.append([judged(ada.type("a"), follows=on_the_way)])
            assert (entry(answer).seq, len(seen)) == (202, 1)
            [answer] = await stores.journal.append([judged(ada.type("a"), Seq(200), follows=entry(answer).op)])
            assert (entry(answer).seq, len(seen)) == (203, 2), "it still does not know of the other's"
            [answer] = await stores.journal.append([judged(ada.type("a"), Seq(202), follows=entry(answer).op)])
            assert (entry(answer).seq, len(seen)) == (204, 2)
            await stores.journal.append([judged(ada.type("a"), Seq(204))])
            assert len(seen) == 2

    async def test_another_room_of_the_same_node_is_another(self, world: World, stores: Stores) -> None:
        """[JRN-15] One was dropped with appends on their way; the next one opened before they were written."""
        await stores.journal.open(RECORD)
        ada = Browser(7)
        first = judged(ada.type("Fever. "))
        second = judged(ada.type("Chills."), follows=first.op)
        again = judged(ada.doc.get_update())
        more = judged(ada.type(" Pallor."), follows=again.op)
        calls = [stores.journal.append(call) for call in ([first, second], [again], [more])]
        answers = [answer for call in await asyncio.gather(*calls) for answer in call]
        assert covered(answers[2]).seq == 2
        assert entry(answers[3]).update == more.update
        assert len(await bodies(stores)) == 3


async def test_what_follows_a_failed_append_is_not_written(path: Path) -> None:
    """[JRN-16] The first was not written, or nobody knows: the next one alone would stand on something that is not
    there. What is of another document goes on, and so does whoever comes afresh."""
    async with open_database(path, busy_seconds=0.3) as database:
        await fill(database)
        async with open_journal(database) as journal:
            await journal.open(DISCUSSION)
            ada = Browser(7)
            first = judged(ada.type("a"))
            second = judged(ada.type("b"), follows=first.op)
            third = judged(ada.type("c"), follows=second.op)
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                failing = journal.append([first])
                for _ in range(10):
                    await asyncio.sleep(0)
                following, beside = journal.append([second]), journal.append([edit(DISCUSSION)])
                with pytest.raises(StorageUnavailable):
                    await failing
                late = journal.append([third])
                other.execute("ROLLBACK")
            for call in (following, late):
                with pytest.raises(StorageUnavailable):
                    await call
            assert entry((await beside)[0]).seq == 1
            [fresh] = await journal.append([judged(ada.doc.get_update())])
            assert entry(fresh).seq == 1
            [after] = await journal.append([judged(ada.type("d"), Seq(1))])
            assert entry(after).seq == 2
