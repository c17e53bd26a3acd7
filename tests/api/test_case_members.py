"""PUT /api/cases/{case}/members."""

from __future__ import annotations

import pytest

from tests.api.conftest import Ward
from workspace.case import Role, Standing


async def test_the_lead_gives_changes_and_takes_away_a_role(ward: Ward) -> None:
    """[PER-3] Each change leaves a notice, so that open connections are judged again."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada)
    headers = await ward.as_(ada)
    before = await ward.stores.notices.latest()
    for role, members in (
        ("observer", ["lead", "observer"]),
        ("contributor", ["lead", "contributor"]),
        ("none", ["lead"]),
    ):
        body = {"email": "BEN@example.org", "role": role}
        answer = await ward.http.put(f"/api/cases/{case}/members", json=body, headers=headers)
        assert answer.status_code == 200
        assert [member["role"] for member in answer.json()["members"]] == members
    notices = await ward.stores.notices.since(before)
    assert [(notice.person, notice.case) for notice in notices] == [(ben.id, case)] * 3


async def test_a_moderator_may_too(ward: Ward) -> None:
    """[PER-3]"""
    case = await ward.case(await ward.person("ada"))
    moderator = await ward.person("ida", standing=Standing.MODERATOR)
    body = {"email": "ida@example.org", "role": "observer"}
    answer = await ward.http.put(f"/api/cases/{case}/members", json=body, headers=await ward.as_(moderator))
    assert answer.status_code == 200


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.CONSULTANT, Role.OBSERVER])
async def test_no_other_member_may(ward: Ward, role: Role) -> None:
    """[PER-3] A reader without the right is told so: they know that the case is there."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {role: ben})
    body = {"email": "ben@example.org", "role": "lead"}
    answer = await ward.http.put(f"/api/cases/{case}/members", json=body, headers=await ward.as_(ben))
    assert (answer.status_code, answer.json()["reason"]) == (403, "forbidden")
    found = await ward.stores.cases.find(case, ben.id)
    assert found is not None
    assert found[1] is role


async def test_a_case_keeps_a_lead(ward: Ward) -> None:
    """[PER-3]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    body = {"email": "ada@example.org", "role": "observer"}
    answer = await ward.http.put(f"/api/cases/{case}/members", json=body, headers=await ward.as_(ada))
    assert (answer.status_code, answer.json()["reason"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody@example.org", "role": "observer"}, "email"),
        ({"email": "ada@example.org", "role": "moderator"}, "role"),
        ({"email": "ada@example.org", "role": None}, "role"),
        ({"email": "ada@example.org"}, "role"),
        ({"role": "observer"}, "email"),
    ],
)
async def test_any_other_body_is_refused_by_field(ward: Ward, body: object, field: str) -> None:
    """[API-2]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    answer = await ward.http.put(f"/api/cases/{case}/members", json=body, headers=await ward.as_(ada))
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(f"{field}: ")
