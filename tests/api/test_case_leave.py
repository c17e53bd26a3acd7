"""POST /api/cases/{case}/leave."""

from __future__ import annotations

from tests.api.conftest import Ward
from workspace.case import Role


async def test_a_member_leaves_and_finds_nothing_any_more(ward: Ward) -> None:
    """[LST-4] A notice ends the open sessions."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    headers = await ward.as_(ben)
    before = await ward.stores.notices.latest()
    assert (await ward.http.post(f"/api/cases/{case}/leave", headers=headers)).status_code == 204
    assert [(each.person, each.case) for each in await ward.stores.notices.since(before)] == [(ben.id, case)]
    assert (await ward.http.get(f"/api/cases/{case}", headers=headers)).status_code == 404
    assert (await ward.http.post(f"/api/cases/{case}/leave", headers=headers)).status_code == 404


async def test_the_last_lead_stays(ward: Ward) -> None:
    """[LST-4] Until somebody else leads too."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada)
    headers = await ward.as_(ada)
    answer = await ward.http.post(f"/api/cases/{case}/leave", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (409, "conflict")
    await ward.stores.cases.set_member(case, ben.id, Role.LEAD, ward.clock())
    assert (await ward.http.post(f"/api/cases/{case}/leave", headers=headers)).status_code == 204
