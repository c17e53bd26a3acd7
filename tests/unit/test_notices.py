"""server.notices: changes of rights act on what is open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from server.notices import NOTICE_SECONDS, RECENT_NOTICES
from server.seats import take_seat
from storage.ports import AccessNotice
from tests.unit.clockwork import in_its_own_time
from tests.unit.house import (
    ADDRESS,
    CASE,
    DISCUSSION,
    ELSEWHERE,
    RECORD,
    Socket,
    counted,
    forget,
    house,
    journalled,
    read,
    turns,
)
from tests.unit.scene import ADA, BEN, EVE, Replica
from workspace.case import CaseState, Role, Standing
from workspace.errors import (
    AccessChanged,
    NotFound,
    StorageUnavailable,
)
from workspace.hocuspocus import HocuspocusDialect
from workspace.messages import Update


@in_its_own_time
async def test_a_change_of_role_ends_the_person_s_sessions_of_that_case_within_a_second() -> None:
    """[ROOM-10] Nobody else's, and nowhere else."""
    async with house() as home:
        loop = asyncio.get_running_loop()
        ben, bens_other = await home.seat(BEN), await home.seat(BEN, DISCUSSION, wire="yjs")
        ada, elsewhere = await home.seat(ADA), await home.seat(ADA, ELSEWHERE)
        await home.stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, home.clock())
        changed_at = loop.time()
        await asyncio.sleep(0.9)
        assert loop.time() - changed_at < 1
        assert isinstance(ben.socket.ended, AccessChanged)
        assert isinstance(bens_other.socket.ended, AccessChanged)
        assert ben.socket.take() == [["closed"]]
        assert home.hub.sessions == 2
        assert (ada.socket.ended, elsewhere.socket.ended) == (None, None)
        again = await home.seat(BEN)
        assert not again.seat.line.session.may_write
        await asyncio.sleep(2)
        assert again.socket.ended is None


@in_its_own_time
async def test_a_removed_member_does_not_come_back() -> None:
    """[ROOM-10]"""
    async with house() as home:
        ben = await home.seat(BEN)
        await home.stores.cases.set_member(CASE, BEN.id, None, home.clock())
        await asyncio.sleep(1)
        assert isinstance(ben.socket.ended, AccessChanged)
        with pytest.raises(NotFound):
            await home.seat(BEN)


@in_its_own_time
async def test_a_change_of_standing_or_a_sign_out_ends_the_person_s_sessions_everywhere() -> None:
    """[ROOM-10]"""
    async with house() as home:
        here_, there, ben = await home.seat(ADA), await home.seat(ADA, ELSEWHERE), await home.seat(BEN)
        await home.stores.people.set_standing(ADA.id, Standing.MODERATOR, home.clock())
        await asyncio.sleep(1)
        assert isinstance(here_.socket.ended, AccessChanged)
        assert isinstance(there.socket.ended, AccessChanged)
        assert ben.socket.ended is None


@in_its_own_time
async def test_a_seat_judged_before_a_change_is_not_taken_after_it() -> None:
    """[ROOM-10] Whether the hub has read the notice already or not yet."""
    for read_already in (True, False):
        async with house() as home:
            admitted = await home.admit(BEN)
            live = await home.hub.open(RECORD)
            await home.hub.places.reserve(BEN.id, RECORD)
            assert counted(home) == 1
            await home.stores.cases.set_member(CASE, BEN.id, None, home.clock())
            socket = Socket(ADDRESS)
            if read_already:
                await asyncio.sleep(1)
                with pytest.raises(AccessChanged):
                    take_seat(home.hub, live, admitted, HocuspocusDialect(ADDRESS), socket, hears_refusals=True)
                assert socket.writes == []
            else:
                take_seat(home.hub, live, admitted, HocuspocusDialect(ADDRESS), socket, hears_refusals=True)
                await asyncio.sleep(1)
                assert isinstance(socket.ended, AccessChanged)
            assert home.hub.sessions == 0
            assert counted(home) == 0


