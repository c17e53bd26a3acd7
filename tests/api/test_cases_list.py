"""GET /api/cases."""

from __future__ import annotations

import pytest

from storage.ports import CredentialKind
from tests.api.conftest import Ward
from workspace.case import CaseState, Role, Standing
from workspace.ids import DocumentId, DocumentName, Seq
from workspace.record import Head, Projection

RECORD = DocumentName("record")


async def test_a_person_sees_their_cases_newest_change_first(ward: Ward) -> None:
    """[API-3]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    first = await ward.case(ada)
    ward.clock.advance(1)
    second = await ward.case(ben, {Role.OBSERVER: ada})
    await ward.case(ben)
    cases = (await ward.http.get("/api/cases", headers=await ward.as_(ada))).json()["cases"]
    assert [(case["id"], case["role"]) for case in cases] == [(second, "observer"), (first, "lead")]
    assert set(cases[0]) == {
        *("id", "title", "state", "created_at", "role", "changed_at", "changed_by", "leads", "line", "question"),
        *("age_band", "sex", "next", "is_mentioned", "here"),
    }


async def test_a_moderator_sees_every_case_and_an_admin_none(ward: Ward) -> None:
    """[PER-2]"""
    case = await ward.case(await ward.person("ada"))
    moderator = await ward.as_(await ward.person("ida", standing=Standing.MODERATOR))
    admin = await ward.as_(await ward.person("root", standing=Standing.ADMIN))
    listed = (await ward.http.get("/api/cases", headers=moderator)).json()["cases"]
    assert [(item["id"], item["role"]) for item in listed] == [(case, "moderator")]
    assert (await ward.http.get("/api/cases", headers=admin)).json() == {
        "cases": [],
        "after": None,
        "totals": {"mine": 0, "act": 0, "all": 0},
        "leads": [],
    }


async def test_strangers_see_nothing(ward: Ward) -> None:
    """[API-3]"""
    assert (await ward.http.get("/api/cases")).status_code == 401


async def test_a_line_says_what_is_to_be_done_and_by_whom(ward: Ward) -> None:
    """[LST-5] [LST-6]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    head = Head("30-39", "female", "Which drug?", "Fever", "Biopsy", ben.id, "2026-11-30")
    document = DocumentId(case, RECORD)
    await ward.write(document, ben, ["x"])
    await ward.stores.projections.keep(document, Seq(1), Projection(head, {}, (ada.id,)), ward.clock())
    (line,) = (await ward.http.get("/api/cases?tab=mine", headers=await ward.as_(ada))).json()["cases"]
    assert line["next"] == {
        "action": "Biopsy",
        "owner": {"id": ben.id, "name": "Ben"},
        "due": "2026-11-30",
        "is_mine": False,
    }
    assert (line["line"], line["question"], line["age_band"], line["sex"]) == (
        "Fever",
        "Which drug?",
        "30-39",
        "female",
    )
    assert line["changed_by"] == {"id": ben.id, "name": "Ben"}
    assert line["leads"] == [{"id": ada.id, "name": "Ada"}]
    assert line["is_mentioned"] is True
    mine = (await ward.http.get("/api/cases?tab=act", headers=await ward.as_(ben))).json()
    assert [each["next"]["is_mine"] for each in mine["cases"]] == [True]
    assert mine["totals"] == {"mine": 1, "act": 1, "all": 1}
    assert (await ward.http.get("/api/cases?tab=act", headers=await ward.as_(ada))).json()["cases"] == []


@pytest.mark.parametrize("order", ["changed", "created", "title", "due"])
async def test_pages_follow_each_other_and_say_nothing_of_any_case_in_an_address(ward: Ward, order: str) -> None:
    """[LST-5] [ERR-2] Whatever the order: what a page ended with is no title."""
    ada = await ward.person("ada")
    cases = []
    for _ in range(5):
        ward.clock.advance(1)
        cases.append(await ward.case(ada))
    headers = await ward.as_(ada)
    seen: list[str] = []
    after: str | None = ""
    pages = 0
    while after is not None:
        page = (await ward.http.get(f"/api/cases?limit=2&order={order}{after}", headers=headers)).json()
        seen += [case["id"] for case in page["cases"]]
        assert (page["totals"] is None) == bool(after)
        assert "case" not in (page["after"] or "").partition(".")[0]
        after, pages = None if page["after"] is None else f"&after={page['after']}", pages + 1
    assert (sorted(seen), pages) == (sorted(cases), 3)
    if order in ("changed", "created"):
        assert seen == cases[::-1]


async def test_filters_are_words(ward: Ward) -> None:
    """[LST-5]"""
    ada = await ward.person("ada")
    first = await ward.case(ada, state=CaseState.CONCLUDED)
    ward.clock.advance(10)
    second = await ward.case(ada)
    headers = await ward.as_(ada)
    for query, found in (
        ("state=concluded", [first]),
        ("state=draft,open", [second]),
        ("role=lead", [second, first]),
        ("role=observer", []),
        (f"lead={ada.id}", [second, first]),
        (f"since={ward.clock() - 5000}", [second]),
    ):
        listed = (await ward.http.get(f"/api/cases?{query}", headers=headers)).json()["cases"]
        assert [case["id"] for case in listed] == found, query


@pytest.mark.parametrize(
    "query",
    [
        *("tab=other", "state=", "state=gone", "state=open,", "role=moderator", "lead=me", "since=yesterday"),
        *("order=size", "limit=0", "limit=101", "after=x", "after=.short", f"order=changed&after=.{'a' * 16}"),
        "q=fever",
    ],
)
async def test_any_other_word_is_refused(ward: Ward, query: str) -> None:
    """[API-2] Without being repeated."""
    headers = await ward.as_(await ward.person("ada"))
    answer = await ward.http.get(f"/api/cases?{query}", headers=headers)
    assert answer.status_code == 400
    assert "fever" not in answer.text


async def test_a_place_among_titles_is_no_way_to_a_foreign_case(ward: Ward) -> None:
    """[PER-1] Where a title stands in the alphabet would tell something of it."""
    case = await ward.case(await ward.person("ada"))
    headers = await ward.as_(await ward.person("eve"))
    answer = await ward.http.get(f"/api/cases?order=title&after=.{case}", headers=headers)
    absent = await ward.http.get(f"/api/cases?order=title&after=.{'a' * 16}", headers=headers)
    assert (answer.status_code, answer.json()) == (400, absent.json())


async def test_a_cookie_reads_it(ward: Ward) -> None:
    """[AUT-2]"""
    ada = await ward.person("ada")
    session = await ward.credential(ada, CredentialKind.SESSION)
    answer = await ward.http.get("/api/cases", headers={"Cookie": f"consilium_session={session}"})
    assert answer.status_code == 200
