"""What every journal promises, sentence by sentence."""

from __future__ import annotations

import asyncio

import pytest

from storage.ports import Stores
from tests.contract.sample import (
    ABSENT,
    ADA,
    BEN,
    CASE,
    DISCUSSION,
    NOW,
    OTHER_CASE,
    RECORD,
    edit,
    entry,
    new_case,
    rejected,
)
from tests.contract.worlds import World
from workspace.entries import Append, Mark, Snapshot
from workspace.errors import Conflict, ForeignClient, NotFound, Superseded
from workspace.ids import ClientId, DocumentId, DocumentName, Seq, UpdateBytes


async def written(stores: Stores, count: int, document: DocumentId = RECORD) -> None:
    await stores.journal.open(document)
    await stores.journal.append([edit(document, b"%d" % number) for number in range(1, count + 1)])


async def bodies(stores: Stores, document: DocumentId = RECORD) -> list[bytes]:
    return [each.update for each in await stores.journal.read(document, after=Seq(0))]


class TestOpen:
    async def test_a_document_never_opened_is_created_empty(self, stores: Stores) -> None:
        """[JRN-10] The first open makes the document."""
        stored = await stores.journal.open(RECORD)
        assert (stored.snapshot, stored.entries, stored.owners) == (None, (), {})
        assert await stores.journal.heads([RECORD]) == {RECORD: 0}

    async def test_concurrent_first_opens_make_one_document(self, world: World, stores: Stores) -> None:
        """[JRN-10] On one node and on two."""
        async with world.node() as beside:
            opened = await asyncio.gather(*[node.journal.open(RECORD) for node in (stores, beside) for _ in range(8)])
            assert {stored.entries for stored in opened} == {()}
            seqs = [entry(answer).seq for node in (stores, beside) for answer in await node.journal.append([edit()])]
        assert seqs == [1, 2]

    async def test_a_case_that_is_not_there_has_no_documents(self, stores: Stores) -> None:
        """[JRN-10] Opening creates documents, never cases."""
        with pytest.raises(NotFound):
            await stores.journal.open(ABSENT)
        assert await stores.journal.heads([ABSENT]) == {}

    async def test_a_later_epoch_is_not_created_by_opening_it(self, stores: Stores) -> None:
        """[JRN-9] `record~2` exists only after `record` was superseded."""
        await stores.journal.open(RECORD)
        with pytest.raises(NotFound):
            await stores.journal.open(RECORD.successor())

    async def test_it_returns_entries_and_owners(self, stores: Stores) -> None:
        """[JRN-8] [JRN-6] A room gets all it needs in one call."""
        await stores.journal.open(RECORD)
        first, second = edit(clients=frozenset({7, 8})), edit(update=b"more", author=BEN, clients=frozenset({9}), at=5)
        await stores.journal.append([first, second])
        stored = await stores.journal.open(RECORD)
        assert [(e.seq, e.op, e.update, e.author, e.at) for e in stored.entries] == [
            (1, first.op, b"edit", ADA.id, NOW),
            (2, second.op, b"more", BEN.id, 5),
        ]
        assert stored.owners == {7: ADA.id, 8: ADA.id, 9: BEN.id}


class TestAppend:
    async def test_an_answered_append_is_there_after_a_restart(self, world: World) -> None:
        """[JRN-1] What was answered is on the disk."""
        async with world.node() as before:
            await before.people.add(ADA, None, NOW)
            await before.cases.create(new_case())
            await written(before, 3)
        async with world.node() as after:
            assert await bodies(after) == [b"1", b"2", b"3"]

    async def test_seqs_are_counted_per_document_without_gaps(self, stores: Stores) -> None:
        """[JRN-2] 1, 2, 3… in each document, rejected appends in between or not."""
        await stores.journal.open(RECORD)
        await stores.journal.open(DISCUSSION)
        answers = await stores.journal.append(
            [edit(), edit(DISCUSSION), edit(ABSENT), edit(), edit(DISCUSSION), edit()]
        )
        assert [getattr(answer, "seq", None) for answer in answers] == [1, 1, None, 2, 2, 3]
        assert await stores.journal.heads([RECORD, DISCUSSION, ABSENT]) == {RECORD: 3, DISCUSSION: 2}

    async def test_calls_commit_in_call_order(self, stores: Stores) -> None:
        """[JRN-2] [JRN-4] Queued at the call, whoever awaits first; answers go to their own call."""
        await stores.journal.open(RECORD)
        calls = [stores.journal.append([edit(update=b"%d" % n), edit(update=b"%d'" % n)]) for n in range(200)]
        answers = await asyncio.gather(*reversed(calls))
        assert [[entry(a).seq for a in answer] for answer in reversed(answers)] == [
            [2 * n + 1, 2 * n + 2] for n in range(200)
        ]
        assert [each.update for each in await stores.journal.read(RECORD, after=Seq(0))] == [
            body for n in range(200) for body in (b"%d" % n, b"%d'" % n)
        ]

    async def test_a_call_larger_than_a_batch_is_answered_in_order(self, stores: Stores) -> None:
        """[JRN-2] 1,300 appends in one call."""
        await stores.journal.open(RECORD)
        answers = await stores.journal.append([edit() for _ in range(1_300)])
        assert [entry(answer).seq for answer in answers] == list(range(1, 1_301))

    async def test_no_appends_have_no_answers(self, stores: Stores) -> None:
        """[JRN-2] An empty call is answered too."""
        assert list(await stores.journal.append([])) == []

    async def test_a_document_never_opened_takes_no_appends(self, stores: Stores) -> None:
        """[JRN-5] The answer names the op; nothing is written."""
        append = edit()
        answer = rejected((await stores.journal.append([append]))[0])
        assert answer.op == append.op
        assert isinstance(answer.error, NotFound)
        assert await stores.journal.heads([RECORD]) == {}

    async def test_a_cancelled_caller_loses_only_its_answer(self, stores: Stores) -> None:
        """[JRN-5] What was queued is committed, and the neighbours hear of theirs."""
        await stores.journal.open(RECORD)
        first, second = stores.journal.append([edit(update=b"1")]), stores.journal.append([edit(update=b"2")])
        first.cancel()
        assert entry((await second)[0]).seq == 2
        assert await bodies(stores) == [b"1", b"2"]


