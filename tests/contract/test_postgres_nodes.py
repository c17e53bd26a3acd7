"""What holds on one PostgreSQL when several nodes use it at once."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, func, select, text

from storage import documents as rows
from storage.database import Database, open_database
from storage.journal import open_journal
from storage.notices import SqlNotices, leave
from storage.ports import CredentialKind, Stores
from storage.stores import open_stores
from storage.tables import access_notices
from tests.contract.sample import (
    ADA,
    BEN,
    CASE,
    CLEO,
    DISCUSSION,
    NOW,
    RECORD,
    add_notice,
    add_people,
    edit,
    entry,
    fill,
    new_case,
    rejected,
)
from tests.postgres import Postgres
from workspace.case import Role, Standing
from workspace.entries import Entry, Rejected
from workspace.errors import Conflict, ForeignClient, StorageUnavailable
from workspace.ids import CaseId, DocumentId, DocumentName, Millis, PersonId, Seq


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    """A database with our schema and nothing in it."""
    url = postgres.fresh()
    yield url
    postgres.clean(url)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """One with Ada, her case and its record."""
    async with open_database(url) as database:
        await fill(database)
        yield database


@pytest.fixture
async def nodes(url: str) -> AsyncIterator[Sequence[Stores]]:
    """Two nodes on a database with Ada, Ben, Cleo, and a case that Ada leads."""
    async with open_stores(url) as one, open_stores(url) as two:
        await add_people(one)
        await one.cases.create(new_case())
        yield one, two


async def history(stores: Stores, document: DocumentId = RECORD) -> Sequence[Entry]:
    """All entries, whose seqs must be 1, 2, 3…"""
    found = await stores.journal.read(document, after=Seq(0), limit=1_000_000)
    assert [each.seq for each in found] == list(range(1, len(found) + 1))
    return found


class TestAppends:
    async def test_two_nodes_append_to_one_document(self, nodes: Sequence[Stores]) -> None:
        """[STO-4] [JRN-2] Every answer is a seq of its own, none is left out, and each node's are in its order."""
        await nodes[0].journal.open(RECORD)

        async def write(stores: Stores, calls: int, each: int) -> list[int]:
            seqs: list[int] = []
            for _ in range(calls):
                seqs += [entry(answer).seq for answer in await stores.journal.append([edit() for _ in range(each)])]
            return seqs

        own = await asyncio.gather(*(write(stores, 60, each) for stores in nodes for each in (1, 3)))
        assert all(seqs == sorted(seqs) for seqs in own)
        assert sorted(seq for seqs in own for seq in seqs) == list(range(1, 2 * 60 * 4 + 1))
        assert own[0][-1] > own[2][0], "one node wrote after the other"
        assert own[2][-1] > own[0][0], "one node wrote after the other"
        assert len(await history(nodes[0])) == 2 * 60 * 4

    async def test_many_documents_in_every_order(self, nodes: Sequence[Stores], postgres: Postgres, url: str) -> None:
        """[STO-4] [JRN-2] Rows are locked in one order, whatever the order of the calls: nobody waits for whom he holds
        up."""
        chance = random.Random(2012)
        documents = [DocumentId(CASE, DocumentName(f"opinion.{'abcdefgh'[number] * 16}")) for number in range(8)]
        for document in documents:
            await nodes[0].journal.open(document)

        async def write(stores: Stores) -> None:
            for _ in range(40):
                chosen = chance.sample(documents, 5)
                for answer in await stores.journal.append([edit(document) for document in chosen]):
                    entry(answer)

        await asyncio.gather(*(write(stores) for stores in nodes for _ in range(3)))
        assert sum([len(await history(nodes[1], document)) for document in documents]) == 2 * 3 * 40 * 5
        deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert postgres.execute(deadlocks, url=url) == "0"

    async def test_the_same_edit_through_both_nodes_at_once(self, nodes: Sequence[Stores]) -> None:
        """[JRN-3] As when a client's first try seemed lost: one entry, and both are answered with it."""
        await nodes[0].journal.open(RECORD)
        for _ in range(10):
            appends = [edit(), edit()]
            one, two = await asyncio.gather(*(stores.journal.append(appends) for stores in nodes))
            assert one == two
        assert len(await history(nodes[0])) == 20

    async def test_a_client_id_is_one_persons_on_both_nodes(self, nodes: Sequence[Stores]) -> None:
        """[JRN-6] Whoever is second, by however little, is refused."""
        await nodes[0].cases.set_member(CASE, BEN.id, Role.CONTRIBUTOR, NOW)
        await nodes[0].journal.open(RECORD)
        for client in range(1, 11):
            [[one], [two]] = await asyncio.gather(
                nodes[0].journal.append([edit(author=ADA, clients=frozenset({client}))]),
                nodes[1].journal.append([edit(author=BEN, clients=frozenset({client}))]),
            )
            errors = [answer.error for answer in (one, two) if isinstance(answer, Rejected)]
            assert [type(error) for error in errors] == [ForeignClient]

    async def test_a_document_is_opened_first_by_one(self, nodes: Sequence[Stores]) -> None:
        """[JRN-10]"""
        for document in (RECORD, DISCUSSION):
            await asyncio.gather(*(stores.journal.open(document) for stores in nodes for _ in range(3)))
            [answer] = await nodes[1].journal.append([edit(document)])
            assert entry(answer).seq == 1

    async def test_data_that_the_database_refuses_costs_its_neighbours_nothing(self, database: Database) -> None:
        """[JRN-5] A client id of more than 64 bits, which only a defect could let through."""
        async with open_journal(database) as journal:
            calls = [
                journal.append([edit(), edit(clients=frozenset({2**70})), edit()]),
                journal.append([edit()]),
            ]
            first, second = await asyncio.gather(*calls)
        assert [getattr(answer, "seq", None) for answer in first] == [1, None, 2]
        assert isinstance(rejected(first[1]).error, Conflict)
        assert entry(second[0]).seq == 3

    async def test_a_damaged_entry_is_not_passed_over(self, database: Database, postgres: Postgres, url: str) -> None:
        """[JRN-8] A hole in the history is an error, never a shorter history."""
        async with open_journal(database) as journal:
            await journal.append([edit(), edit(), edit()])
            postgres.execute(r"UPDATE entries SET body = '\xff' WHERE seq = 2", url=url)
            with pytest.raises(StorageUnavailable):
                await journal.open(RECORD)
            assert len(await journal.read(RECORD, after=Seq(2))) == 1

    async def test_closing_commits_what_waits(self, url: str, database: Database) -> None:
        """[JRN-1] What was queued before the end is answered; what comes after is refused."""
        async with open_database(url) as other:
            async with open_journal(other) as journal:
                waiting = [journal.append([edit()]) for _ in range(20)]
            assert [entry(call.result()[0]).seq for call in waiting] == list(range(1, 21))
            with pytest.raises(StorageUnavailable):
                await journal.append([edit()])
        with pytest.raises(StorageUnavailable):
            await other.write(add_notice)


