"""GET /api/cases/{case}/documents/{document}/authors."""

from __future__ import annotations

import asyncio

import pytest
from pycrdt import Doc, Text

from server import authors
from tests.api.conftest import NOW, Ward
from workspace.case import Person, Role
from workspace.entries import Append
from workspace.ids import CaseId, ClientId, DocumentId, DocumentName, OpId, UpdateBytes
from workspace.update import encode_ranges


async def asked(ward: Ward, who: Person, case: CaseId, query: str = "") -> dict[str, object]:
    answer = await ward.http.get(f"/api/cases/{case}/documents/record/authors{query}", headers=await ward.as_(who))
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


async def journal(ward: Ward, document: DocumentId, who: Person, update: bytes, *clients: int) -> None:
    await ward.stores.journal.open(document)
    [answer] = await ward.stores.journal.append(
        [
            Append(
                OpId(ward.entropy(16)),
                document,
                UpdateBytes(update),
                who.id,
                frozenset(map(ClientId, clients)),
                ward.clock(),
            )
        ]
    )
    assert not hasattr(answer, "error"), answer


def brief(page: dict[str, object]) -> list[tuple[int, int, int, str]]:
    runs = page["runs"]
    assert isinstance(runs, list)
    return [(run["client"], run["start"], run["end"], run["author"]["name"]) for run in runs]


async def test_what_was_typed_offline_belongs_to_who_typed_it(ward: Ward) -> None:
    """[HIS-4] Ada types, Ben deletes and types on a device that was offline; Cleo's client re-sends all she knows."""
    ada, ben, cleo = [await ward.person(name) for name in ("ada", "ben", "cleo")]
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    record = DocumentId(case, DocumentName("record"))
    hers: Doc[Text] = Doc(client_id=11)
    hers.get("t", type=Text).insert(0, "no fever")
    await journal(ward, record, ada, hers.get_update(), 11)
    his: Doc[Text] = Doc(client_id=12)
    his.apply_update(hers.get_update())
    text = his.get("t", type=Text)
    before = his.get_state()
    del text[0:3]
    text.insert(len(str(text)), " since noon")
    ward.clock.advance(3_600)
    await journal(ward, record, ben, his.get_update(before), 12)
    await journal(ward, record, cleo, his.get_update())  # everything again: nothing in it is hers
    page = await asked(ward, ada, case)
    assert brief(page) == [(11, 0, 8, "Ada"), (12, 0, 11, "Ben")]
    assert (page["reached"], page["head"], page["next"]) == (3, 3, None)
    runs = page["runs"]
    assert isinstance(runs, list)
    assert [(run["first"], run["last"], run["since"], run["until"]) for run in runs] == [
        (1, 1, NOW, NOW),
        (2, 2, NOW + 3_600_000, NOW + 3_600_000),
    ]
    assert brief(await asked(ward, ada, case, "?what=deleted")) == [(11, 0, 3, "Ben")]


async def test_a_passage_is_asked_for_by_its_clocks(ward: Ward) -> None:
    """[HIS-4] Parts that nobody wrote are left out; a reader may ask; who has left is named."""
    ada, ben, eve = [await ward.person(name) for name in ("ada", "ben", "eve")]
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben, Role.OBSERVER: eve})
    record = DocumentId(case, DocumentName("record"))
    for client, who in ((21, ada), (22, ben)):
        doc: Doc[Text] = Doc(client_id=client)
        doc.get("t", type=Text).insert(0, "0123456789")
        await journal(ward, record, who, doc.get_update(), client)
    await ward.stores.cases.set_member(case, ben.id, None, ward.clock())
    assert brief(await asked(ward, eve, case, "?of=22.3.5,21.8.99,23.0.9")) == [(21, 8, 10, "Ada"), (22, 3, 5, "Ben")]
    assert brief(await asked(ward, eve, case, "?of=")) == []


async def test_it_comes_in_pages(ward: Ward) -> None:
    """[HIS-4] Every run once, in order of client and clock."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    record = DocumentId(case, DocumentName("record"))
    for start, who in enumerate((ada, ben) * 4):
        spans = {ClientId(client): [(start * 10, start * 10 + 10)] for client in (5, 6)}
        await journal(ward, record, who, b"\x00" + encode_ranges(spans))
    whole = brief(await asked(ward, ada, case, "?what=deleted"))
    assert len(whole) == 16
    found: list[tuple[int, int, int, str]] = []
    after = ""
    while True:
        page = await asked(ward, ada, case, f"?what=deleted&limit=3{after}")
        found += brief(page)
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == whole


async def test_a_long_history_is_read_in_steps(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """[HIS-4] [HIS-5] Each answer says how far it has come; what is written meanwhile is learnt too."""
    monkeypatch.setattr(authors, "STEP", 40)  # a bound, made small
    ada = await ward.person("ada")
    case = await ward.case(ada)
    record = DocumentId(case, DocumentName("record"))
    await ward.write(record, ada, ["x"] * 100)
    reached = [(await asked(ward, ada, case))["reached"] for _ in range(4)]
    assert reached == [40, 80, 100, 100]
    await ward.write(record, ada, ["y"])
    page = await asked(ward, ada, case)
    assert (page["reached"], page["head"]) == (101, 101)
    [run] = brief(page)
    assert run[1:] == (0, 101, "Ada")


async def test_many_who_ask_at_once_get_the_same(ward: Ward) -> None:
    """[HIS-5] One of them reads the journal; those who went away while it was read have broken nothing."""
    ada = await ward.person("ada")
    case, headers = await ward.case(ada), await ward.as_(ada)
    record = DocumentId(case, DocumentName("record"))
    await ward.write(record, ada, ["x"] * 2_500)
    path = f"/api/cases/{case}/documents/record/authors"
    gone = [asyncio.create_task(ward.http.get(path, headers=headers)) for _ in range(3)]
    for turns, task in enumerate(gone):
        for _ in range(5 * turns + 3):
            await asyncio.sleep(0)
        task.cancel()
    answers = await asyncio.gather(*[ward.http.get(path, headers=headers) for _ in range(5)])
    assert {answer.text for answer in answers} == {answers[0].text}
    assert brief(answers[0].json())[0][1:3] == (0, 2_500)
    await asyncio.gather(*gone, return_exceptions=True)


@pytest.mark.parametrize(
    "query",
    [
        "of=1.2",
        "of=1.5.5",
        "of=1.9.3",
        "of=1.0.99999999999",
        "of=99999999999999999.0.1",
        "of=-1.0.1",
        "of=" + ",".join(["1.0.1"] * 201),
        "of=" + "1" * 10_001,
        "of=٣.0.1",
        "after=7",
        "after=x.y",
        "what=read",
        "limit=0",
        "limit=5001",
        "of=1.0.1&of=2.0.1",
        "client=1",
    ],
)
async def test_what_cannot_be_meant_is_refused(ward: Ward, query: str) -> None:
    """[API-2] Tried: halves of spans, empty and backward ones, numbers too large, too many, other digits."""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    answer = await ward.http.get(f"/api/cases/{case}/documents/record/authors?{query}", headers=await ward.as_(ada))
    assert answer.status_code == 400


async def test_a_document_that_nobody_has_opened_has_no_authors(ward: Ward) -> None:
    """[HIS-4]"""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    assert await asked(ward, ada, case) == {"reached": 0, "head": 0, "runs": [], "next": None}
