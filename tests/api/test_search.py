"""POST /api/search."""

from __future__ import annotations

import io

import pytest

from server.logs import configure
from tests.api.conftest import Ward
from workspace.case import CaseState, Role, Standing
from workspace.ids import CaseId, DocumentId, DocumentName, Seq
from workspace.record import Head, Projection
from workspace.searching import index_text


async def write(ward: Ward, case: CaseId, head: Head | None = None, **texts: str) -> None:
    """What was read of a record."""
    said = Projection(head or Head(), texts, (), index_text("\n".join(texts.values())))
    await ward.stores.projections.keep(DocumentId(case, DocumentName("record")), Seq(1), said, ward.clock())


async def test_it_says_where_and_shows_the_passage_as_it_was_written(ward: Ward) -> None:
    """[LST-8] Accents and case do not matter; markup stays what it is, text."""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    await write(ward, case, Head(line="Naïve"), plan="Give <b>Naïve</b> T cells", history="none")
    answer = await ward.http.post("/api/search", json={"question": "NAIVE"}, headers=await ward.as_(ada))
    (hit,) = answer.json()["hits"]
    assert hit["case"]["id"] == case
    assert [place["where"] for place in hit["found"]] == ["line", "plan"]
    assert hit["found"][1]["pieces"] == [
        {"text": "Give <b>", "is_hit": False},
        {"text": "Naïve", "is_hit": True},
        {"text": "</b> T cells", "is_hit": False},
    ]
    assert answer.json()["is_last"] is True


async def test_nobody_finds_what_they_may_not_read(ward: Ward) -> None:
    """[LST-9] A stranger and an admin nothing; members and moderators what is there."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    await write(ward, case, plan="vasculitis")
    people = {
        ada: 1,
        ben: 1,
        await ward.person("ida", standing=Standing.MODERATOR): 1,
        await ward.person("eve"): 0,
        await ward.person("root", standing=Standing.ADMIN): 0,
    }
    for person, count in people.items():
        for question in ("vasculitis", "case"):
            answer = await ward.http.post("/api/search", json={"question": question}, headers=await ward.as_(person))
            assert len(answer.json()["hits"]) == count, person.name
    assert (await ward.http.post("/api/search", json={"question": "case"})).status_code == 401


QUESTIONS = ['foo"bar', "AND OR", "-x", "*", "NEAR(a b)", "a:b", "^a", "{a}", "😀", "'", "\\", "\x00", "x" * 10_000]
QUESTIONS += ['"' * 500, "(" * 500, "", " ", "発", "\u0301", "a " * 2_000, '"unbalanced', "title:a", "col1 : b", "%_"]


@pytest.mark.parametrize("question", QUESTIONS)
async def test_no_question_is_an_error(ward: Ward, question: str) -> None:
    """[LST-8] Operators, quotes, emoji, marks alone, 10 kB; on SQLite see tests/property/test_searching.py."""
    headers = await ward.as_(await ward.person("ada"))
    answer = await ward.http.post("/api/search", json={"question": question}, headers=headers)
    assert (answer.status_code, answer.json()["hits"]) == (200, [])


async def test_states_and_pages(ward: Ward) -> None:
    """[LST-8] Twenty to a page."""
    ada = await ward.person("ada")
    headers = await ward.as_(ada)
    for _ in range(21):
        await ward.case(ada)
    await ward.case(ada, state=CaseState.CONCLUDED)
    body: dict[str, object] = {"question": "case", "states": ["open"]}
    first = (await ward.http.post("/api/search", json=body, headers=headers)).json()
    second = (await ward.http.post("/api/search", json={**body, "page": 1}, headers=headers)).json()
    assert (len(first["hits"]), first["is_last"]) == (20, False)
    assert (len(second["hits"]), second["is_last"]) == (1, True)
    assert {hit["case"]["id"] for hit in first["hits"]}.isdisjoint(hit["case"]["id"] for hit in second["hits"])


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"question": 7}, {"question": "a", "page": -1}, {"question": "a", "page": 10}, {"question": "a", "x": 1}),
        *({"question": "a", "states": ["purged"]}, {"question": "a", "states": "open"}),
    ],
)
async def test_any_other_body_is_refused(ward: Ward, body: object) -> None:
    """[API-2]"""
    answer = await ward.http.post("/api/search", json=body, headers=await ward.as_(await ward.person("ada")))
    assert answer.status_code == 400


async def test_what_is_asked_reaches_no_log(ward: Ward, log: io.StringIO) -> None:
    """[ERR-2] [LOG-1] Neither the question nor what was found."""
    configure(ward.settings, log)
    ada = await ward.person("ada")
    await write(ward, await ward.case(ada), plan="vasculitis of unknown origin")
    await ward.http.post("/api/search", json={"question": "vasculitis"}, headers=await ward.as_(ada))
    assert "/api/search" in log.getvalue()
    assert "vasculitis" not in log.getvalue()
