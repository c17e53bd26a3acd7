"""Every change of state leaves its event, in the same transaction, on every adapter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from storage.ports import (
    CredentialKind,
    Decision,
    MailKind,
    NamedVersion,
    Outcome,
    Picture,
    Profile,
    Proposal,
    Seen,
    ShowingPage,
    SignInId,
    Sought,
    Stores,
    Template,
)
from tests.contract.sample import ADA, BEN, CASE, NOW, OTHER_CASE, RECORD, add_people, edit, new_case
from tests.contract.worlds import PostgresWorld, SqliteWorld
from tests.postgres import Postgres
from workspace.audit import HOUSE, Action, Cause, Detail, Event, Means, Recorded, chain_of, origin_from
from workspace.case import CaseState, Person, Role, Standing
from workspace.errors import Conflict, NotFound, StorageUnavailable
from workspace.ids import ClientId, Millis, PersonId, ProposalId, Seq

BY = Cause(ADA.id, origin_from(Means.SESSION, "10.0.0.7", "0123456789abcdef"))
UNKNOWN = replace(BY, who=None)
DORA = Person(PersonId("d" * 16), "dora@example.org", "Dora", Standing.CLINICIAN)
UNTIL = Millis(NOW + 60_000)
DIGEST = b"\x07" * 32
PAGE = ShowingPage(ADA.id, ClientId(1), DIGEST)
SIGN_IN = SignInId("s" * 16)
PROPOSAL = Proposal(ProposalId("p" * 16), CASE, BEN.id, "7:1-2", "read-only", "{}", NOW)
DECIDED = Decision(ADA.id, NOW, "Thank you")
TEMPLATE = Template("mine", "en", "A name", "About", "{}", False, 1, NOW, ADA.id)


async def write(stores: Stores) -> None:
    """One entry in the record."""
    await stores.journal.open(RECORD)
    await stores.journal.append([edit()])


async def hold(stores: Stores, kind: CredentialKind = CredentialKind.SESSION) -> None:
    """A credential of Ben's."""
    await stores.people.grant(kind, DIGEST, BEN.id, NOW, UNTIL)
    if kind is CredentialKind.SESSION:
        await stores.sign_ins.note(DIGEST, SIGN_IN, "agent", Seen("10.0.0.7", NOW))


async def name(stores: Stores) -> None:
    """A named moment of the record."""
    await write(stores)
    await stores.versions.name(RECORD, NamedVersion(Seq(1), "Before", ADA.id, NOW))


async def present(stores: Stores) -> None:
    """Ada presents."""
    await stores.people.grant(CredentialKind.TICKET, DIGEST, ADA.id, NOW, UNTIL)
    await stores.presenting.begin(CASE, PAGE, 60.0)


async def nothing(_: Stores) -> None:
    """No need."""


@dataclass(frozen=True)
class Change:
    """A change, what it needs, and the event that it leaves."""

    make: Callable[[Stores], Awaitable[object]]
    event: Event
    first: Callable[[Stores], Awaitable[object]] = nothing


def of_case(action: Action, person: PersonId | None = None, **details: str) -> Event:
    return Event(action, BY, CASE, person=person, details={Detail(key): value for key, value in details.items()})


def of_house(action: Action, person: PersonId | None = BEN.id, by: Cause = BY, **details: str | int) -> Event:
    return Event(action, by, person=person, details={Detail(key): value for key, value in details.items()})


def of_moment(action: Action) -> Event:
    return Event(action, BY, CASE, RECORD.name, details={Detail.SEQ: 1})


