"""GET /api/cases/{case}/documents/{document}/history and …/as-of/{seq}."""

from __future__ import annotations

import pytest
from pycrdt import Doc, Text

from tests.api.conftest import NOW, Ward
from workspace.case import Role
from workspace.ids import DocumentId, DocumentName, Seq
from workspace.session import colour_of


def text_of(update: bytes) -> str:
    doc: Doc[Text] = Doc()
    doc.apply_update(update)
    return str(doc.get("t", type=Text))


async def test_it_says_who_wrote_what_and_when(ward: Ward) -> None:
    """[API-6]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    record = DocumentId(case, DocumentName("record"))
    first = await ward.write(record, ada, ["one "])
    ward.clock.advance(5)
    path = f"/api/cases/{case}/documents/record/history"
    answer = (await ward.http.get(path, headers=await ward.as_(ben))).json()
    author = {"id": ada.id, "name": "Ada", "color": colour_of(ada.id)}
    assert answer == {
        "head": 1,
        "entries": [{"seq": 1, "author": author, "at": NOW, "bytes": len(first[0].update)}],
    }


async def test_it_comes_in_pages(ward: Ward) -> None:
    """[API-6]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    await ward.write(DocumentId(case, DocumentName("record")), ada, list("abcdefg"))
    headers, path = await ward.as_(ada), f"/api/cases/{case}/documents/record/history"
    for query, seqs in (("?limit=3", [1, 2, 3]), ("?after=3&limit=3", [4, 5, 6]), ("?after=6", [7]), ("?after=7", [])):
        answer = (await ward.http.get(path + query, headers=headers)).json()
        assert (answer["head"], [entry["seq"] for entry in answer["entries"]]) == (7, seqs)


async def test_a_former_member_keeps_their_name(ward: Ward) -> None:
    """[API-6] [HIS-1]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    await ward.write(DocumentId(case, DocumentName("record")), ben, ["x"])
    await ward.stores.cases.set_member(case, ben.id, None, ward.clock())
    path = f"/api/cases/{case}/documents/record/history"
    answer = (await ward.http.get(path, headers=await ward.as_(ada))).json()
    assert answer["entries"][0]["author"] == {"id": ben.id, "name": "Ben", "color": colour_of(ben.id)}


async def test_a_document_that_nobody_has_opened_has_an_empty_history(ward: Ward) -> None:
    """[API-6]"""
    ada = await ward.person("ada")
    case, headers = await ward.case(ada), await ward.as_(ada)
    for name in ("record", "discussion", f"opinion.{ada.id}"):
        answer = await ward.http.get(f"/api/cases/{case}/documents/{name}/history", headers=headers)
        assert answer.json() == {"head": 0, "entries": []}
        update = await ward.http.get(f"/api/cases/{case}/documents/{name}/as-of/0", headers=headers)
        assert update.content == b"\x00\x00"


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "after=-1", "after=", "after=١", "after=1e3"])
async def test_a_page_is_named_by_whole_numbers(ward: Ward, query: str) -> None:
    """[API-2]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    path = f"/api/cases/{case}/documents/record/history?{query}"
    assert (await ward.http.get(path, headers=await ward.as_(ada))).status_code == 400


@pytest.mark.parametrize("name", ["notes", "record~1", "record~3", "opinion." + "z" * 16, "opinion", "record.x"])
async def test_a_name_that_is_no_document_here_is_not_found(ward: Ward, name: str) -> None:
    """[PER-1]"""
    ada = await ward.person("ada")
    case, headers = await ward.case(ada), await ward.as_(ada)
    for path in ("history", "as-of/0"):
        answer = await ward.http.get(f"/api/cases/{case}/documents/{name}/{path}", headers=headers)
        assert answer.status_code == 404


async def test_a_document_can_be_read_as_of_any_seq(ward: Ward) -> None:
    """[API-7]"""
    ada = await ward.person("ada")
    case, headers = await ward.case(ada), await ward.as_(ada)
    words = [f"w{number} " for number in range(12)]
    await ward.write(DocumentId(case, DocumentName("record")), ada, words)
    for seq in (0, 1, 5, 12):
        answer = await ward.http.get(f"/api/cases/{case}/documents/record/as-of/{seq}", headers=headers)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert text_of(answer.content) == "".join(words[:seq])
    beyond = await ward.http.get(f"/api/cases/{case}/documents/record/as-of/13", headers=headers)
    assert beyond.status_code == 404


async def test_a_long_history_is_folded_page_by_page(ward: Ward) -> None:
    """[API-7]"""
    ada = await ward.person("ada")
    case, headers = await ward.case(ada), await ward.as_(ada)
    await ward.write(DocumentId(case, DocumentName("record")), ada, ["x"] * 2_345)
    answer = await ward.http.get(f"/api/cases/{case}/documents/record/as-of/2222", headers=headers)
    assert text_of(answer.content) == "x" * 2_222


async def test_a_superseded_document_says_where_it_went(ward: Ward) -> None:
    """[API-8]"""
    ada = await ward.person("ada")
    case, headers = await ward.case(ada), await ward.as_(ada)
    record = DocumentId(case, DocumentName("record"))
    await ward.write(record, ada, ["a"])
    await ward.stores.journal.supersede(record, None, ada.id, ward.clock())
    for path in ("history", "as-of/1"):
        answer = await ward.http.get(f"/api/cases/{case}/documents/record/{path}", headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (409, "superseded")
        assert answer.json()["successor"] == f"{case}/record~2"
    answer = await ward.http.get(f"/api/cases/{case}/documents/record~2/history", headers=headers)
    assert answer.json()["head"] == Seq(0)
