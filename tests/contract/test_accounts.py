"""What every adapter of accounts, profiles, sign-ins, mails and usage promises, sentence by sentence."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest

from storage.ports import (
    KEPT_MILLIS,
    AccessNotice,
    CredentialKind,
    Holder,
    MailKind,
    Picture,
    Profile,
    Seen,
    SignInId,
    Stores,
)
from storage.ports.mails import MOST_MAILS
from tests.contract.sample import ADA, BEN, CASE, CLEO, NOW, RECORD, edit
from tests.contract.worlds import World
from workspace.case import Person, Standing
from workspace.errors import Conflict, NotFound, TooMany
from workspace.ids import Millis, PersonId

SOON = Millis(NOW + 1_000)
NOBODY = PersonId("x" * 16)
FIRST, SECOND, THIRD = (hashlib.sha256(bytes([number])).digest() for number in range(3))
TOLD = Profile("physician", "neurology", "GMC 1234567", "es")
PICTURE = Picture("webp/1", b"a small face")


async def sign_in(stores: Stores, digest: bytes, person: Person = ADA, *, at: int = NOW) -> SignInId:
    """A session that is noted."""
    name = SignInId(digest.hex()[:16])
    await stores.people.grant(CredentialKind.SESSION, digest, person.id, Millis(at), SOON)
    await stores.sign_ins.note(digest, name, "a browser", Seen("192.0.2.1", Millis(at)))
    return name


class TestProfiles:
    async def test_who_told_nothing_has_an_empty_profile(self, stores: Stores) -> None:
        """[ACC-1] Everybody who was asked for is in the answer."""
        assert await stores.profiles.of([ADA.id, BEN.id]) == {ADA.id: Profile(), BEN.id: Profile()}
        assert await stores.profiles.of([]) == {}

    async def test_what_was_told_replaces_what_was_there(self, stores: Stores) -> None:
        """[ACC-1] As a whole; the picture is not part of it."""
        await stores.profiles.show(ADA.id, PICTURE, NOW)
        for told in (TOLD, replace(TOLD, specialty="", language=None)):
            await stores.profiles.tell(ADA.id, ADA.name, told)
            found = (await stores.profiles.of([ADA.id]))[ADA.id]
            assert replace(found, picture=None) == told
            assert found.picture == hashlib.sha256(PICTURE.body).hexdigest()
        with pytest.raises(NotFound):
            await stores.profiles.tell(NOBODY, "Nobody", TOLD)

    async def test_a_new_name_is_heard_by_open_rooms(self, stores: Stores) -> None:
        """[ACC-1] A notice of the person, and one of each case that shows them; none for what nobody is shown."""
        await stores.profiles.tell(ADA.id, ADA.name, TOLD)
        before = await stores.notices.latest()
        await stores.profiles.tell(ADA.id, ADA.name, replace(TOLD, language="fi", registration="7"))
        assert await stores.notices.latest() == before
        await stores.profiles.tell(ADA.id, "Ada King", TOLD)
        own, of_case = AccessNotice(before + 1, ADA.id, None), AccessNotice(before + 2, None, CASE)
        assert await stores.notices.since(before) == [own, of_case]
        await stores.profiles.tell(ADA.id, "Ada King", replace(TOLD, specialty="Other"))
        await stores.profiles.show(ADA.id, PICTURE, NOW)
        assert await stores.notices.since(before + 2) == [
            AccessNotice(before + number, None, CASE) for number in (3, 4)
        ]
        assert [member.person.name for member in await stores.cases.members(CASE)] == ["Ada King"]

    async def test_more_people_than_one_statement_may_name(self, stores: Stores) -> None:
        """[ACC-1]"""
        many = [PersonId(f"{number:016}") for number in range(1_200)]
        assert len(await stores.profiles.of([*many, ADA.id])) == 1_201

    async def test_a_picture_is_there_under_its_own_digest_alone(self, stores: Stores) -> None:
        """[ACC-3] A replaced one is gone, and another person's address does not lead to it."""
        await stores.profiles.show(ADA.id, PICTURE, NOW)
        digest = hashlib.sha256(PICTURE.body).hexdigest()
        assert await stores.profiles.picture(ADA.id, digest) == PICTURE
        assert await stores.profiles.picture(BEN.id, digest) is None
        await stores.profiles.show(ADA.id, Picture("webp/1", b"another"), NOW)
        assert await stores.profiles.picture(ADA.id, digest) is None
        await stores.profiles.show(ADA.id, None, NOW)
        assert (await stores.profiles.of([ADA.id]))[ADA.id].picture is None
        with pytest.raises(NotFound):
            await stores.profiles.show(NOBODY, PICTURE, NOW)


