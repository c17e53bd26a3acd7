"""PUT /api/cases/{case}/title."""

from __future__ import annotations

import pytest

from tests.api.conftest import Ward
from workspace.case import CaseState, Role, Standing


@pytest.mark.parametrize("state", [CaseState.DRAFT, CaseState.OPEN, CaseState.CONCLUDED])
async def test_lead_and_moderator_rename(ward: Ward, state: CaseState) -> None:
    """[LST-1] Also what is concluded: a title is not part of the record."""
    ada, ida = await ward.person("ada"), await ward.person("ida", standing=Standing.MODERATOR)
    case = await ward.case(ada, state=state)
    for person, title in ((ada, "  Fièvre — 発熱 "), (ida, "Fever")):
        answer = await ward.http.put(f"/api/cases/{case}/title", json={"title": title}, headers=await ward.as_(person))
        assert (answer.status_code, answer.json()["title"]) == (200, title.strip())
    found = await ward.stores.cases.find(case, ada.id)
    assert found is not None
    assert found[0].title == "Fever"


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.CONSULTANT, Role.OBSERVER])
async def test_no_other_member_does(ward: Ward, role: Role) -> None:
    """[LST-1]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {role: ben})
    answer = await ward.http.put(f"/api/cases/{case}/title", json={"title": "x"}, headers=await ward.as_(ben))
    assert answer.status_code == 403


@pytest.mark.parametrize("title", ["", "   ", "two\nlines", "x" * 201, 7, None])
async def test_a_title_is_one_line_of_text(ward: Ward, title: object) -> None:
    """[API-2] The old one stays."""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    answer = await ward.http.put(f"/api/cases/{case}/title", json={"title": title}, headers=await ward.as_(ada))
    assert answer.status_code == 400
    found = await ward.stores.cases.find(case, ada.id)
    assert found is not None
    assert found[0].title == "A case"
