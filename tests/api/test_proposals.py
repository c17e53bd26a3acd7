"""GET and POST /api/cases/{case}/proposals, PUT …/{proposal}/outcome, DELETE …/{proposal}."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import pytest

from server.logs import configure
from storage.ports.proposals import MOST_WAITING_OF_PERSON
from tests.api.conftest import NOW, Ward
from workspace.case import CaseState, Person, Role, Standing
from workspace.ids import CaseId
from workspace.session import colour_of

SECRET = "Stop the heparin before the puncture"
WRITING: Mapping[str, Any] = {
    "sections": [
        {
            "section": "plan",
            "blocks": [
                {
                    "kind": "bullet",
                    "runs": [
                        {"text": "Stood there. ", "own": False, "bold": False, "italic": False},
                        {"text": SECRET, "own": True, "bold": True, "italic": False},
                    ],
                }
            ],
        }
    ],
    "head": [{"field": "question", "value": "Who tells her?"}],
}
ASKED: Mapping[str, Any] = {"draft": "4711:0-36 4712:3-9", "reason": "concluded", "writing": WRITING}
NOTHING: Mapping[str, Any] = {"sections": [], "head": []}


def words(text: str, *, own: bool = True, section: str = "plan") -> dict[str, Any]:
    """One paragraph."""
    run = {"text": text, "own": own, "bold": False, "italic": False}
    return {"sections": [{"section": section, "blocks": [{"kind": "paragraph", "runs": [run]}]}], "head": []}


class Scene:
    """A case with somebody of every kind, each with headers of their own."""

    def __init__(self, ward: Ward, case: CaseId, people: Mapping[str, Person], headers: Mapping[str, Any]) -> None:
        self.ward, self.case, self.people, self.headers = ward, case, people, headers
        self.path = f"/api/cases/{case}/proposals"

    async def ask(self, who: str = "observer", **change: object) -> Any:
        return await self.ward.http.post(self.path, json={**ASKED, **change}, headers=self.headers[who])

    async def listed(self, who: str) -> Any:
        answer = await self.ward.http.get(self.path, headers=self.headers[who])
        assert answer.status_code == 200
        return answer.json()

    async def decide(self, who: str, proposal: str, outcome: str, **more: object) -> Any:
        body = {"outcome": outcome, **more}
        return await self.ward.http.put(f"{self.path}/{proposal}/outcome", json=body, headers=self.headers[who])

    async def put_away(self, who: str, proposal: str) -> int:
        answer = await self.ward.http.delete(f"{self.path}/{proposal}", headers=self.headers[who])
        return answer.status_code


@pytest.fixture
async def scene(ward: Ward) -> Scene:
    names = ("lead", "contributor", "consultant", "observer", "stranger")
    people = {name: await ward.person(name) for name in names}
    people["moderator"] = await ward.person("moderator", standing=Standing.MODERATOR)
    members = {Role(name): people[name] for name in ("contributor", "consultant", "observer")}
    case = await ward.case(people["lead"], members)
    return Scene(ward, case, people, {name: await ward.as_(person) for name, person in people.items()})


@pytest.mark.parametrize("who", ["observer", "consultant", "contributor", "lead", "moderator"])
async def test_whoever_may_read_asks_for_their_words(scene: Scene, who: str) -> None:
    """[PRO-1] As they were written, once however often they are asked for."""
    made = await scene.ask(who)
    person = scene.people[who]
    shown = {
        "id": made.json()["id"],
        "draft": ASKED["draft"],
        "author": {"id": person.id, "name": person.name, "color": colour_of(person.id)},
        "reason": "concluded",
        "at": NOW,
        "writing": WRITING,
        "outcome": "waiting",
        "decision": None,
    }
    assert (made.status_code, made.json()) == (201, shown)
    again = await scene.ask(who)
    assert (again.status_code, again.json()) == (200, shown)
    assert (await scene.listed(who))["proposals"] == [shown]


async def test_it_is_shown_to_those_whom_it_concerns(scene: Scene) -> None:
    """[PRO-2] Its author, who writes the record, moderators; for others there is none, and who has no access hears the
    same as of a case that is not there."""
    proposal = (await scene.ask("observer")).json()["id"]
    expected = {"lead": (1, True), "contributor": (1, True), "moderator": (1, False), "observer": (1, False)}
    for who, (count, may) in {**expected, "consultant": (0, False)}.items():
        listed = await scene.listed(who)
        assert (len(listed["proposals"]), listed["may_decide"]) == (count, may), who
    assert (await scene.ask("stranger")).status_code == 404
    assert (await scene.ward.http.get(scene.path, headers=scene.headers["stranger"])).status_code == 404
    assert (await scene.ward.http.get(scene.path)).status_code == 401
    for who, status in (("moderator", 403), ("observer", 403), ("consultant", 404), ("stranger", 404)):
        assert (await scene.decide(who, proposal, "declined")).status_code == status, who
    for who, status in (("lead", 403), ("moderator", 403), ("consultant", 404), ("stranger", 404)):
        assert await scene.put_away(who, proposal) == status, who
    assert (await scene.listed("observer"))["proposals"][0]["outcome"] == "waiting"


async def test_it_is_of_its_case(scene: Scene) -> None:
    """[PRO-2] [PER-1] Whoever leads another case decides nothing here."""
    proposal = (await scene.ask("observer")).json()["id"]
    other = await scene.ward.case(scene.people["stranger"])
    path = f"/api/cases/{other}/proposals/{proposal}"
    headers = scene.headers["stranger"]
    for each in (proposal, "a" * 16, "nothing"):
        answer = await scene.ward.http.put(
            f"/api/cases/{other}/proposals/{each}/outcome", json={"outcome": "declined"}, headers=headers
        )
        assert answer.status_code == 404
    assert (await scene.ward.http.delete(path, headers=headers)).status_code == 404


async def test_who_writes_the_record_includes_or_declines(scene: Scene) -> None:
    """[PRO-3] [PRO-5] The author reads who, when and the line; those who decide have nothing left to do."""
    first = (await scene.ask("observer")).json()["id"]
    second = (await scene.ask("observer", draft="1:0-1")).json()["id"]
    scene.ward.clock.advance(2)
    assert (await scene.decide("contributor", first, "included")).json()["outcome"] == "included"
    assert (await scene.decide("lead", second, "declined", line="  Said above. ")).status_code == 200
    assert (await scene.listed("lead"))["proposals"] == []
    told = {each["id"]: each for each in (await scene.listed("observer"))["proposals"]}
    by = scene.people["lead"]
    assert told[first]["decision"]["by"]["id"] == scene.people["contributor"].id
    assert told[second]["decision"] == {
        "by": {"id": by.id, "name": by.name, "color": colour_of(by.id)},
        "at": NOW + 2_000,
        "line": "Said above.",
    }
    assert await scene.put_away("observer", first) == 204
    assert [each["id"] for each in (await scene.listed("observer"))["proposals"]] == [second]


async def test_of_two_who_decide_the_second_is_told(scene: Scene) -> None:
    """[PRO-3] A retry of the first is none."""
    proposal = (await scene.ask("observer")).json()["id"]
    assert (await scene.decide("lead", proposal, "included")).status_code == 200
    assert (await scene.decide("lead", proposal, "included")).status_code == 200
    for outcome in ("included", "declined", "waiting"):
        late = await scene.decide("contributor", proposal, outcome)
        assert (late.status_code, late.json()["reason"]) == (409, "conflict")
    assert (await scene.decide("lead", proposal, "declined")).status_code == 409
    assert (await scene.listed("observer"))["proposals"][0]["decision"]["by"]["id"] == scene.people["lead"].id


async def test_who_decided_takes_it_back(scene: Scene) -> None:
    """[PRO-3] It waits again for everybody who may decide."""
    proposal = (await scene.ask("observer")).json()["id"]
    assert (await scene.decide("lead", proposal, "waiting")).status_code == 409
    await scene.decide("lead", proposal, "declined", line="No.")
    back = await scene.decide("lead", proposal, "waiting")
    assert (back.json()["outcome"], back.json()["decision"]) == ("waiting", None)
    assert (await scene.decide("contributor", proposal, "included")).status_code == 200


async def test_nothing_is_included_into_a_case_that_is_concluded(scene: Scene) -> None:
    """[PRO-3] It waits, may be declined, and can be included once the case is open again."""
    proposal = (await scene.ask("contributor")).json()["id"]
    cases = scene.ward.stores.cases
    await cases.set_state(scene.case, CaseState.OPEN, CaseState.CONCLUDED, scene.ward.clock())
    scene.ward.clock.advance(1)
    assert (await scene.ask("contributor", draft="9:9-9")).status_code == 201
    refused = await scene.decide("lead", proposal, "included")
    assert (refused.status_code, refused.json()["detail"]) == (409, "the case is concluded")
    other = (await scene.listed("lead"))["proposals"][1]["id"]
    assert (await scene.decide("lead", other, "declined")).status_code == 200
    await cases.set_state(scene.case, CaseState.CONCLUDED, CaseState.OPEN, scene.ward.clock())
    assert (await scene.decide("lead", proposal, "included")).status_code == 200


async def test_its_author_takes_it_back(scene: Scene) -> None:
    """[PRO-5] Twice is no error; who would include it is told; asked again it waits."""
    proposal = (await scene.ask("observer")).json()["id"]
    for _ in range(2):
        assert await scene.put_away("observer", proposal) == 204
    assert (await scene.listed("lead"))["proposals"] == (await scene.listed("observer"))["proposals"] == []
    assert (await scene.decide("lead", proposal, "included")).status_code == 409
    again = await scene.ask("observer")
    assert (again.status_code, again.json()["id"], again.json()["outcome"]) == (200, proposal, "waiting")


async def test_a_right_that_goes_goes_at_once(scene: Scene) -> None:
    """[PRO-2] [PER-1] Whoever left the case decides nothing, and who was taken out sees nothing of what they asked."""
    proposal = (await scene.ask("observer")).json()["id"]
    for who in ("contributor", "observer"):
        await scene.ward.stores.cases.set_member(scene.case, scene.people[who].id, None, NOW)
        assert (await scene.decide(who, proposal, "included")).status_code == 404
        assert (await scene.ward.http.get(scene.path, headers=scene.headers[who])).status_code == 404
    assert len((await scene.listed("lead"))["proposals"]) == 1


async def test_what_waits_is_bounded(scene: Scene) -> None:
    """[PRO-1]"""
    for number in range(MOST_WAITING_OF_PERSON):
        assert (await scene.ask("observer", draft=f"{number}:0-1")).status_code == 201
    refused = await scene.ask("observer", draft="99:0-1")
    assert (refused.status_code, refused.json()["reason"]) == (429, "too-many")
    assert (await scene.ask("consultant")).status_code == 201


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"draft": ""}, 400),
        ({"draft": "1" * 401}, 400),
        ({"draft": "../plan"}, 400),
        ({"reason": "because I say so"}, 400),
        ({"reason": ""}, 400),
        ({"writing": NOTHING}, 400),
        ({"writing": words("  \n ")}, 400),
        ({"writing": words("not mine", own=False)}, 400),
        ({"writing": words("x", section="notes")}, 400),
        ({"writing": {**NOTHING, "head": [{"field": "title", "value": "x"}]}}, 400),
        ({"writing": {**NOTHING, "head": [{"field": "question", "value": "x" * 301}]}}, 400),
        ({"writing": {**NOTHING, "html": "<b>x</b>"}}, 400),
        ({"writing": "text"}, 400),
        ({"writing": words("x" * 20_001)}, 400),
        ({"writing": {"sections": words("x" * 12_000)["sections"] * 2, "head": []}}, 413),
        ({"writing": words("x" * 70_000)}, 413),
        ({"author": "a" * 16}, 400),
    ],
)
async def test_what_is_no_proposal_is_refused(scene: Scene, change: dict[str, object], status: int) -> None:
    """[PRO-1] [API-2] Tried: no draft, no reason, no word, none of one's own, no such section or field, too much,
    fields that the author may not choose."""
    assert (await scene.ask("observer", **change)).status_code == status
    assert (await scene.listed("observer"))["proposals"] == []


@pytest.mark.parametrize("body", [{"outcome": "withdrawn"}, {"outcome": "included", "line": "two\nlines"}, {}])
async def test_what_is_no_decision_is_refused(scene: Scene, body: dict[str, object]) -> None:
    """[PRO-3] [API-2]"""
    proposal = (await scene.ask("observer")).json()["id"]
    path = f"{scene.path}/{proposal}/outcome"
    assert (await scene.ward.http.put(path, json=body, headers=scene.headers["lead"])).status_code == 400


async def test_its_words_are_in_no_log_and_no_error(ward: Ward, scene: Scene, log: io.StringIO) -> None:
    """[PRO-6] [ERR-2] Whether it is taken, refused for its form, or too much."""
    configure(ward.settings, log)
    proposal = (await scene.ask("observer")).json()["id"]
    said = []
    for writing in (words(SECRET, section=SECRET), words(SECRET * 700), words(SECRET, own=False)):
        answer = await scene.ask("observer", draft="8:0-1", writing=writing)
        assert answer.status_code >= 400
        said.append(answer.text)
    await scene.decide("lead", proposal, "declined", line=f"{SECRET}\n")
    await scene.decide("lead", proposal, "declined", line=SECRET)
    said.append((await scene.decide("contributor", proposal, "included")).text)
    logged = log.getvalue()
    assert logged.count("proposals") >= 5, logged
    assert not re.search("heparin", logged + "".join(said))
