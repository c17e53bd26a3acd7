"""GET /api/cases."""

from __future__ import annotations

from tests.api.conftest import Ward
from workspace.case import Role, Standing


async def test_a_person_sees_their_cases_newest_change_first(ward: Ward) -> None:
    """[API-3]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    first = await ward.case(ada)
    ward.clock.advance(1)
    second = await ward.case(ben, {Role.OBSERVER: ada})
    await ward.case(ben)
    cases = (await ward.http.get("/api/cases", headers=await ward.as_(ada))).json()["cases"]
    assert [(case["id"], case["role"]) for case in cases] == [(second, "observer"), (first, "lead")]
    assert set(cases[0]) == {"id", "title", "state", "created_at", "role", "changed_at"}


async def test_a_moderator_sees_every_case_and_an_admin_none(ward: Ward) -> None:
    """[PER-2]"""
    case = await ward.case(await ward.person("ada"))
    moderator = await ward.as_(await ward.person("ida", standing=Standing.MODERATOR))
    admin = await ward.as_(await ward.person("root", standing=Standing.ADMIN))
    listed = (await ward.http.get("/api/cases", headers=moderator)).json()["cases"]
    assert [(item["id"], item["role"]) for item in listed] == [(case, "moderator")]
    assert (await ward.http.get("/api/cases", headers=admin)).json() == {"cases": []}


async def test_strangers_see_nothing(ward: Ward) -> None:
    """[API-3]"""
    assert (await ward.http.get("/api/cases")).status_code == 401