class TestSignIns:
    async def test_a_sign_in_says_where_and_since_when(self, stores: Stores) -> None:
        """[ACC-8] Last used first."""
        first, second = await sign_in(stores, FIRST), await sign_in(stores, SECOND, at=NOW + 5)
        found = await stores.sign_ins.of(ADA.id, Millis(NOW + 9))
        assert [(each.id, each.agent, each.address, each.since, each.seen_at) for each in found] == [
            (second, "a browser", "192.0.2.1", NOW + 5, NOW + 5),
            (first, "a browser", "192.0.2.1", NOW, NOW),
        ]
        assert [each.digest for each in found] == [SECOND, FIRST]
        assert await stores.sign_ins.of(ADA.id, SOON) == []
        assert await stores.sign_ins.of(BEN.id, NOW) == []

    async def test_the_last_use_moves_forward_only(self, stores: Stores) -> None:
        """[ACC-8] Those that ended meanwhile are passed over."""
        await sign_in(stores, FIRST)
        await stores.sign_ins.seen({FIRST: Seen("198.51.100.7", Millis(NOW + 50)), THIRD: Seen("", Millis(NOW + 60))})
        await stores.sign_ins.seen({FIRST: Seen("192.0.2.9", Millis(NOW + 40))})
        await stores.sign_ins.seen({})
        (found,) = await stores.sign_ins.of(ADA.id, NOW)
        assert (found.address, found.seen_at) == ("198.51.100.7", NOW + 50)

    async def test_only_what_was_granted_can_be_noted(self, stores: Stores) -> None:
        """[ACC-8]"""
        with pytest.raises(NotFound):
            await stores.sign_ins.note(FIRST, SignInId("a" * 16), "", Seen("", NOW))

    async def test_ending_one_ends_its_credential_and_is_heard(self, stores: Stores) -> None:
        """[ACC-8] Only by its own person."""
        first, _ = await sign_in(stores, FIRST), await sign_in(stores, SECOND)
        before = await stores.notices.latest()
        with pytest.raises(NotFound):
            await stores.sign_ins.end(BEN.id, first)
        await stores.sign_ins.end(ADA.id, first)
        assert await stores.notices.since(before) == [AccessNotice(before + 1, ADA.id, None)]
        assert await stores.people.redeem(CredentialKind.SESSION, FIRST, NOW) is None
        assert [each.digest for each in await stores.sign_ins.of(ADA.id, NOW)] == [SECOND]
        with pytest.raises(NotFound):
            await stores.sign_ins.end(ADA.id, first)

    async def test_ending_all_keeps_one_and_the_tokens_of_programs(self, stores: Stores) -> None:
        """[ACC-8] And nothing of anybody else's."""
        await sign_in(stores, FIRST)
        await sign_in(stores, SECOND)
        await sign_in(stores, THIRD, BEN)
        kinds = (CredentialKind.LINK, CredentialKind.TICKET, CredentialKind.DEVICE, CredentialKind.BEARER)
        for kind in kinds:
            await stores.people.grant(kind, kind.value.encode().ljust(32), ADA.id, NOW, SOON)
        await stores.sign_ins.end_all(ADA.id, SECOND)
        alive = [kind for kind in kinds if await stores.people.redeem(kind, kind.value.encode().ljust(32), NOW)]
        assert alive == [CredentialKind.BEARER]
        assert [each.digest for each in await stores.sign_ins.of(ADA.id, NOW)] == [SECOND]
        assert [each.digest for each in await stores.sign_ins.of(BEN.id, NOW)] == [THIRD]

    async def test_signing_out_forgets_the_sign_in(self, stores: Stores) -> None:
        """[ACC-8] Whatever ends a credential, also the sweep of expired ones."""
        await sign_in(stores, FIRST)
        await stores.people.revoke(FIRST, NOW)
        assert await stores.sign_ins.of(ADA.id, NOW) == []
        await sign_in(stores, SECOND)
        swept = Millis(SOON + KEPT_MILLIS)
        await stores.people.grant(CredentialKind.SESSION, THIRD, BEN.id, swept, Millis(swept + 9))
        await stores.people.grant(CredentialKind.SESSION, SECOND, BEN.id, swept, Millis(swept + 9))
        await stores.sign_ins.note(SECOND, SignInId("b" * 16), "", Seen("", swept))