class TestRetry:
    async def test_a_retry_answers_the_same_entry(self, stores: Stores) -> None:
        """[JRN-3] However often, alone or among others, and nothing is written twice."""
        await stores.journal.open(RECORD)
        append = edit(clients=frozenset({7}))
        [first] = await stores.journal.append([append])
        [again] = await stores.journal.append([append])
        [before, among, after] = await stores.journal.append([edit(), append, edit()])
        assert entry(first).seq == 1
        assert again == among == first
        assert [entry(before).seq, entry(after).seq] == [2, 3]
        assert len(await bodies(stores)) == 3

    async def test_the_same_op_twice_in_one_call_is_one_entry(self, stores: Stores) -> None:
        """[JRN-3] Also within a batch, and across calls that share it."""
        await stores.journal.open(RECORD)
        append = edit()
        calls = await asyncio.gather(stores.journal.append([append, append]), stores.journal.append([append, edit()]))
        assert [entry(answer).seq for call in calls for answer in call] == [1, 1, 1, 2]

    async def test_a_retry_after_the_answer_was_lost_with_its_node(self, world: World, stores: Stores) -> None:
        """[JRN-3] The commit happened, nobody heard of it, another node gets the retry."""
        await stores.journal.open(RECORD)
        append = edit()
        stores.journal.append([append]).cancel()
        await stores.journal.append([edit()])
        async with world.node() as beside:
            [answer] = await beside.journal.append([append])
        assert entry(answer).seq == 1

    async def test_a_retry_after_the_document_ended_still_answers_its_entry(self, stores: Stores) -> None:
        """[JRN-3] [JRN-9] It was written, so it is not refused."""
        await stores.journal.open(RECORD)
        append = edit()
        [first] = await stores.journal.append([append])
        await stores.journal.supersede(RECORD, None, ADA.id, NOW)
        [again, fresh] = await stores.journal.append([append, edit()])
        assert again == first
        assert isinstance(rejected(fresh).error, Superseded)

    async def test_an_op_of_another_document_is_refused(self, stores: Stores) -> None:
        """[JRN-3] An op names one append; its entry is not shown to who edits another document."""
        await stores.journal.open(RECORD)
        await stores.journal.open(DISCUSSION)
        append = edit()
        stolen = Append(append.op, DISCUSSION, UpdateBytes(b"x"), BEN.id, frozenset(), NOW)
        [_, answer, after] = await stores.journal.append([append, stolen, edit(DISCUSSION)])
        assert isinstance(rejected(answer).error, Conflict)
        assert entry(after).seq == 1
        [answer] = await stores.journal.append([stolen])
        assert isinstance(rejected(answer).error, Conflict)


