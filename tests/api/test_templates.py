"""/api/templates, and what a case that starts with one holds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from server.templates import delivered
from tests.api.conftest import Ward
from workspace.case import Person, Standing
from workspace.ids import DocumentId, DocumentName
from workspace.record import SECTIONS, project

FIVE = {"consult", "tumour-board", "dermatology", "radiology", "second-opinion"}


def said(words: str) -> JsonValue:
    """A section of one paragraph."""
    return {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": words}]}]}


OWN = {"language": "en", "name": "Ours", "about": "For us", "sections": {"plan": said("Ask first")}}


@pytest.fixture
async def moderator(ward: Ward) -> Person:
    return await ward.person("ida", standing=Standing.MODERATOR)


async def names(ward: Ward, headers: Mapping[str, str]) -> dict[str, str]:
    listed = (await ward.http.get("/api/templates", headers=headers)).json()["templates"]
    return {each["id"]: each["name"] for each in listed}


async def plan_of(ward: Ward, person: Person, template: str) -> str:
    """What the plan of a new case that starts with a template says."""
    body = {"title": "A rash", "template": template}
    answer = await ward.http.post("/api/cases", json=body, headers=await ward.as_(person))
    assert answer.status_code == 201, answer.text
    case = answer.json()["case"]["id"]
    stored = await ward.stores.journal.open(DocumentId(case, DocumentName("record")))
    assert [entry.author for entry in stored.entries] == [person.id]
    return project(stored.entries[0].update).texts.get("plan", "")


@pytest.mark.parametrize("language", ["en", "es"])
def test_five_are_delivered_in_each_language(language: str) -> None:
    """[LST-10] Each says something in every section, under names of its language."""
    offers = {key: offer for key, offer in delivered().items() if offer.kept.language == language}
    assert set(offers) == {f"{key}-{language}" for key in FIVE}
    for offer in offers.values():
        assert tuple(offer.sections) == SECTIONS
    assert len({offer.kept.name for offer in delivered().values()}) > len(FIVE)


async def test_a_case_starts_with_a_template_or_blank(ward: Ward) -> None:
    """[LST-10] [JRN-11] Seeded once, by the creator, in the transaction that creates the case."""
    ada = await ward.person("ada")
    assert "What, who, by when" in await plan_of(ward, ada, "consult-en")
    assert "Qué, quién, para cuándo" in await plan_of(ward, ada, "consult-es")
    blank = (await ward.http.post("/api/cases", json={"title": "x"}, headers=await ward.as_(ada))).json()
    assert await ward.stores.cases.documents(blank["case"]["id"]) == {}
    draft = await ward.http.post("/api/cases", json={"title": "x", "draft": True}, headers=await ward.as_(ada))
    assert draft.json()["case"]["state"] == "draft"


@pytest.mark.parametrize("template", ["none-en", "", "x" * 10_000, "../consult-en"])
async def test_a_template_that_is_not_there_makes_no_case(ward: Ward, template: str) -> None:
    """[LST-10]"""
    headers = await ward.as_(await ward.person("ada"))
    answer = await ward.http.post("/api/cases", json={"title": "x", "template": template}, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (400, "template: there is no such template to choose")
    assert (await ward.http.get("/api/cases", headers=headers)).json()["cases"] == []


async def test_anybody_reads_them(ward: Ward) -> None:
    """[LST-10] With the content for a preview."""
    headers = await ward.as_(await ward.person("ada"))
    assert len(await names(ward, headers)) == 10
    shown = (await ward.http.get("/api/templates/radiology-es", headers=headers)).json()
    assert (shown["name"], shown["language"], shown["version"]) == ("Radiología", "es", 0)
    assert shown["sections"]["plan"]["type"] == "doc"
    assert (await ward.http.get("/api/templates/nothing", headers=headers)).status_code == 404
    assert (await ward.http.get("/api/templates")).status_code == 401


async def test_a_moderator_adds_changes_and_resets(ward: Ward, moderator: Person) -> None:
    """[LST-11] A case that started with the old one stays as it is."""
    ada = await ward.person("ada")
    headers = await ward.as_(moderator)
    old_plan = await plan_of(ward, ada, "consult-en")
    body = {"name": "Our consult", "about": "x", "sections": {"plan": said("Call us")}, "version": 0}
    changed = await ward.http.put("/api/templates/consult-en", json=body, headers=headers)
    assert (changed.status_code, changed.json()["version"], changed.json()["is_delivered"]) == (200, 1, True)
    assert await plan_of(ward, ada, "consult-en") == "Call us"
    cases = (await ward.http.get("/api/cases?order=created", headers=await ward.as_(ada))).json()["cases"]
    first = await ward.stores.journal.open(DocumentId(cases[-1]["id"], DocumentName("record")))
    assert project(first.entries[0].update).texts["plan"] in (old_plan, "Call us")
    assert len(first.entries) == 1
    again = await ward.http.post("/api/templates/consult-en/reset", headers=headers)
    assert (again.json()["name"], again.json()["version"]) == ("General consult", 0)
    assert await plan_of(ward, ada, "consult-en") == old_plan
    added = await ward.http.post("/api/templates", json=OWN, headers=headers)
    assert added.status_code == 201
    key = added.json()["id"]
    assert added.headers["Location"] == f"/api/templates/{key}"
    assert await plan_of(ward, ada, key) == "Ask first"
    assert (await ward.http.post(f"/api/templates/{key}/reset", headers=headers)).status_code == 409


async def test_what_is_retired_is_not_offered_until_it_is_restored(ward: Ward, moderator: Person) -> None:
    """[LST-11]"""
    ada, headers = await ward.person("ada"), await ward.as_(moderator)
    anybody = await ward.as_(ada)
    path = "/api/templates/consult-en"
    answer = await ward.http.put(f"{path}/retired", json={"retired": True, "version": 0}, headers=headers)
    assert answer.json()["is_retired"] is True
    assert "consult-en" not in await names(ward, anybody)
    assert "consult-en" in await names(ward, headers)
    assert (await ward.http.get(path, headers=anybody)).status_code == 404
    refused = await ward.http.post("/api/cases", json={"title": "x", "template": "consult-en"}, headers=anybody)
    assert refused.status_code == 400
    await ward.http.put(f"{path}/retired", json={"retired": False, "version": 1}, headers=headers)
    assert "What, who" in await plan_of(ward, ada, "consult-en")


async def test_of_two_who_change_the_same_version_the_second_is_told(ward: Ward, moderator: Person) -> None:
    """[LST-11]"""
    headers = await ward.as_(moderator)
    body = {"name": "Mine", "about": "x", "sections": {}, "version": 0}
    assert (await ward.http.put("/api/templates/consult-en", json=body, headers=headers)).status_code == 200
    late = await ward.http.put("/api/templates/consult-en", json={**body, "name": "Late"}, headers=headers)
    assert (late.status_code, late.json()["reason"]) == (409, "conflict")
    assert (await names(ward, headers))["consult-en"] == "Mine"


@pytest.mark.parametrize("standing", [Standing.CLINICIAN, Standing.ADMIN])
async def test_nobody_else_changes_any(ward: Ward, standing: Standing) -> None:
    """[LST-11]"""
    headers = await ward.as_(await ward.person("eve", standing=standing))
    change = {"name": "x", "about": "x", "sections": {}, "version": 0}
    for method, path, body in (
        ("POST", "", OWN),
        ("PUT", "/consult-en", change),
        ("PUT", "/consult-en/retired", {"retired": True, "version": 0}),
        ("POST", "/consult-en/reset", {}),
    ):
        answer = await ward.http.request(method, f"/api/templates{path}", json=body, headers=headers)
        assert answer.status_code == 403, path
    assert len(await names(ward, headers)) == 10


@pytest.mark.parametrize(
    "change",
    [
        {"sections": {"notes": said("x")}},
        {"sections": {"plan": {"type": "doc", "content": [{"type": "image", "attrs": {"src": "x"}}]}}},
        {"sections": {"plan": "text"}},
        {"sections": []},
        {"name": ""},
        {"name": "two\nlines"},
        {"about": "x" * 201},
        {"language": "English"},
        {"language": "../en"},
        {"more": 1},
    ],
)
async def test_what_no_record_can_hold_is_refused(ward: Ward, moderator: Person, change: dict[str, object]) -> None:
    """[LST-10] [API-2]"""
    headers = await ward.as_(moderator)
    answer = await ward.http.post("/api/templates", json={**OWN, **change}, headers=headers)
    assert answer.status_code == 400
    assert len(await names(ward, headers)) == 10