class TestPasswords:
    async def test_a_new_password_ends_every_other_way_in(self, stores: Stores) -> None:
        """[ACC-10] But not the sign-in that asked, and not the tokens of programs."""
        kinds = [kind for kind in CredentialKind if kind is not CredentialKind.BEARER]
        await stores.people.grant(CredentialKind.SESSION, FIRST, ADA.id, NOW, SOON)
        await stores.people.grant(CredentialKind.BEARER, SECOND, ADA.id, NOW, SOON)
        for kind in kinds:
            await stores.people.grant(kind, kind.value.encode().ljust(32), ADA.id, NOW, SOON)
        before = await stores.notices.latest()
        await stores.accounts.set_password(ADA.id, "$new", NOW, FIRST)
        for kind in kinds:
            assert await stores.people.redeem(kind, kind.value.encode().ljust(32), NOW) is None
        assert await stores.people.redeem(CredentialKind.SESSION, FIRST, NOW)
        assert await stores.people.redeem(CredentialKind.BEARER, SECOND, NOW)
        assert await stores.people.find_by_email(ADA.email) == (ADA, "$new")
        assert await stores.notices.since(before) == [AccessNotice(before + 1, ADA.id, None)]
        with pytest.raises(NotFound):
            await stores.accounts.set_password(NOBODY, "$new", NOW, None)

    async def test_a_reset_is_good_once(self, stores: Stores) -> None:
        """[ACC-11] And ends every sign-in; another kind of credential is no reset."""
        await sign_in(stores, FIRST)
        await stores.people.grant(CredentialKind.RESET, SECOND, ADA.id, NOW, SOON)
        assert await stores.accounts.reset_password(FIRST, "$x", NOW) is None
        assert await stores.accounts.reset_password(SECOND, "$new", SOON) is None
        assert await stores.accounts.reset_password(SECOND, "$new", NOW) == ADA
        assert await stores.accounts.reset_password(SECOND, "$again", NOW) is None
        assert await stores.people.find_by_email(ADA.email) == (ADA, "$new")
        assert await stores.people.redeem(CredentialKind.SESSION, FIRST, NOW) is None

    async def test_one_of_many_who_reset_wins(self, world: World, stores: Stores) -> None:
        """[ACC-11] On two nodes at once."""
        await stores.people.grant(CredentialKind.RESET, FIRST, ADA.id, NOW, SOON)
        async with world.node() as beside:
            outcomes = await asyncio.gather(
                *[
                    node.accounts.reset_password(FIRST, f"${number}", NOW)
                    for number, node in enumerate((stores, beside) * 4)
                ]
            )
        assert [outcome for outcome in outcomes if outcome] == [ADA]


