"""GET and POST /api/cases/{case}/documents/{document}/versions, PUT and DELETE …/versions/{seq}."""

from __future__ import annotations

import pytest

from tests.api.conftest import NOW, Ward
from workspace.case import CaseState, Person, Role, Standing
from workspace.ids import CaseId, DocumentId, DocumentName
from workspace.session import colour_of


async def case_with_words(ward: Ward, lead: Person, members: dict[Role, Person] | None = None) -> tuple[CaseId, str]:
    case = await ward.case(lead, members)
    await ward.write(DocumentId(case, DocumentName("record")), lead, ["a", "b", "c"])
    return case, f"/api/cases/{case}/documents/record/versions"


async def test_a_moment_is_named_renamed_and_its_name_taken_away(ward: Ward) -> None:
    """[HIS-7]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    _, path = await case_with_words(ward, ada, {Role.CONTRIBUTOR: ben})
    headers = await ward.as_(ada)
    assert (await ward.http.get(path, headers=headers)).json() == {"versions": [], "may_name": True}
    made = await ward.http.post(path, json={"seq": 2, "name": "  Before the board "}, headers=headers)
    author = {"id": ada.id, "name": "Ada", "color": colour_of(ada.id)}
    named = {"seq": 2, "name": "Before the board", "author": author, "at": NOW}
    assert (made.status_code, made.json()["versions"]) == (201, [named])
    ward.clock.advance(3)
    renamed = await ward.http.put(f"{path}/2", json={"name": "After it"}, headers=await ward.as_(ben))
    changed = {
        "seq": 2,
        "name": "After it",
        "author": {"id": ben.id, "name": "Ben", "color": colour_of(ben.id)},
        "at": NOW + 3_000,
    }
    assert renamed.json()["versions"] == [changed]
    assert (await ward.http.get(path, headers=headers)).json()["versions"] == [changed]
    assert (await ward.http.delete(f"{path}/2", headers=headers)).json()["versions"] == []
    assert (await ward.http.delete(f"{path}/2", headers=headers)).status_code == 404
    assert (await ward.http.put(f"{path}/2", json={"name": "x"}, headers=headers)).status_code == 404


async def test_a_moment_has_one_name(ward: Ward) -> None:
    """[HIS-7]"""
    ada = await ward.person("ada")
    _, path = await case_with_words(ward, ada)
    headers = await ward.as_(ada)
    for status in (201, 409):
        answer = await ward.http.post(path, json={"seq": 1, "name": f"{status}"}, headers=headers)
        assert answer.status_code == status
    assert [each["name"] for each in (await ward.http.get(path, headers=headers)).json()["versions"]] == ["201"]


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.CONCLUDED])
async def test_those_who_write_and_moderators_name(ward: Ward, state: CaseState) -> None:
    """[HIS-7] Readers see the names; also when the case is finished."""
    ada = await ward.person("ada")
    ben, cleo, eve = [await ward.person(name) for name in ("ben", "cleo", "eve")]
    mo = await ward.person("mo", standing=Standing.MODERATOR)
    case, path = await case_with_words(ward, ada, {Role.CONTRIBUTOR: ben, Role.CONSULTANT: cleo, Role.OBSERVER: eve})
    if state is not CaseState.OPEN:
        await ward.stores.cases.set_state(case, CaseState.OPEN, state, ward.clock())
    for person, status in ((ada, 201), (ben, 201), (mo, 201), (cleo, 403), (eve, 403)):
        headers = await ward.as_(person)
        answer = await ward.http.post(path, json={"seq": 1, "name": "x"}, headers=headers)
        assert answer.status_code == status, person.name
        listed = (await ward.http.get(path, headers=headers)).json()
        assert (len(listed["versions"]), listed["may_name"]) == (status == 201, status == 201)
        assert (await ward.http.put(f"{path}/1", json={"name": "y"}, headers=headers)).status_code in (200, status)
        if status == 201:
            assert (await ward.http.delete(f"{path}/1", headers=headers)).status_code == 200
        else:
            assert (await ward.http.delete(f"{path}/1", headers=headers)).status_code == 403


async def test_another_persons_opinion_is_not_mine_to_name(ward: Ward) -> None:
    """[HIS-7] Its owner's, who writes it."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    name = DocumentName(f"opinion.{ben.id}")
    await ward.write(DocumentId(case, name), ben, ["mine"])
    for person, status in ((ada, 403), (ben, 201)):
        answer = await ward.http.post(
            f"/api/cases/{case}/documents/{name}/versions",
            json={"seq": 1, "name": "x"},
            headers=await ward.as_(person),
        )
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"seq": 4, "name": "x"}, 404),
        ({"seq": 2**52, "name": "x"}, 404),
        ({"seq": 0, "name": "x"}, 400),
        ({"seq": -1, "name": "x"}, 400),
        ({"seq": 2**60, "name": "x"}, 400),
        ({"seq": "1", "name": "x"}, 400),
        ({"seq": 1.5, "name": "x"}, 400),
        ({"seq": 1, "name": "  "}, 400),
        ({"seq": 1, "name": "two\nlines"}, 400),
        ({"seq": 1, "name": "x" * 201}, 400),
        ({"seq": 1}, 400),
        ({"seq": 1, "name": "x", "at": 5}, 400),
    ],
)
async def test_what_cannot_be_named_is_refused(ward: Ward, body: dict[str, object], status: int) -> None:
    """[HIS-7] [API-2] Tried: beyond the head, before the first, no number, no name, two lines, too long."""
    ada = await ward.person("ada")
    _, path = await case_with_words(ward, ada)
    headers = await ward.as_(ada)
    assert (await ward.http.post(path, json=body, headers=headers)).status_code == status
    assert (await ward.http.get(path, headers=headers)).json()["versions"] == []


@pytest.mark.parametrize("seq", ["x", "-1", "1e3", "9" * 16])
async def test_a_moment_is_a_whole_number(ward: Ward, seq: str) -> None:
    """[API-2]"""
    ada = await ward.person("ada")
    _, path = await case_with_words(ward, ada)
    headers = await ward.as_(ada)
    assert (await ward.http.put(f"{path}/{seq}", json={"name": "x"}, headers=headers)).status_code == 400
    assert (await ward.http.delete(f"{path}/{seq}", headers=headers)).status_code == 400


async def test_naming_changes_nothing_that_was_written(ward: Ward) -> None:
    """[HIS-7]"""
    ada = await ward.person("ada")
    case, path = await case_with_words(ward, ada)
    headers = await ward.as_(ada)
    before = (await ward.http.get(f"/api/cases/{case}/documents/record/history", headers=headers)).json()
    await ward.http.post(path, json={"seq": 3, "name": "x"}, headers=headers)
    assert (await ward.http.get(f"/api/cases/{case}/documents/record/history", headers=headers)).json() == before