CHANGES: Mapping[str, Change] = {
    "case created": Change(
        lambda stores: stores.cases.create(new_case(OTHER_CASE), BY),
        Event(Action.CASE_CREATED, BY, OTHER_CASE, person=ADA.id, details={Detail.STATE: "open"}),
    ),
    "case renamed": Change(
        lambda stores: stores.cases.rename(CASE, "Another title", NOW, BY), of_case(Action.CASE_RENAMED)
    ),
    "case concluded": Change(
        lambda stores: stores.cases.set_state(CASE, CaseState.OPEN, CaseState.CONCLUDED, NOW, BY),
        of_case(Action.CASE_STATE_CHANGED, state="concluded", was="open"),
    ),
    "member added": Change(
        lambda stores: stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, NOW, BY),
        of_case(Action.MEMBER_ADDED, BEN.id, role="observer"),
    ),
    "role changed": Change(
        lambda stores: stores.cases.set_member(CASE, BEN.id, Role.LEAD, NOW, BY),
        of_case(Action.ROLE_CHANGED, BEN.id, role="lead", was="observer"),
        lambda stores: stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, NOW),
    ),
    "member removed": Change(
        lambda stores: stores.cases.set_member(CASE, BEN.id, None, NOW, BY),
        of_case(Action.MEMBER_REMOVED, BEN.id, was="observer"),
        lambda stores: stores.cases.set_member(CASE, BEN.id, Role.OBSERVER, NOW),
    ),
    "document continued": Change(
        lambda stores: stores.journal.supersede(RECORD, None, ADA.id, NOW, BY),
        Event(Action.DOCUMENT_CONTINUED, BY, CASE, RECORD.name, details={Detail.SUCCESSOR: "record~2"}),
        write,
    ),
    "version named": Change(
        lambda stores: stores.versions.name(RECORD, NamedVersion(Seq(1), "Before", ADA.id, NOW), BY),
        of_moment(Action.VERSION_NAMED),
        write,
    ),
    "version renamed": Change(
        lambda stores: stores.versions.rename(RECORD, NamedVersion(Seq(1), "After", ADA.id, NOW), BY),
        of_moment(Action.VERSION_RENAMED),
        name,
    ),
    "version forgotten": Change(
        lambda stores: stores.versions.forget(RECORD, Seq(1), BY), of_moment(Action.VERSION_FORGOTTEN), name
    ),
    "proposal made": Change(
        lambda stores: stores.proposals.make(PROPOSAL, BY),
        of_case(Action.PROPOSAL_MADE, BEN.id, proposal="p" * 16, outcome="waiting"),
    ),
    "proposal decided": Change(
        lambda stores: stores.proposals.decide(PROPOSAL, Outcome.DECLINED, DECIDED, BY),
        of_case(Action.PROPOSAL_DECIDED, BEN.id, proposal="p" * 16, outcome="declined"),
        lambda stores: stores.proposals.make(PROPOSAL),
    ),
    "proposal put away": Change(
        lambda stores: stores.proposals.put_away(PROPOSAL, BY),
        of_case(Action.PROPOSAL_PUT_AWAY, BEN.id, proposal="p" * 16, outcome="withdrawn"),
        lambda stores: stores.proposals.make(PROPOSAL),
    ),
    "account created": Change(
        lambda stores: stores.people.add(DORA, None, NOW, BY),
        of_house(Action.ACCOUNT_CREATED, DORA.id, standing="clinician"),
    ),
    "standing changed": Change(
        lambda stores: stores.people.set_standing(BEN.id, Standing.MODERATOR, NOW, BY),
        of_house(Action.STANDING_CHANGED, standing="moderator", was="clinician"),
    ),
    "account deactivated": Change(
        lambda stores: stores.accounts.set_active(BEN.id, active=False, at=NOW, cause=BY),
        of_house(Action.ACCOUNT_DEACTIVATED),
    ),
    "account reactivated": Change(
        lambda stores: stores.accounts.set_active(BEN.id, active=True, at=NOW, cause=BY),
        of_house(Action.ACCOUNT_REACTIVATED),
        lambda stores: stores.accounts.set_active(BEN.id, active=False, at=NOW),
    ),
    "profile changed": Change(
        lambda stores: stores.profiles.tell(BEN.id, "Benjamin", Profile(profession="nurse"), BY),
        of_house(Action.PROFILE_CHANGED),
    ),
    "picture changed": Change(
        lambda stores: stores.profiles.show(BEN.id, Picture("webp/1", b"x"), NOW, BY), of_house(Action.PICTURE_CHANGED)
    ),
    "signed in": Change(
        lambda stores: stores.people.grant(CredentialKind.SESSION, DIGEST, BEN.id, NOW, UNTIL, UNKNOWN),
        of_house(Action.SIGNED_IN, by=replace(BY, who=BEN.id), until=UNTIL),
    ),
    "token made": Change(
        lambda stores: stores.people.grant(CredentialKind.BEARER, DIGEST, BEN.id, NOW, UNTIL, BY),
        of_house(Action.CREDENTIAL_MADE, kind="bearer", until=UNTIL),
    ),
    "signed out": Change(
        lambda stores: stores.people.revoke(DIGEST, NOW, UNKNOWN),
        of_house(Action.SIGNED_OUT, by=replace(BY, who=BEN.id), kind="session"),
        hold,
    ),
    "token ended": Change(
        lambda stores: stores.people.revoke(DIGEST, NOW, BY),
        of_house(Action.CREDENTIAL_ENDED, kind="bearer"),
        lambda stores: hold(stores, CredentialKind.BEARER),
    ),
    "sign-in ended": Change(
        lambda stores: stores.sign_ins.end(BEN.id, SIGN_IN, BY),
        Event(Action.SIGNED_OUT, BY, person=BEN.id, details={Detail.SIGN_IN: SIGN_IN}),
        hold,
    ),
    "all sign-ins ended": Change(
        lambda stores: stores.sign_ins.end_all(BEN.id, None, BY), of_house(Action.SIGNED_OUT_EVERYWHERE), hold
    ),
    "password changed": Change(
        lambda stores: stores.accounts.set_password(BEN.id, "hash", NOW, None, BY), of_house(Action.PASSWORD_CHANGED)
    ),
    "password reset": Change(
        lambda stores: stores.accounts.reset_password(DIGEST, "hash", NOW, UNKNOWN),
        of_house(Action.PASSWORD_CHANGED, by=replace(BY, who=BEN.id)),
        lambda stores: hold(stores, CredentialKind.RESET),
    ),
    "reset asked for": Change(
        lambda stores: stores.mails.ask(MailKind.RESET, BEN.email, NOW, UNKNOWN),
        of_house(Action.RESET_ASKED, None, by=UNKNOWN),
    ),
    "offline key made": Change(
        lambda stores: stores.offline_keys.salt(DIGEST, b"\x01" * 32, NOW, BY),
        of_house(Action.OFFLINE_KEY_MADE),
        hold,
    ),
    "template added": Change(
        lambda stores: stores.templates.keep(TEMPLATE, BY),
        of_house(Action.TEMPLATE_CHANGED, None, template="mine", version=1),
    ),
    "template changed": Change(
        lambda stores: stores.templates.keep(replace(TEMPLATE, version=2), BY),
        of_house(Action.TEMPLATE_CHANGED, None, template="mine", version=2),
        lambda stores: stores.templates.keep(TEMPLATE),
    ),
    "template reset": Change(
        lambda stores: stores.templates.forget("mine", 1, BY),
        of_house(Action.TEMPLATE_RESET, None, template="mine", version=1),
        lambda stores: stores.templates.keep(TEMPLATE),
    ),
    "presenting begun": Change(
        lambda stores: stores.presenting.begin(CASE, PAGE, 60.0, cause=BY),
        of_case(Action.PRESENTING_BEGUN, ADA.id),
    ),
    "presenting handed over": Change(
        lambda stores: stores.presenting.hand_over(CASE, 1, BEN.id, 60.0, BY),
        of_case(Action.PRESENTING_HANDED_OVER, BEN.id),
        present,
    ),
    "presenting taken over": Change(
        lambda stores: stores.presenting.take_over(CASE, 1, replace(PAGE, person=BEN.id), 60.0, BY),
        of_case(Action.PRESENTING_TAKEN_OVER, BEN.id),
        present,
    ),
    "presenting ended": Change(
        lambda stores: stores.presenting.end(CASE, 1, BY), of_case(Action.PRESENTING_ENDED, ADA.id), present
    ),
}
UNTOLD: Mapping[str, Callable[[Stores], Awaitable[object]]] = {
    "nothing changed": lambda stores: stores.cases.set_member(CASE, ADA.id, Role.LEAD, NOW, BY),
    "same title": lambda stores: stores.cases.rename(CASE, new_case().title, NOW, BY),
    "ticket": lambda stores: stores.people.grant(CredentialKind.TICKET, DIGEST, BEN.id, NOW, UNTIL, BY),
    "device": lambda stores: stores.people.grant(CredentialKind.DEVICE, DIGEST, BEN.id, NOW, UNTIL, BY),
    "word of a new password": lambda stores: stores.mails.ask(MailKind.CHANGED, BEN.email, NOW, BY),
    "presenting ended by itself": lambda stores: stores.presenting.end(CASE, 1, BY),
    "unknown secret": lambda stores: stores.people.revoke(b"\x09" * 32, NOW, BY),
}
REFUSED: Mapping[str, Callable[[Stores], Awaitable[object]]] = {
    "last lead": lambda stores: stores.cases.set_member(CASE, ADA.id, None, NOW, BY),
    "no such case": lambda stores: stores.cases.rename(OTHER_CASE, "x", NOW, BY),
    "not in that state": lambda stores: stores.cases.set_state(CASE, CaseState.DRAFT, CaseState.OPEN, NOW, BY),
    "case is there": lambda stores: stores.cases.create(new_case(), BY),
    "address is taken": lambda stores: stores.people.add(replace(DORA, email=BEN.email), None, NOW, BY),
    "no such person": lambda stores: stores.accounts.set_password(DORA.id, "hash", NOW, None, BY),
    "no such document": lambda stores: stores.versions.forget(RECORD, Seq(1), BY),
}