class TestActivity:
    async def test_who_is_deactivated_has_no_way_in(self, stores: Stores) -> None:
        """[ACC-17] Everything ends, tokens too; what is granted later is good for nothing."""
        await stores.accounts.set_password(ADA.id, "$old", NOW, None)
        for kind in CredentialKind:
            await stores.people.grant(kind, kind.value.encode().ljust(32), ADA.id, NOW, SOON)
        before = await stores.notices.latest()
        await stores.accounts.set_active(ADA.id, active=False, at=NOW)
        await stores.accounts.set_active(ADA.id, active=False, at=NOW)
        assert await stores.notices.since(before) == [AccessNotice(before + 1, ADA.id, None)]
        for kind in CredentialKind:
            assert await stores.people.redeem(kind, kind.value.encode().ljust(32), NOW) is None
        assert await stores.people.find_by_email(ADA.email) == (ADA, None)
        for kind in (CredentialKind.BEARER, CredentialKind.RESET):
            await stores.people.grant(kind, kind.value.encode().ljust(32), ADA.id, NOW, SOON)
        assert await stores.people.redeem(CredentialKind.BEARER, b"bearer".ljust(32), NOW) is None
        assert await stores.accounts.reset_password(b"reset".ljust(32), "$new", NOW) is None

    async def test_who_is_reactivated_has_their_password_back(self, stores: Stores) -> None:
        """[ACC-17] But not the sign-ins that ended."""
        await stores.accounts.set_password(ADA.id, "$old", NOW, None)
        await sign_in(stores, FIRST)
        await stores.accounts.set_active(ADA.id, active=False, at=NOW)
        await stores.accounts.set_active(ADA.id, active=True, at=NOW)
        assert await stores.people.find_by_email(ADA.email) == (ADA, "$old")
        assert await stores.sign_ins.of(ADA.id, NOW) == []
        with pytest.raises(NotFound):
            await stores.accounts.set_active(NOBODY, active=True, at=NOW)

    async def test_the_last_active_admin_stays(self, stores: Stores) -> None:
        """[ACC-20] Neither demoted nor deactivated; a deactivated admin does not count as another one."""
        for person in (ADA, BEN):
            await stores.people.set_standing(person.id, Standing.ADMIN, NOW)
        await stores.accounts.set_active(BEN.id, active=False, at=NOW)
        with pytest.raises(Conflict):
            await stores.accounts.set_active(ADA.id, active=False, at=NOW)
        with pytest.raises(Conflict):
            await stores.people.set_standing(ADA.id, Standing.CLINICIAN, NOW)
        await stores.people.set_standing(BEN.id, Standing.CLINICIAN, NOW)
        await stores.people.set_standing(CLEO.id, Standing.ADMIN, NOW)
        await stores.people.set_standing(ADA.id, Standing.CLINICIAN, NOW)

    async def test_two_admins_who_demote_each_other_leave_one(self, world: World, stores: Stores) -> None:
        """[ACC-20] At the same moment, on two nodes."""
        for person in (ADA, BEN):
            await stores.people.set_standing(person.id, Standing.ADMIN, NOW)
        async with world.node() as beside:
            outcomes = await asyncio.gather(
                stores.people.set_standing(ADA.id, Standing.CLINICIAN, NOW),
                beside.people.set_standing(BEN.id, Standing.CLINICIAN, NOW),
                return_exceptions=True,
            )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]


class TestList:
    async def test_everybody_by_name_in_pages(self, stores: Stores) -> None:
        """[ACC-17] Whatever case the names are written in."""
        page = await stores.accounts.list("", 0, 2)
        assert ([each.person for each in page.accounts], page.total) == ([ADA, BEN], 3)
        assert [each.person for each in (await stores.accounts.list("", 2, 2)).accounts] == [CLEO]

    @pytest.mark.parametrize("search", ["zoë", "ZOE", "zoe müll", "MULLER zoe", "z@EXAMPLE", "ﬁzz"])
    async def test_accents_and_case_do_not_matter(self, stores: Stores, search: str) -> None:
        """[ACC-17] Every word must be found, in any order, in name or e-mail."""
        zoe = Person(PersonId("d" * 16), "fizz@example.org", "Zoë Müller", Standing.CLINICIAN)
        await stores.people.add(zoe, None, NOW)
        found = [each.person for each in (await stores.accounts.list(search, 0, 9)).accounts]
        assert found == [zoe]

    async def test_an_account_says_whether_it_is_used(self, stores: Stores) -> None:
        """[ACC-17]"""
        await stores.accounts.set_password(ADA.id, "$x", NOW, None)
        await sign_in(stores, FIRST)
        await stores.accounts.set_active(BEN.id, active=False, at=NOW)
        ada, ben = await stores.accounts.find(ADA.id), await stores.accounts.find(BEN.id)
        assert ada is not None
        assert (ada.is_active, ada.has_password, ada.seen_at, ada.created_at) == (True, True, NOW, NOW)
        assert ben is not None
        assert (ben.is_active, ben.has_password, ben.seen_at) == (False, False, None)
        assert await stores.accounts.find(NOBODY) is None


