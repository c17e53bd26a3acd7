"""GET /api/cases/{case}/audit and /api/admin/audit."""

from __future__ import annotations

import pytest

from storage.memory.audit import MemoryAudit
from tests.api.conftest import PASSWORD, Ward
from workspace.audit import chain_of
from workspace.case import Role, Standing


async def test_a_lead_reads_who_opened_and_changed_a_case(ward: Ward) -> None:
    """[AUD-7] Newest first, with names, and without addresses; that it was read is in it the next time."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    await ward.http.get(f"/api/cases/{case}", headers=await ward.as_(ben))
    headers = await ward.as_(ada)
    answer = await ward.http.get(f"/api/cases/{case}/audit", headers=headers)
    assert answer.status_code == 200
    read, own, opened, added, created = answer.json()["events"]
    assert (read["action"], own["action"]) == ("audit.read", "case.opened")
    assert (opened["action"], opened["kind"], opened["who"]["name"]) == ("case.opened", "reading", "Ben")
    assert (added["action"], added["person"]["name"]) == ("member.added", "Ben")
    assert (added["details"], added["who"], added["means"]) == ({"role": "observer"}, None, "system")
    assert (created["action"], created["seq"], created["is_refused"]) == ("case.created", 1, False)
    assert answer.json()["before"] is None
    assert "127.0.0.1" not in answer.text
    assert "A case" not in answer.text


async def test_it_is_filtered_and_comes_in_pages(ward: Ward) -> None:
    """[AUD-7]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    await ward.http.get(f"/api/cases/{case}", headers=await ward.as_(ben))
    headers = await ward.as_(ada)
    path = f"/api/cases/{case}/audit"

    async def actions(query: str) -> list[str]:
        answer = await ward.http.get(f"{path}?{query}", headers=headers)
        return [each["action"] for each in answer.json()["events"]]

    assert await actions(f"who={ben.id}") == ["case.opened", "member.added"]
    assert await actions("kind=members") == ["member.added"]
    assert await actions(f"who={ben.id}&kind=reading") == ["case.opened"]
    first = (await ward.http.get(f"{path}?limit=2", headers=headers)).json()
    assert len(first["events"]) == 2
    rest = (await ward.http.get(f"{path}?limit=3&before={first['before']}", headers=headers)).json()
    assert [each["seq"] for each in first["events"] + rest["events"]] == [5, 4, 3, 2, 1]
    assert rest["before"] is None
    for wrong in ("kind=nonsense", "before=0", "limit=9999", "who=Ben", "colour=red"):
        assert (await ward.http.get(f"{path}?{wrong}", headers=headers)).status_code == 400


@pytest.mark.parametrize(
    ("role", "standing", "status"),
    [
        (Role.CONTRIBUTOR, Standing.CLINICIAN, 403),
        (Role.CONSULTANT, Standing.CLINICIAN, 403),
        (Role.OBSERVER, Standing.CLINICIAN, 403),
        (Role.LEAD, Standing.CLINICIAN, 200),
        (None, Standing.MODERATOR, 200),
        (None, Standing.CLINICIAN, 404),
        (None, Standing.ADMIN, 404),
    ],
)
async def test_it_is_for_those_who_answer_for_the_case(
    ward: Ward, role: Role | None, standing: Standing, status: int
) -> None:
    """[AUD-7] [PER-2]"""
    ada, ben = await ward.person("ada"), await ward.person("ben", standing=standing)
    case = await ward.case(ada, {} if role is None else {role: ben})
    answer = await ward.http.get(f"/api/cases/{case}/audit", headers=await ward.as_(ben))
    assert answer.status_code == status


async def test_an_admin_reads_what_happened_in_the_house(ward: Ward) -> None:
    """[AUD-7] With addresses and the names of requests; nobody else does."""
    sam = await ward.person("sam", standing=Standing.ADMIN)
    ada = await ward.person("ada", password=PASSWORD)
    await ward.http.post("/api/sign-in", json={"email": "ada@example.org", "password": "wrong password"})
    headers = await ward.as_(sam)
    answer = await ward.http.get("/api/admin/audit?kind=sign-in", headers=headers)
    assert answer.status_code == 200
    failed = answer.json()["events"][1]
    assert (failed["action"], failed["is_refused"], failed["who"]) == ("sign-in.failed", True, None)
    assert (failed["person"]["name"], failed["address"]) == ("Ada", "127.0.0.1")
    assert len(failed["request"]) == 16
    moderator = await ward.person("mia", standing=Standing.MODERATOR)
    for person in (ada, moderator):
        assert (await ward.http.get("/api/admin/audit", headers=await ward.as_(person))).status_code == 403
    assert (await ward.http.get("/api/admin/audit")).status_code == 401


async def test_a_log_is_walked_along_for_those_who_may_read_it(ward: Ward) -> None:
    """[AUD-12] What was changed, or taken away, is said by its number."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    path, headers = f"/api/cases/{case}/audit/chain", await ward.as_(ada)
    whole = (await ward.http.get(path, headers=headers)).json()
    listed = (await ward.http.get(f"/api/cases/{case}/audit", headers=headers)).json()["events"]
    assert whole == {"events": listed[0]["seq"], "broken_at": None}
    assert (await ward.http.get(path, headers=await ward.as_(ben))).status_code == 403
    audit = ward.stores.audit
    assert isinstance(audit, MemoryAudit)
    del audit._records.audit[chain_of(case)][1]
    assert (await ward.http.get(path, headers=headers)).json() == {"events": 1, "broken_at": 2}
    sam = await ward.person("sam", standing=Standing.ADMIN)
    house = (await ward.http.get("/api/admin/audit/chain", headers=await ward.as_(sam))).json()
    assert house["broken_at"] is None
    assert house["events"] >= 4
    assert (await ward.http.get("/api/admin/audit/chain", headers=headers)).status_code == 403
