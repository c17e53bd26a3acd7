"""What every adapter of people, credentials and notices promises, sentence by sentence."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest

from storage.ports import KEPT_MILLIS, AccessNotice, CredentialKind, Stores
from tests.contract.sample import ADA, BEN, CASE, CLEO, NOW, new_case
from tests.contract.worlds import World
from workspace.case import Person, Role, Standing
from workspace.errors import Conflict, NotFound
from workspace.ids import Millis, PersonId

DIGEST = sha256(b"secret").digest()
SOON = Millis(NOW + 1_000)
NOBODY = PersonId("x" * 16)


class TestPeople:
    async def test_an_email_finds_its_person_and_password_hash(self, empty: Stores) -> None:
        """[PEO-1] As it was given, whatever case it is asked in."""
        await empty.people.add(ADA, "$argon2id$…", NOW)
        await empty.people.add(BEN, None, NOW)
        assert await empty.people.find_by_email("aDA@eXAMPLE.ORG") == (ADA, "$argon2id$…")
        assert await empty.people.find_by_email(BEN.email) == (BEN, None)
        assert await empty.people.find_by_email("nobody@example.org") is None

    @pytest.mark.parametrize(
        ("held", "asked"),
        [("ada@example.org", "ADA@example.org"), ("strauß@example.org", "STRAUSS@example.org"), ("ς@x.org", "Σ@x.org")],
    )
    async def test_an_email_is_taken_in_every_case_of_letters(self, empty: Stores, held: str, asked: str) -> None:
        """[PEO-1] Folded as Unicode folds, not as a database lowers."""
        await empty.people.add(Person(ADA.id, held, "Ada", Standing.CLINICIAN), None, NOW)
        with pytest.raises(Conflict):
            await empty.people.add(Person(BEN.id, asked, "Ben", Standing.CLINICIAN), None, NOW)
        found = await empty.people.find_by_email(asked)
        assert found is not None
        assert found[0].id == ADA.id

    async def test_an_id_is_taken_once(self, empty: Stores) -> None:
        """[PEO-1] The first person stays as they were."""
        await empty.people.add(ADA, None, NOW)
        with pytest.raises(Conflict):
            await empty.people.add(Person(ADA.id, "other@example.org", "Other", Standing.ADMIN), None, NOW)
        assert await empty.people.find_by_email(ADA.email) == (ADA, None)

    async def test_people_are_found_by_their_ids(self, stores: Stores) -> None:
        """[HIS-1] Whether they are in a case or not; an id that is nobody's is left out."""
        assert await stores.people.find([BEN.id, NOBODY, ADA.id, BEN.id]) == {ADA.id: ADA, BEN.id: BEN}
        assert await stores.people.find([]) == {}
        many = [PersonId(f"{number:016d}") for number in range(40_000)]
        assert await stores.people.find([*many, CLEO.id]) == {CLEO.id: CLEO}

    async def test_a_new_standing_leaves_a_notice_for_every_case(self, stores: Stores) -> None:
        """[CAS-1] One, with no case in it; none when nothing changes."""
        before = await stores.notices.latest()
        await stores.people.set_standing(BEN.id, Standing.MODERATOR, NOW)
        await stores.people.set_standing(BEN.id, Standing.MODERATOR, NOW)
        assert await stores.notices.since(before) == [AccessNotice(before + 1, BEN.id, None)]
        found = await stores.people.find_by_email(BEN.email)
        assert found is not None
        assert found[0].standing is Standing.MODERATOR

    async def test_a_standing_is_given_to_a_person(self, stores: Stores) -> None:
        """[CAS-1] Not to an id that is nobody's."""
        with pytest.raises(NotFound):
            await stores.people.set_standing(NOBODY, Standing.ADMIN, NOW)


