"""PUT /api/cases/{case}/state."""

from __future__ import annotations

import asyncio

import pytest

from tests.api.conftest import Ward
from workspace.case import CaseState, Role, Standing


async def test_the_lead_opens_concludes_and_reopens(ward: Ward) -> None:
    """[LST-2] Each answer says where it may go next."""
    ada = await ward.person("ada")
    case = await ward.case(ada, state=CaseState.DRAFT)
    headers = await ward.as_(ada)
    for state, following in (("open", ["concluded"]), ("concluded", ["open"]), ("open", ["concluded"])):
        answer = await ward.http.put(f"/api/cases/{case}/state", json={"state": state}, headers=headers)
        assert answer.status_code == 200
        assert answer.json() == {"id": case, "title": "A case", "state": state, "next_states": following}
        shown = (await ward.http.get(f"/api/cases/{case}", headers=headers)).json()
        assert shown["case"]["state"] == state
        assert ("write record" in shown["rights"]) == (state == "open")


async def test_a_moderator_may_too(ward: Ward) -> None:
    """[LST-2]"""
    case = await ward.case(await ward.person("ada"))
    headers = await ward.as_(await ward.person("ida", standing=Standing.MODERATOR))
    answer = await ward.http.put(f"/api/cases/{case}/state", json={"state": "concluded"}, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.CONSULTANT, Role.OBSERVER])
@pytest.mark.parametrize("state", ["open", "concluded"])
async def test_no_other_member_may(ward: Ward, role: Role, state: str) -> None:
    """[LST-2] Not even to where it is."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {role: ben})
    answer = await ward.http.put(f"/api/cases/{case}/state", json={"state": state}, headers=await ward.as_(ben))
    assert (answer.status_code, answer.json()["reason"]) == (403, "forbidden")


async def test_where_it_is_already_it_stays(ward: Ward) -> None:
    """[LST-2] And nobody is thrown out of a room for it; two at once both get what they ask for."""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    headers = await ward.as_(ada)
    before = await ward.stores.notices.latest()
    assert (await ward.http.put(f"/api/cases/{case}/state", json={"state": "open"}, headers=headers)).status_code == 200
    assert await ward.stores.notices.latest() == before
    both = await asyncio.gather(
        *(ward.http.put(f"/api/cases/{case}/state", json={"state": "concluded"}, headers=headers) for _ in range(2))
    )
    assert [answer.status_code for answer in both] == [200, 200]


@pytest.mark.parametrize("state", [CaseState.ARCHIVED, CaseState.PUBLISHED])
async def test_what_is_sealed_is_not_reopened_this_way(ward: Ward, state: CaseState) -> None:
    """[LST-2]"""
    ada = await ward.person("ada")
    case = await ward.case(ada, state=state)
    answer = await ward.http.put(f"/api/cases/{case}/state", json={"state": "open"}, headers=await ward.as_(ada))
    assert (answer.status_code, answer.json()["reason"]) == (409, "conflict")


@pytest.mark.parametrize("body", [{}, {"state": "archived"}, {"state": "draft"}, {"state": None}, {"state": "Open"}])
async def test_any_other_word_is_refused(ward: Ward, body: object) -> None:
    """[API-2]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    answer = await ward.http.put(f"/api/cases/{case}/state", json=body, headers=await ward.as_(ada))
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("state: ")


async def test_strangers_find_nothing(ward: Ward) -> None:
    """[PER-1]"""
    case = await ward.case(await ward.person("ada"))
    headers = await ward.as_(await ward.person("eve"))
    for path, method in (("state", "PUT"), ("title", "PUT"), ("leave", "POST")):
        body = {"state": "concluded"} if path == "state" else {"title": "x"}
        answer = await ward.http.request(method, f"/api/cases/{case}/{path}", json=body, headers=headers)
        assert answer.status_code == 404