class TestTransactions:
    async def test_a_failing_function_rolls_back(self, database: Database) -> None:
        """[JRN-1] All or nothing, whatever it raises."""

        def fail(connection: Connection) -> None:
            add_notice(connection)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await database.write(fail)
        query = select(func.count()).select_from(access_notices)
        assert await database.read(lambda connection: connection.execute(query).scalar_one()) == 1

    async def test_readers_cannot_write(self, database: Database) -> None:
        """[STO-4]"""
        with pytest.raises(StorageUnavailable):
            await database.read(add_notice)

    async def test_a_reader_sees_one_state(self, database: Database) -> None:
        """[STO-4] Also when others commit between two of its statements; and nobody waits for it."""

        def count(connection: Connection) -> int:
            return connection.execute(select(func.count()).select_from(access_notices)).scalar_one()

        def look_twice(connection: Connection) -> tuple[int, int]:
            first = count(connection)
            connection.execute(text("SELECT pg_sleep(0.3)"))
            return first, count(connection)

        looking = asyncio.create_task(database.read(look_twice))
        while not looking.done():
            await database.write(add_notice)
        first, second = await looking
        assert first == second
        assert await database.read(count) > first

    async def test_two_that_wait_for_each_other_both_get_through(self, nodes: Sequence[Stores], url: str) -> None:
        """[STO-6] PostgreSQL ends one of them; it is run again, since all of it was undone."""
        for document in (RECORD, DISCUSSION):
            await nodes[0].journal.open(document)
        runs = itertools.count(1)

        def cross(connection: Connection, one: DocumentId, two: DocumentId) -> int:
            rows.find(connection, one, lock=True)
            connection.execute(text("SELECT pg_sleep(0.2)"))
            rows.find(connection, two, lock=True)
            add_notice(connection)
            return next(runs)

        async with open_database(url) as a, open_database(url) as b:
            done = await asyncio.gather(
                a.write(lambda connection: cross(connection, RECORD, DISCUSSION)),
                b.write(lambda connection: cross(connection, DISCUSSION, RECORD)),
            )
        assert sorted(done) == [1, 2]

    async def test_a_node_that_froze_holds_the_others_up_only_for_a_while(self, database: Database, url: str) -> None:
        """[STO-6] Its transaction is ended by PostgreSQL, its locks are free, and nothing of it is there."""

        async def freeze() -> str:
            async with open_database(url, wait_seconds=1) as frozen:
                try:
                    await frozen.write(stop_inside)
                except StorageUnavailable:
                    return "refused"
                return "committed"

        def stop_inside(connection: Connection) -> None:
            rows.find(connection, RECORD, lock=True)
            add_notice(connection)
            time.sleep(3)  # no loop runs in that thread meanwhile: to PostgreSQL it is a process that stopped
            add_notice(connection)

        before = await SqlNotices(database).latest()
        with ThreadPoolExecutor(max_workers=1) as apart:
            frozen = apart.submit(lambda: asyncio.run(freeze()))
            async with open_journal(database) as journal:
                while not frozen.done():
                    [answer] = await journal.append([edit()])
                    entry(answer)
                    await asyncio.sleep(0.02)
            assert frozen.result() == "refused"
        assert await SqlNotices(database).latest() == before