async def told(stores: Stores) -> list[Recorded]:
    """All events, in each chain oldest first."""
    chains = [HOUSE, chain_of(CASE), chain_of(OTHER_CASE)]
    return [each for chain in chains for each in reversed(await stores.audit.newest(chain, Sought(), 1_000))]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_leaves_one_event(stores: Stores, change: str) -> None:
    """[AUD-1] With who, from where, what, and to whom or which."""
    made = CHANGES[change]
    await made.first(stores)
    before = await told(stores)
    await made.make(stores)
    assert [each.event for each in await told(stores) if each not in before] == [made.event]


@pytest.mark.parametrize("change", [*UNTOLD, *REFUSED])
async def test_what_changes_nothing_leaves_none(stores: Stores, change: str) -> None:
    """[AUD-1] Nor what is refused."""
    before = await told(stores)
    if change in UNTOLD:
        await UNTOLD[change](stores)
    else:
        with pytest.raises((Conflict, NotFound)):
            await REFUSED[change](stores)
    assert await told(stores) == before


def test_every_recorded_change_is_among_these() -> None:
    """[AUD-1] Changes of media are proven with media; what a command line or the background records, with these."""
    elsewhere = {each for each in Action if each.value.startswith("media.")} | {
        Action.BACKED_UP,
        Action.RESTORED,
        Action.AUDIT_ANCHORED,
    }
    reading = {each for each in Action if each.value.endswith((".opened", "refused", "listed", "searched", "read"))}
    reading |= {Action.DOCUMENT_EXPORTED, Action.SIGN_IN_FAILED}
    assert {made.event.action for made in CHANGES.values()} == set(Action) - elsewhere - reading


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> SqliteWorld | PostgresWorld:
    """Where a transaction can fail."""
    if request.param == "sqlite":
        return SqliteWorld(tmp_path / "consilium.db")
    postgres: Postgres = request.getfixturevalue("postgres")
    return PostgresWorld(postgres, postgres.fresh())


async def test_no_change_without_its_event(database: SqliteWorld | PostgresWorld) -> None:
    """[AUD-1] When the log cannot be written nothing is changed, whatever the change; reading goes on."""
    async with database.node() as stores:
        await add_people(stores)
        await stores.cases.create(new_case())
        await write(stores)
        database.run("ALTER TABLE audit_events RENAME TO lost")
        for made in CHANGES.values():
            if made.first in (nothing, write):
                with pytest.raises(StorageUnavailable):
                    await made.make(stores)
        found = await stores.cases.find(CASE, ADA.id)
        assert found is not None
        assert (found[0].title, found[0].state) == (new_case().title, CaseState.OPEN)
        assert [member.person for member in await stores.cases.members(CASE)] == [ADA]
        assert await stores.people.find([DORA.id]) == {}
        assert await stores.people.redeem(CredentialKind.SESSION, DIGEST, NOW) is None
        assert await stores.versions.named(RECORD) == []
        assert await stores.proposals.listed(CASE) == []
        assert await stores.templates.all() == []
        database.run("ALTER TABLE lost RENAME TO audit_events")
        await stores.cases.rename(CASE, "Another title", NOW, BY)