@in_its_own_time
async def test_a_judgement_older_than_what_is_remembered_is_made_again() -> None:
    """[ROOM-10] Somebody imported a ward's worth of members in the meantime."""
    async with house() as home:
        admitted = await home.admit(BEN)
        live = await home.hub.open(RECORD)
        await home.stores.cases.set_member(CASE, BEN.id, None, home.clock())
        for _ in range(RECENT_NOTICES):
            home.stores.records.leave_notice(EVE.id, None)
        await asyncio.sleep(2)
        with pytest.raises(AccessChanged):
            take_seat(home.hub, live, admitted, HocuspocusDialect(ADDRESS), Socket(ADDRESS), hears_refusals=True)


@in_its_own_time
async def test_a_judgement_that_knew_of_the_change_is_not_ended_by_it() -> None:
    """[ROOM-10] A case is created and opened at once: the notice of the creation is read a moment later."""
    async with house() as home:
        await home.stores.cases.set_member(CASE, BEN.id, Role.CONSULTANT, home.clock())
        ben = await home.seat(BEN)
        await asyncio.sleep(3 * NOTICE_SECONDS)
        assert ben.socket.ended is None
        assert home.hub.sessions == 1


@in_its_own_time
async def test_each_change_is_acted_upon_once() -> None:
    """[ROOM-10] Not again twice a second for ever."""
    async with house() as home:
        for role in (Role.OBSERVER, Role.CONSULTANT, None):
            await home.stores.cases.set_member(CASE, BEN.id, role, home.clock())
        await asyncio.sleep(30)
        assert [notice.case for notice in home.hub.notices.recent] == [CASE] * 3


@pytest.mark.parametrize("error", [StorageUnavailable(), RuntimeError("a driver's")])
@in_its_own_time
async def test_changes_are_acted_upon_as_soon_as_they_can_be_read_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """[ROOM-10] [ROOM-18] Whatever it was, the watching goes on, and no change is passed over."""
    async with house() as home:
        ben = await home.seat(BEN)

        async def broken(_: int) -> Sequence[AccessNotice]:
            raise error

        monkeypatch.setattr(home.stores.notices, "since", broken)
        await home.stores.cases.set_member(CASE, BEN.id, None, home.clock())
        await asyncio.sleep(10)
        assert home.hub.sessions == 1
        monkeypatch.undo()
        await asyncio.sleep(1)
        assert isinstance(ben.socket.ended, AccessChanged)


# What changes in a case


@in_its_own_time
async def test_a_concluded_case_is_read_only_for_who_has_it_open() -> None:
    """[LST-3] [ROOM-10] Every member comes back and is judged again; what the room was sent before is kept."""
    async with house() as home:
        ben, eve = await home.seat(BEN), await home.seat(EVE)
        await journalled(ben, "before. ")
        await home.stores.cases.set_state(CASE, CaseState.OPEN, CaseState.CONCLUDED, home.clock())
        home.hub.notices.look()
        await turns()
        assert isinstance(ben.socket.ended, AccessChanged)
        assert isinstance(eve.socket.ended, AccessChanged)
        again = await home.seat(BEN)
        again.say(Update(Replica(8).type("after")))
        await turns()
        assert again.socket.take() == [["rejected", "stateless"]]
        assert await read(home, EVE) == "before. "


@in_its_own_time
async def test_who_is_not_concerned_hears_that_the_case_changed() -> None:
    """[LST-3] A new title ends nobody's session, and neither does another person's new role."""
    async with house() as home:
        ben, other = await home.seat(BEN), await home.seat(ADA, ELSEWHERE)
        stock = await home.seat(ADA, wire="yjs")
        forget(ben, other, stock)
        await home.stores.cases.rename(CASE, "Another title", home.clock())
        await home.stores.cases.set_member(CASE, EVE.id, Role.CONSULTANT, home.clock())
        home.hub.notices.look()
        await turns()
        assert ben.socket.take() == [["stateless"], ["stateless"]]
        assert stock.socket.take() == other.socket.take() == []
        assert ben.socket.ended is stock.socket.ended is None


@in_its_own_time
async def test_a_change_that_somebody_else_made_is_seen_without_being_told() -> None:
    """[LST-3] [CLI-2] By another process: at the next look."""
    async with house() as home:
        ben = await home.seat(BEN)
        await asyncio.sleep(2 * NOTICE_SECONDS)
        await home.stores.cases.set_state(CASE, CaseState.OPEN, CaseState.CONCLUDED, home.clock())
        await asyncio.sleep(2 * NOTICE_SECONDS)
        assert isinstance(ben.socket.ended, AccessChanged)