class TestMails:
    async def test_one_of_a_kind_waits_for_each_address(self, stores: Stores) -> None:
        """[ACC-14] Whether or not the address is anybody's."""
        for email in ("a@example.org", "A@Example.org", "b@example.org"):
            await stores.mails.ask(MailKind.RESET, email, NOW)
        await stores.mails.ask(MailKind.CHANGED, "a@example.org", SOON)
        due = await stores.mails.due(NOW, 9)
        assert [(mail.kind, mail.email, mail.tries) for mail in due] == [
            (MailKind.RESET, "a@example.org", 0),
            (MailKind.RESET, "b@example.org", 0),
        ]
        assert len(await stores.mails.due(SOON, 9)) == 3
        assert len(await stores.mails.due(SOON, 1)) == 1

    async def test_a_failed_try_is_counted_and_comes_again(self, world: World, stores: Stores) -> None:
        """[ACC-14] Also after a restart, until it is done."""
        await stores.mails.ask(MailKind.RESET, "a@example.org", NOW)
        (mail,) = await stores.mails.due(NOW, 9)
        await stores.mails.later(mail.id, SOON)
        assert await stores.mails.due(NOW, 9) == []
        async with world.node() as restarted:
            (again,) = await restarted.mails.due(SOON, 9)
            assert again == replace(mail, tries=1)
            await restarted.mails.done(mail.id)
            assert await restarted.mails.due(SOON, 9) == []

    async def test_who_claims_a_mail_has_it_alone_for_a_time(self, world: World, stores: Stores) -> None:
        """[NODE-7] [ACC-14] Two who claim at once, with one lease between them, share nothing; who dies over a mail
        leaves it to whoever looks later."""
        for number in range(6):
            await stores.mails.ask(MailKind.RESET, f"{number}@example.org", NOW)
        lease = await stores.leases.acquire("mail", Holder("one"), 60.0)
        assert lease is not None
        first = await stores.mails.claim(lease, NOW, SOON, 4)
        async with world.node() as other:
            assert [mail.email for mail in first] == [f"{number}@example.org" for number in range(4)]
            assert [mail.id for mail in await other.mails.claim(lease, NOW, SOON, 9)] == [5, 6]
            assert await other.mails.claim(lease, NOW, SOON, 9) == []
            assert len(await other.mails.claim(lease, SOON, SOON, 9)) == 6

    async def test_who_lost_the_lease_claims_nothing(self, world: World, stores: Stores) -> None:
        """[NODE-6] However long it was frozen, and whatever its clock says: refused, and nothing is moved."""
        await stores.mails.ask(MailKind.RESET, "a@example.org", NOW)
        frozen = await stores.leases.acquire("mail", Holder("one"), 60.0)
        assert frozen is not None
        world.set_clock(61.0)
        async with world.node() as other:
            lease = await other.leases.acquire("mail", Holder("two"), 60.0)
            assert lease is not None
            with pytest.raises(Conflict):
                await stores.mails.claim(frozen, NOW, SOON, 9)
            assert len(await other.mails.claim(lease, NOW, SOON, 9)) == 1

    async def test_it_is_known_how_long_the_oldest_waits(self, stores: Stores) -> None:
        """[OPS-6] Whether it is due or not."""
        assert await stores.mails.oldest() is None
        await stores.mails.ask(MailKind.RESET, "a@example.org", NOW)
        await stores.mails.ask(MailKind.CHANGED, "a@example.org", SOON)
        await stores.mails.later((await stores.mails.due(NOW, 1))[0].id, SOON)
        assert await stores.mails.oldest() == NOW

    async def test_what_may_wait_is_bounded(self, empty: Stores) -> None:
        """[ACC-14] A flood of made-up addresses is refused in the end."""
        for number in range(MOST_MAILS):
            await empty.mails.ask(MailKind.RESET, f"{number}@example.org", NOW)
        with pytest.raises(TooMany):
            await empty.mails.ask(MailKind.RESET, "one@more.example", NOW)
        await empty.mails.ask(MailKind.RESET, "7@example.org", NOW)


class TestUsage:
    async def test_it_counts_what_is_held_by_case(self, stores: Stores) -> None:
        """[ACC-19] By id; nothing it answers could hold a title."""
        await stores.journal.open(RECORD)
        await stores.journal.append([edit(update=b"12345"), edit(update=b"678")])
        await stores.profiles.show(ADA.id, PICTURE, NOW)
        used = await stores.usage.measure()
        assert (used.people, used.pictures, used.picture_bytes) == (3, 1, len(PICTURE.body))
        assert (used.entry_bytes, used.snapshots, used.snapshot_bytes) == (8, 0, 0)
        (case,) = used.cases
        assert (case.case, case.documents, case.entries, case.bytes) == (CASE, 1, 2, 8)