class TestCredentials:
    @pytest.mark.parametrize("kind", [CredentialKind.SESSION, CredentialKind.BEARER, CredentialKind.LINK])
    async def test_a_live_credential_says_whose_it_is_and_when_it_ends(
        self, stores: Stores, kind: CredentialKind
    ) -> None:
        """[PEO-2] Again and again, until the millisecond it ends."""
        await stores.people.grant(kind, DIGEST, ADA.id, NOW, SOON)
        for now in (NOW, NOW, SOON - 1):
            assert await stores.people.redeem(kind, DIGEST, Millis(now)) == (ADA, SOON)
        assert await stores.people.redeem(kind, DIGEST, SOON) is None
        assert await stores.people.redeem(kind, sha256(b"other").digest(), NOW) is None

    async def test_the_standing_is_the_one_held_now(self, stores: Stores) -> None:
        """[PEO-2] Not the one at the time of the grant."""
        await stores.people.grant(CredentialKind.SESSION, DIGEST, ADA.id, NOW, SOON)
        await stores.people.set_standing(ADA.id, Standing.MODERATOR, NOW)
        redeemed = await stores.people.redeem(CredentialKind.SESSION, DIGEST, NOW)
        assert redeemed is not None
        assert redeemed[0].standing is Standing.MODERATOR

    async def test_a_ticket_is_spent_once(self, stores: Stores) -> None:
        """[PEO-3] The second redeemer gets nothing."""
        await stores.people.grant(CredentialKind.TICKET, DIGEST, ADA.id, NOW, SOON)
        assert await stores.people.redeem(CredentialKind.TICKET, DIGEST, NOW) == (ADA, SOON)
        assert await stores.people.redeem(CredentialKind.TICKET, DIGEST, NOW) is None

    async def test_one_of_many_redeemers_wins(self, world: World, stores: Stores) -> None:
        """[PEO-3] On two nodes at once."""
        await stores.people.grant(CredentialKind.TICKET, DIGEST, ADA.id, NOW, SOON)
        async with world.node() as beside:
            outcomes = await asyncio.gather(
                *[node.people.redeem(CredentialKind.TICKET, DIGEST, NOW) for node in (stores, beside) for _ in range(8)]
            )
        assert [outcome for outcome in outcomes if outcome] == [(ADA, SOON)]

    async def test_a_ticket_that_ended_is_not_redeemed(self, stores: Stores) -> None:
        """[PEO-3] At its last millisecond it is over."""
        await stores.people.grant(CredentialKind.TICKET, DIGEST, ADA.id, NOW, SOON)
        assert await stores.people.redeem(CredentialKind.TICKET, DIGEST, SOON) is None

    @pytest.mark.parametrize(
        ("granted", "tried"),
        [
            (CredentialKind.TICKET, CredentialKind.SESSION),
            (CredentialKind.SESSION, CredentialKind.TICKET),
            (CredentialKind.LINK, CredentialKind.BEARER),
        ],
    )
    async def test_one_kind_is_not_good_for_another(
        self, stores: Stores, granted: CredentialKind, tried: CredentialKind
    ) -> None:
        """[PEO-3] And trying does not spend it."""
        await stores.people.grant(granted, DIGEST, ADA.id, NOW, SOON)
        assert await stores.people.redeem(tried, DIGEST, NOW) is None
        assert await stores.people.redeem(granted, DIGEST, NOW) == (ADA, SOON)

    async def test_a_credential_is_somebodys(self, stores: Stores) -> None:
        """[PEO-2] And a digest is granted once, so that nobody takes over another's."""
        with pytest.raises(NotFound):
            await stores.people.grant(CredentialKind.SESSION, DIGEST, NOBODY, NOW, SOON)
        await stores.people.grant(CredentialKind.SESSION, DIGEST, ADA.id, NOW, SOON)
        with pytest.raises(Conflict):
            await stores.people.grant(CredentialKind.SESSION, DIGEST, BEN.id, NOW, SOON)
        assert await stores.people.redeem(CredentialKind.SESSION, DIGEST, NOW) == (ADA, SOON)

    async def test_expired_ones_are_swept_by_a_later_grant(self, stores: Stores) -> None:
        """[PEO-2] So the digest is free again, which is how a test can see it."""
        later, end = Millis(SOON + KEPT_MILLIS), Millis(SOON + KEPT_MILLIS + 1)
        await stores.people.grant(CredentialKind.SESSION, DIGEST, ADA.id, NOW, SOON)
        await stores.people.grant(CredentialKind.SESSION, b"o" * 32, ADA.id, later, end)
        await stores.people.grant(CredentialKind.SESSION, DIGEST, BEN.id, later, end)
        assert await stores.people.redeem(CredentialKind.SESSION, DIGEST, later) == (BEN, end)

    async def test_one_that_ended_by_a_clock_that_was_wrong_is_good_again(self, stores: Stores) -> None:
        """[CLK-1] Neither a sweep nor a later grant has taken it; meanwhile it was good for nothing."""
        await stores.people.grant(CredentialKind.SESSION, DIGEST, ADA.id, NOW, SOON)
        wrong = Millis(SOON + KEPT_MILLIS - 1)
        assert await stores.people.sweep(wrong) == 0
        await stores.people.grant(CredentialKind.SESSION, b"o" * 32, BEN.id, wrong, Millis(wrong + 1))
        assert await stores.people.redeem(CredentialKind.SESSION, DIGEST, wrong) is None
        assert await stores.people.redeem(CredentialKind.SESSION, DIGEST, NOW) == (ADA, SOON)

    async def test_a_sweep_takes_those_that_ended_and_no_other(self, stores: Stores) -> None:
        """[OPS-6] [PEO-2]"""
        await stores.people.grant(CredentialKind.SESSION, DIGEST, ADA.id, NOW, SOON)
        await stores.people.grant(CredentialKind.SESSION, b"o" * 32, ADA.id, NOW, Millis(SOON + 1))
        assert await stores.people.sweep(Millis(SOON + KEPT_MILLIS - 1)) == 0
        assert await stores.people.sweep(Millis(SOON + KEPT_MILLIS)) == 1
        assert await stores.people.redeem(CredentialKind.SESSION, b"o" * 32, SOON) == (ADA, Millis(SOON + 1))
        assert await stores.people.redeem(CredentialKind.SESSION, DIGEST, NOW) is None

    async def test_a_revoked_credential_is_over_and_leaves_a_notice(self, stores: Stores) -> None:
        """[CAS-1] For every case of its person; revoking it again leaves none."""
        await stores.people.grant(CredentialKind.SESSION, DIGEST, ADA.id, NOW, SOON)
        before = await stores.notices.latest()
        await stores.people.revoke(DIGEST, NOW)
        await stores.people.revoke(DIGEST, NOW)
        assert await stores.people.redeem(CredentialKind.SESSION, DIGEST, NOW) is None
        assert await stores.notices.since(before) == [AccessNotice(before + 1, ADA.id, None)]


