"""GET /api/cases/{case}/documents/{document}/sittings."""

from __future__ import annotations

import pytest

from tests.api.conftest import NOW, Ward
from workspace.case import Role
from workspace.ids import DocumentId, DocumentName
from workspace.session import colour_of


async def test_it_tells_who_sat_down_to_write_and_when(ward: Ward) -> None:
    """[HIS-1] [HIS-2] Also those who have left the case."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    record = DocumentId(case, DocumentName("record"))
    first = await ward.write(record, ada, ["a", "b", "c"])
    ward.clock.advance(5)
    await ward.write(record, ben, ["d"])
    await ward.stores.cases.set_member(case, ben.id, None, ward.clock())
    answer = await ward.http.get(f"/api/cases/{case}/documents/record/sittings", headers=await ward.as_(ada))
    assert answer.json()["head"] == 4
    assert answer.json()["next"] is None
    assert answer.json()["sittings"][0] == {
        "first": 1,
        "last": 3,
        "begun": NOW,
        "ended": NOW,
        "bytes": sum(len(each.update) for each in first),
        "authors": [{"author": {"id": ada.id, "name": "Ada", "color": colour_of(ada.id)}, "edits": 3}],
    }
    assert answer.json()["sittings"][1]["authors"] == [
        {"author": {"id": ben.id, "name": "Ben", "color": colour_of(ben.id)}, "edits": 1}
    ]


async def test_it_comes_in_pages_and_grows(ward: Ward) -> None:
    """[HIS-2] What is new later is told too: nothing stale is remembered."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    record, headers = DocumentId(case, DocumentName("record")), await ward.as_(ada)
    path = f"/api/cases/{case}/documents/record/sittings"
    for number in range(6):
        await ward.write(record, (ada, ben)[number % 2], ["x", "y"])
        ward.clock.advance(120)
    first = (await ward.http.get(f"{path}?limit=4", headers=headers)).json()
    assert ([each["first"] for each in first["sittings"]], first["next"]) == ([1, 3, 5, 7], 8)
    rest = (await ward.http.get(f"{path}?limit=4&after=8", headers=headers)).json()
    assert ([each["first"] for each in rest["sittings"]], rest["next"]) == ([9, 11], None)
    await ward.write(record, ada, ["z"])
    more = (await ward.http.get(f"{path}?after=12", headers=headers)).json()
    assert (more["head"], [(each["first"], each["last"]) for each in more["sittings"]]) == (13, [(13, 13)])


async def test_a_long_history_is_a_few_steps(ward: Ward) -> None:
    """[HIS-2] 3,000 edits of two who type at once are sittings by time and size, not a sitting for each letter."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    record = DocumentId(case, DocumentName("record"))
    for number in range(1_500):
        await ward.write(record, (ada, ben)[number % 2], ["x", "y"])
        ward.clock.advance(1)
    answer = (await ward.http.get(f"/api/cases/{case}/documents/record/sittings", headers=await ward.as_(ada))).json()
    assert len(answer["sittings"]) == 2
    assert answer["sittings"][-1]["last"] == answer["head"] == 3_000


async def test_a_document_that_nobody_has_opened_has_none(ward: Ward) -> None:
    """[HIS-2]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    answer = await ward.http.get(f"/api/cases/{case}/documents/record/sittings", headers=await ward.as_(ada))
    assert answer.json() == {"head": 0, "sittings": [], "next": None}


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "after=-1", "after=x", "until=3"])
async def test_a_page_is_named_by_whole_numbers(ward: Ward, query: str) -> None:
    """[API-2]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    path = f"/api/cases/{case}/documents/record/sittings?{query}"
    assert (await ward.http.get(path, headers=await ward.as_(ada))).status_code == 400


async def test_a_strangers_question_is_not_found(ward: Ward) -> None:
    """[PER-1] For each of the ways into the history."""
    ada, eve = await ward.person("ada"), await ward.person("eve")
    case = await ward.case(ada)
    await ward.write(DocumentId(case, DocumentName("record")), ada, ["secret"])
    headers = await ward.as_(eve)
    for path in ("history", "sittings", "updates", "authors", "versions", "seen", "as-of/1"):
        answer = await ward.http.get(f"/api/cases/{case}/documents/record/{path}", headers=headers)
        assert (answer.status_code, "secret" in answer.text) == (404, False)
