"""POST /api/cases/{case}/documents/{document}/copies."""

from __future__ import annotations

from tests.api.conftest import Ward
from workspace.case import Role
from workspace.ids import DocumentId, DocumentName


async def test_a_copy_that_is_taken_along_is_in_the_log(ward: Ward) -> None:
    """[AUD-13] Each one, however soon after another, with its form and up to where."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    await ward.write(DocumentId(case, DocumentName("record")), ada, ["one "])
    path, headers = f"/api/cases/{case}/documents/record/copies", await ward.as_(ben)
    for body in ({"format": "pdf", "seq": 1}, {"format": "pdf", "seq": 1}, {"format": "paper"}):
        answer = await ward.http.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
    log = await ward.http.get(f"/api/cases/{case}/audit?who={ben.id}", headers=await ward.as_(ada))
    told = [each for each in log.json()["events"] if each["action"] == "document.exported"]
    assert [each["details"] for each in told] == [{"kind": "paper"}, *2 * [{"kind": "pdf", "seq": 1}]]
    assert {each["document"] for each in told} == {"record"}
    assert {each["who"]["name"] for each in told} == {"Ben"}


async def test_nothing_else_is_exported(ward: Ward) -> None:
    """[AUD-13] [PER-1] [API-2]"""
    ada, cy = await ward.person("ada"), await ward.person("cy")
    case = await ward.case(ada)
    path, headers = f"/api/cases/{case}/documents/record/copies", await ward.as_(ada)
    for body in ({"format": "exe"}, {"format": "pdf", "seq": -1}, {"format": "pdf", "name": "x"}, {}):
        assert (await ward.http.post(path, json=body, headers=headers)).status_code == 400
    good = {"format": "md", "seq": 0}
    assert (await ward.http.post(path, json=good, headers=await ward.as_(cy))).status_code == 404
    nowhere = f"/api/cases/{case}/documents/nothing/copies"
    assert (await ward.http.post(nowhere, json=good, headers=headers)).status_code == 404
    assert (await ward.http.post(path, json=good)).status_code == 401