class TestClients:
    async def test_a_client_id_belongs_to_who_used_it_first(self, stores: Stores) -> None:
        """[JRN-6] [JRN-5] The other person's append is refused, its neighbours are not."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(clients=frozenset({7}))])
        answers = await stores.journal.append(
            [
                edit(clients=frozenset({7})),
                edit(author=BEN, clients=frozenset({7})),
                edit(author=BEN, clients=frozenset({8})),
                edit(clients=frozenset({8})),
                edit(clients=frozenset({9})),
            ]
        )
        assert [getattr(answer, "seq", None) for answer in answers] == [2, None, 3, None, 4]
        assert [type(rejected(answers[place]).error) for place in (1, 3)] == [ForeignClient, ForeignClient]
        assert (await stores.journal.open(RECORD)).owners == {7: ADA.id, 8: BEN.id, 9: ADA.id}

    async def test_another_node_knows_the_owner(self, world: World, stores: Stores) -> None:
        """[JRN-6] In both directions, whatever a node remembers."""
        await stores.journal.open(RECORD)
        async with world.node() as beside:
            await stores.journal.append([edit(clients=frozenset({7}))])
            [foreign] = await beside.journal.append([edit(author=BEN, clients=frozenset({7}))])
            await beside.journal.append([edit(author=BEN, clients=frozenset({8}))])
            [back] = await stores.journal.append([edit(clients=frozenset({8}))])
        assert isinstance(rejected(foreign).error, ForeignClient)
        assert isinstance(rejected(back).error, ForeignClient)

    async def test_a_refused_append_binds_nothing(self, stores: Stores) -> None:
        """[JRN-6] Nothing of a refused append is written, its other client ids included."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(clients=frozenset({7}))])
        await stores.journal.append([edit(author=BEN, clients=frozenset({7, 8}))])
        [answer] = await stores.journal.append([edit(clients=frozenset({8}))])
        assert entry(answer).seq == 2

    async def test_the_same_client_id_in_another_document_is_another_replica(self, stores: Stores) -> None:
        """[JRN-6] Bound per document."""
        await stores.journal.open(RECORD)
        await stores.journal.open(DISCUSSION)
        answers = await stores.journal.append(
            [edit(clients=frozenset({7})), edit(DISCUSSION, author=BEN, clients=frozenset({7}))]
        )
        assert [entry(answer).seq for answer in answers] == [1, 1]

    async def test_the_largest_client_ids_fit(self, stores: Stores) -> None:
        """[JRN-6] 53 bits, the most a client can send."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(clients=frozenset({2**53 - 1}))])
        assert (await stores.journal.open(RECORD)).owners == {ClientId(2**53 - 1): ADA.id}


class TestRead:
    async def test_any_range_of_the_history_can_be_read_back(self, stores: Stores) -> None:
        """[JRN-8] After, until, limit; oldest first."""
        await written(stores, 10)

        async def seqs(after: int, until: int | None, limit: int) -> list[int]:
            found = await stores.journal.read(
                RECORD, after=Seq(after), until=None if until is None else Seq(until), limit=limit
            )
            assert [each.update for each in found] == [b"%d" % each.seq for each in found]
            return [each.seq for each in found]

        assert await seqs(0, None, 1_000) == list(range(1, 11))
        assert await seqs(3, 6, 1_000) == [4, 5, 6]
        assert await seqs(3, None, 2) == [4, 5]
        assert await seqs(3, 100, 100) == list(range(4, 11))
        assert await seqs(10, None, 5) == []

    async def test_who_and_when_can_be_read_without_what(self, stores: Stores) -> None:
        """[HIS-2] The same entries as `read` gives, with the length of each."""
        await stores.journal.open(RECORD)
        await stores.journal.append(
            [edit(RECORD, b"x" * size, author=who, at=NOW + size) for size, who in ((1, ADA), (7, BEN), (3, ADA))]
        )
        for after, until, limit in ((0, None, 1_000), (1, 2, 5), (0, 100, 2), (3, None, 1)):
            until_seq = None if until is None else Seq(until)
            entries = await stores.journal.read(RECORD, after=Seq(after), until=until_seq, limit=limit)
            marks = await stores.journal.marks(RECORD, after=Seq(after), until=until_seq, limit=limit)
            assert list(marks) == [Mark(each.seq, each.author, each.at, len(each.update)) for each in entries]
        assert len(await stores.journal.marks(RECORD, after=Seq(0))) == 3
        with pytest.raises(NotFound):
            await stores.journal.marks(DISCUSSION, after=Seq(0))

    async def test_history_outlives_snapshots(self, stores: Stores) -> None:
        """[JRN-8] Who and when of every entry can be told for ever."""
        await written(stores, 5)
        await stores.journal.write_snapshot(RECORD, Snapshot(Seq(5), b"all"), NOW)
        assert len(await bodies(stores)) == 5

    async def test_a_document_that_is_not_there_has_no_history(self, stores: Stores) -> None:
        """[JRN-8] Not the same as an empty one."""
        with pytest.raises(NotFound):
            await stores.journal.read(RECORD, after=Seq(0))

    async def test_heads_of_very_many_documents(self, stores: Stores) -> None:
        """[JRN-2] 3,000 rooms ask at once; those that are not there are left out."""
        await written(stores, 2)
        asked = [DocumentId(CASE, DocumentName(f"opinion.{number:016d}")) for number in range(3_000)]
        assert await stores.journal.heads([*asked, RECORD]) == {RECORD: 2}
        assert await stores.journal.heads([]) == {}


async def test_documents_of_two_cases_share_a_name_and_nothing_else(stores: Stores) -> None:
    """[JRN-2] The case is part of what names a document."""
    await stores.cases.create(new_case(OTHER_CASE))
    other = DocumentId(OTHER_CASE, RECORD.name)
    await stores.journal.open(other)
    await written(stores, 2)
    [answer] = await stores.journal.append([edit(other, clients=frozenset({7}))])
    assert entry(answer).seq == 1
