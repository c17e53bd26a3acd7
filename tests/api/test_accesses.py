"""What the API records: whoever sees or does something stands in the audit log, with who they were and from where."""

from __future__ import annotations

import pytest

from storage.ports import CredentialKind, Sought
from tests.api.conftest import ORIGIN, PASSWORD, Ward
from workspace.audit import HOUSE, Action, Chain, Detail, Event, Means, chain_of
from workspace.case import Role, Standing
from workspace.ids import CaseId, DocumentId, DocumentName


async def told(ward: Ward, chain: Chain) -> list[Event]:
    """A chain's events, oldest first."""
    return [each.event for each in reversed(await ward.stores.audit.newest(chain, Sought(), 1_000))]


async def actions(ward: Ward, case: CaseId | None = None) -> list[Action]:
    """What was recorded of a case since it was set up, or of the house."""
    events = await told(ward, HOUSE if case is None else chain_of(case))
    return [each.action for each in events if each.cause.who is not None]


async def test_opening_a_case_is_recorded_once_in_five_minutes(ward: Ward) -> None:
    """[AUD-5] With the person, the address, the request's name and by what they proved to be who they are."""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    headers = await ward.as_(ada)
    answer = await ward.http.get(f"/api/cases/{case}", headers=headers)
    for _ in range(5):
        await ward.http.get(f"/api/cases/{case}", headers=headers)
    [event] = [each for each in await told(ward, chain_of(case)) if each.action is Action.CASE_OPENED]
    assert (event.case, event.cause.who, event.cause.origin.means) == (case, ada.id, Means.BEARER)
    assert event.cause.origin.request == answer.headers["x-request-id"]
    assert event.cause.origin.address == "127.0.0.1"


@pytest.mark.parametrize("path", ["history", "sittings", "updates", "as-of/1"])
async def test_reading_the_past_is_recorded(ward: Ward, path: str) -> None:
    """[AUD-5]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    await ward.write(DocumentId(case, DocumentName("record")), ada, ["one "])
    await ward.http.get(f"/api/cases/{case}/documents/record/{path}", headers=await ward.as_(ben))
    events = [each for each in await told(ward, chain_of(case)) if each.cause.who == ben.id]
    assert [(each.action, each.document) for each in events] == [
        (Action.CASE_OPENED, None),
        (Action.HISTORY_READ, DocumentName("record")),
    ]


async def test_whoever_is_turned_away_is_recorded(ward: Ward) -> None:
    """[AUD-5] In the case that they asked for; a case that is not there has no log."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada)
    headers = await ward.as_(ben)
    assert (await ward.http.get(f"/api/cases/{case}", headers=headers)).status_code == 404
    assert (await ward.http.get(f"/api/cases/{'z' * 16}", headers=headers)).status_code == 404
    assert await actions(ward, case) == [Action.CASE_REFUSED]
    assert await told(ward, Chain("z" * 16)) == []


async def test_lists_and_searches_are_recorded_without_what_was_asked(ward: Ward) -> None:
    """[AUD-4] [AUD-5]"""
    ada = await ward.person("ada")
    headers = await ward.as_(ada)
    await ward.http.get("/api/cases", headers=headers)
    await ward.http.post("/api/search", json={"question": "thunderclap"}, headers=headers)
    await ward.http.post("/api/search", json={"question": "thunder"}, headers=headers)
    assert await actions(ward) == [Action.CASES_LISTED, Action.CASES_SEARCHED]
    assert "thunder" not in str([each.body for each in await ward.stores.audit.kept(HOUSE, after=0, limit=100)])