class TestRights:
    async def test_notices_are_seen_in_the_order_of_their_numbers(self, database: Database) -> None:
        """[CAS-1] A reader that has seen one has seen all before it, also of a transaction that takes long to end."""
        notices = SqlNotices(database)
        start = await notices.latest()
        taken = asyncio.Event()

        def slow(connection: Connection) -> None:
            leave(connection, ADA.id, CASE)
            taken.set()
            connection.execute(text("SELECT pg_sleep(0.3)"))

        first = asyncio.create_task(database.write(slow))
        await taken.wait()
        second = asyncio.create_task(database.write(lambda connection: leave(connection, ADA.id, None)))
        seen: list[int] = []
        while not (first.done() and second.done()):
            seen += [notice.number for notice in await notices.since(seen[-1] if seen else start)]
        await asyncio.gather(first, second)
        seen += [notice.number for notice in await notices.since(seen[-1] if seen else start)]
        assert seen == [start + 1, start + 2]

    async def test_a_ticket_is_spent_on_one_node(self, nodes: Sequence[Stores]) -> None:
        """[PEO-3]"""
        for number in range(10):
            ticket = number.to_bytes(32, "big")
            await nodes[0].people.grant(CredentialKind.TICKET, ticket, ADA.id, NOW, Millis(NOW + 1))
            spent = await asyncio.gather(*(s.people.redeem(CredentialKind.TICKET, ticket, NOW) for s in nodes))
            assert [each for each in spent if each is not None] == [(ADA, NOW + 1)]

    async def test_two_leads_cannot_remove_each_other(self, nodes: Sequence[Stores]) -> None:
        """[CAS-2] One of them stays, whichever node they ask."""
        for _ in range(5):
            await nodes[0].cases.set_member(CASE, ADA.id, Role.LEAD, NOW)
            await nodes[0].cases.set_member(CASE, BEN.id, Role.LEAD, NOW)
            outcomes = await asyncio.gather(
                nodes[0].cases.set_member(CASE, ADA.id, None, NOW),
                nodes[1].cases.set_member(CASE, BEN.id, None, NOW),
                return_exceptions=True,
            )
            assert sorted(str(type(outcome)) for outcome in outcomes) == sorted([str(type(None)), str(Conflict)])
            await nodes[0].cases.set_member(CASE, CLEO.id, Role.LEAD, NOW)
            await nodes[0].cases.set_member(CASE, ADA.id, Role.LEAD, NOW)
            await nodes[0].cases.set_member(CASE, CLEO.id, None, NOW)

    @pytest.mark.parametrize("end", ["demoted", "deactivated"])
    async def test_two_admins_cannot_end_each_other(self, nodes: Sequence[Stores], end: str) -> None:
        """[ACC-20] One stays, whichever node they ask."""

        async def remove(stores: Stores, person: PersonId) -> None:
            if end == "demoted":
                await stores.people.set_standing(person, Standing.CLINICIAN, NOW)
            else:
                await stores.accounts.set_active(person, active=False, at=NOW)

        for _ in range(5):
            for person in (ADA.id, BEN.id):
                await nodes[0].accounts.set_active(person, active=True, at=NOW)
                await nodes[0].people.set_standing(person, Standing.ADMIN, NOW)
            outcomes = await asyncio.gather(remove(nodes[0], ADA.id), remove(nodes[1], BEN.id), return_exceptions=True)
            assert sorted(str(type(outcome)) for outcome in outcomes) == sorted([str(type(None)), str(Conflict)])


async def test_a_case_in_all_its_documents_is_the_same_on_both_nodes(nodes: Sequence[Stores]) -> None:
    """[STO-4] What one node commits the other reads at once."""
    for number in range(5):
        case = CaseId(f"{number}" * 16)
        await nodes[number % 2].cases.create(new_case(case, seeds={"record": b"seed"}))
        other = nodes[1 - number % 2]
        assert (await other.journal.open(DocumentId(case, DocumentName("record")))).entries[0].update == b"seed"


async def test_a_commit_is_synced_whatever_the_database_was_told(postgres: Postgres) -> None:
    """[JRN-1] [STO-7] `synchronous_commit = off` answers before the disk has it: it is turned on for us."""
    url = postgres.empty()
    postgres.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$",
        url=url,
    )
    assert postgres.execute("SHOW synchronous_commit", url=url) == "off"
    async with open_database(url) as database:
        shown = await database.write(lambda c: c.execute(text("SHOW synchronous_commit")).scalar_one())
        assert shown == "on"