class TestNotices:
    async def test_none_yet(self, empty: Stores) -> None:
        """[CAS-1] Numbers begin after 0."""
        assert await empty.notices.latest() == 0
        assert await empty.notices.since(0) == []

    async def test_the_tail_comes_oldest_first_and_bounded(self, stores: Stores) -> None:
        """[CAS-1] A thousand at a time, none left out."""
        for number in range(550):
            for role in (Role.OBSERVER, None):
                await stores.cases.set_member(CASE, BEN.id, role, Millis(NOW + number))
        tail = await stores.notices.since(0)
        assert [notice.number for notice in tail] == list(range(1, 1_001))
        assert [notice.number for notice in await stores.notices.since(tail[-1].number)] == list(range(1_001, 1_102))
        assert await stores.notices.latest() == 1_101
        assert await stores.notices.since(1_101) == []

    async def test_another_node_reads_them(self, world: World, stores: Stores) -> None:
        """[CAS-1] The command line changes a right; the server beside it hears of it."""
        seen = await stores.notices.latest()
        async with world.node() as beside:
            await beside.cases.set_member(CASE, CLEO.id, Role.OBSERVER, NOW)
        assert await stores.notices.since(seen) == [AccessNotice(seen + 1, CLEO.id, CASE)]

    async def test_a_refused_change_leaves_none(self, stores: Stores) -> None:
        """[CAS-1] The notice is in the transaction that failed."""
        seen = await stores.notices.latest()
        with pytest.raises(Conflict):
            await stores.cases.set_member(CASE, ADA.id, None, NOW)
        with pytest.raises(Conflict):
            await stores.cases.create(new_case())
        assert await stores.notices.latest() == seen
