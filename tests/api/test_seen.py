"""GET and PUT /api/cases/{case}/documents/{document}/seen."""

from __future__ import annotations

import pytest

from tests.api.conftest import NOW, Ward
from workspace.case import Role
from workspace.ids import DocumentId, DocumentName


async def test_it_remembers_how_far_each_has_seen(ward: Ward) -> None:
    """[HIS-8] Readers too; it never goes back."""
    ada, eve = await ward.person("ada"), await ward.person("eve")
    case = await ward.case(ada, {Role.OBSERVER: eve})
    await ward.write(DocumentId(case, DocumentName("record")), ada, list("abcde"))
    path, headers = f"/api/cases/{case}/documents/record/seen", await ward.as_(eve)
    assert (await ward.http.get(path, headers=headers)).json() == {"head": 5, "seen": None}
    for seq, expected, at in ((3, 3, NOW), (2, 3, NOW), (5, 5, NOW + 2_000)):
        answer = await ward.http.put(path, json={"seq": seq}, headers=headers)
        assert answer.json() == {"head": 5, "seen": {"seq": expected, "at": at}}
        ward.clock.advance(1)
    assert (await ward.http.get(path, headers=headers)).json()["seen"]["seq"] == 5
    assert (await ward.http.get(path, headers=await ward.as_(ada))).json()["seen"] is None


@pytest.mark.parametrize(
    ("body", "status"), [({"seq": 6}, 404), ({"seq": -1}, 400), ({"seq": "5"}, 400), ({}, 400), ({"seq": 2**60}, 400)]
)
async def test_nobody_has_seen_what_is_still_to_come(ward: Ward, body: dict[str, object], status: int) -> None:
    """[HIS-8] [API-2]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    await ward.write(DocumentId(case, DocumentName("record")), ada, list("abcde"))
    path, headers = f"/api/cases/{case}/documents/record/seen", await ward.as_(ada)
    assert (await ward.http.put(path, json=body, headers=headers)).status_code == status
    assert (await ward.http.get(path, headers=headers)).json()["seen"] is None


async def test_a_document_that_nobody_has_opened_is_not_seen(ward: Ward) -> None:
    """[HIS-8]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    path, headers = f"/api/cases/{case}/documents/record/seen", await ward.as_(ada)
    assert (await ward.http.get(path, headers=headers)).json() == {"head": 0, "seen": None}
    assert (await ward.http.put(path, json={"seq": 0}, headers=headers)).status_code == 404