async def test_signing_in_and_out_is_recorded(ward: Ward) -> None:
    """[AUD-1] [AUD-5]"""
    ada = await ward.person("ada", password=PASSWORD)
    for _ in range(2):
        await ward.http.post("/api/sign-in", json={"email": "ada@example.org", "password": PASSWORD})
    await ward.http.post("/api/sign-out", headers={"Origin": ORIGIN})
    link = await ward.credential(ada, CredentialKind.LINK)
    await ward.http.post("/api/sign-in", json={"link": link})
    events = [each for each in await told(ward, HOUSE) if each.cause.who is not None]
    assert [(each.action, each.cause.origin.means) for each in events] == [
        (Action.SIGNED_IN, Means.PASSWORD),
        (Action.SIGNED_OUT, Means.PASSWORD),  # that of before, which the cookie held
        (Action.SIGNED_IN, Means.PASSWORD),
        (Action.SIGNED_OUT, Means.SESSION),
        (Action.SIGNED_IN, Means.LINK),
    ]
    assert {each.cause.who for each in events} == {ada.id}
    assert {each.cause.origin.address for each in events} == {"127.0.0.1"}


async def test_failed_sign_ins_are_recorded_by_account_but_not_by_what_was_typed(ward: Ward) -> None:
    """[AUD-4] [AUD-5] One more than may be tried is recorded once."""
    ada = await ward.person("ada", password=PASSWORD)
    for _ in range(3):
        await ward.http.post("/api/sign-in", json={"email": "ada@example.org", "password": "wrong password"})
    await ward.http.post("/api/sign-in", json={"email": "s3cret@typed.here", "password": "wrong password"})
    await ward.http.post("/api/sign-in", json={"link": "x" * 43})
    for _ in range(20):
        await ward.http.post("/api/sign-in", json={"email": "ada@example.org", "password": "wrong password"})
    failed = [each for each in await told(ward, HOUSE) if each.action is Action.SIGN_IN_FAILED]
    assert [each.person for each in failed[:5]] == [ada.id] * 3 + [None, None]
    assert failed[4].cause.origin.means is Means.LINK
    assert {each.cause.who for each in failed} == {None}
    assert [each.details[Detail.REASON] for each in failed].count("too-many") == 1
    assert "typed" not in str([each.body for each in await ward.stores.audit.kept(HOUSE, after=0, limit=100)])


async def test_what_an_admin_looks_at_and_does_is_recorded(ward: Ward) -> None:
    """[AUD-1] [AUD-5] With whom it was about."""
    sam, ben = await ward.person("sam", standing=Standing.ADMIN), await ward.person("ben")
    headers = await ward.as_(sam)
    await ward.http.get("/api/admin/people", headers=headers)
    await ward.http.get(f"/api/admin/people/{ben.id}", headers=headers)
    await ward.http.patch(f"/api/admin/people/{ben.id}", json={"active": False}, headers=headers)
    await ward.http.patch(f"/api/admin/people/{ben.id}", json={"active": True}, headers=headers)
    await ward.http.post(f"/api/admin/people/{ben.id}/reset-link", headers=headers)
    events = [each for each in await told(ward, HOUSE) if each.cause.who == sam.id]
    assert [(each.action, each.person) for each in events] == [
        (Action.ACCOUNTS_READ, None),
        (Action.ACCOUNTS_READ, ben.id),
        (Action.ACCOUNT_DEACTIVATED, ben.id),
        (Action.ACCOUNT_REACTIVATED, ben.id),
        (Action.CREDENTIAL_MADE, ben.id),
    ]


async def test_a_change_says_who_made_it(ward: Ward) -> None:
    """[AUD-1] And follows the opening of the case."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada)
    headers = await ward.as_(ada)
    body = {"email": ben.email, "role": "observer"}
    await ward.http.put(f"/api/cases/{case}/members", json=body, headers=headers)
    await ward.http.put(f"/api/cases/{case}/state", json={"state": "concluded"}, headers=headers)
    await ward.http.put(f"/api/cases/{case}/title", json={"title": "Another"}, headers=headers)
    await ward.http.post(f"/api/cases/{case}/leave", headers=await ward.as_(ben))
    events = [each for each in await told(ward, chain_of(case)) if each.cause.who is not None]
    assert [(each.action, each.cause.who, each.person) for each in events] == [
        (Action.CASE_OPENED, ada.id, None),
        (Action.MEMBER_ADDED, ada.id, ben.id),
        (Action.CASE_STATE_CHANGED, ada.id, None),
        (Action.CASE_RENAMED, ada.id, None),
        (Action.CASE_OPENED, ben.id, None),
        (Action.MEMBER_REMOVED, ben.id, ben.id),
    ]
