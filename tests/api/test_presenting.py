"""GET and POST /api/cases/{case}/presenter, PUT and DELETE …/{number}, POST …/{number}/take-over and hand-over."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from server.access import COOKIE
from server.presenting import TURN_SECONDS
from storage.ports import CredentialKind, Sought
from tests.api.conftest import ORIGIN, Ward
from workspace.audit import Action, chain_of
from workspace.case import CaseState, Person, Role, Standing
from workspace.ids import CaseId
from workspace.session import colour_of


@dataclass
class Round:
    """A case with one of each role, all signed in."""

    ward: Ward
    case: CaseId
    people: dict[str, Person]
    headers: dict[str, dict[str, str]]

    async def ask(self, who: str, method: str, path: str = "", json: object = None) -> httpx.Response:
        address = f"/api/cases/{self.case}/presenter{path}"
        return await self.ward.http.request(method, address, json=json, headers=self.headers[who])

    async def begin(self, who: str, client: int = 1) -> httpx.Response:
        return await self.ask(who, "POST", json={"client": client})

    async def whose(self, who: str = "olga") -> tuple[str, int | None, int] | None:
        shown = (await self.ask(who, "GET")).json()["presenter"]
        return None if shown is None else (shown["by"]["name"], shown["client"], shown["number"])


@pytest.fixture
async def here(ward: Ward) -> Round:
    people = {name: await ward.person(name) for name in ("ada", "ben", "cleo", "olga", "stranger")}
    people["mo"] = await ward.person("mo", standing=Standing.MODERATOR)
    members = {Role.CONTRIBUTOR: people["ben"], Role.CONSULTANT: people["cleo"], Role.OBSERVER: people["olga"]}
    case = await ward.case(people["ada"], members)
    return Round(ward, case, people, {name: await ward.as_(person) for name, person in people.items()})


async def test_everybody_in_the_case_sees_who_presents(here: Round) -> None:
    """[FOL-1] With what they may do about it."""
    assert (await here.ask("olga", "GET")).json() == {
        "presenter": None,
        "may_present": False,
        "may_take_over": False,
    }
    begun = await here.begin("ada", 4_000_000_000)
    assert begun.status_code == 200
    ada = here.people["ada"]
    shown = begun.json()["presenter"]
    assert 0 < shown.pop("millis_left") <= TURN_SECONDS * 1000
    assert shown == {
        "by": {"id": ada.id, "name": "Ada", "color": colour_of(ada.id)},
        "client": 4_000_000_000,
        "number": 1,
    }
    rights = {who: (await here.ask(who, "GET")).json() for who in ("ada", "ben", "cleo", "olga", "mo")}
    assert {who: each["presenter"]["number"] for who, each in rights.items()} == dict.fromkeys(rights, 1)
    assert [who for who, each in rights.items() if each["may_present"]] == ["ada", "ben", "cleo", "mo"]
    assert [who for who, each in rights.items() if each["may_take_over"]] == ["mo"]


@pytest.mark.parametrize(
    ("who", "status"), [("ada", 200), ("ben", 200), ("cleo", 200), ("mo", 200), ("olga", 403), ("stranger", 404)]
)
async def test_whoever_may_present_takes_the_free_place(here: Round, who: str, status: int) -> None:
    """[FOL-1] An observer does not, and for a stranger there is no case."""
    assert (await here.begin(who)).status_code == status
    assert (await here.whose() is not None) == (status == 200)


async def test_nobody_takes_a_place_that_is_taken(here: Round) -> None:
    """[FOL-1] Not a moderator either, without saying whose; the same person does, on another page."""
    await here.begin("ada", 1)
    for who in ("ben", "mo"):
        assert (await here.begin(who)).status_code == 409
    assert (await here.begin("ada", 2)).json()["presenter"]["number"] == 2
    assert await here.whose() == ("Ada", 2, 2)


async def test_a_turn_is_kept_and_ended_by_whose_it_is(here: Round) -> None:
    """[FOL-2] Ended twice it stays ended; an end that comes late ends nobody else's."""
    await here.begin("ben")
    assert (await here.ask("ada", "PUT", "/1", {"client": 1})).status_code == 409
    kept = await here.ask("ben", "PUT", "/1", {"client": 8})
    assert (kept.status_code, kept.json()["presenter"]["client"]) == (200, 8)
    assert (await here.ask("ada", "DELETE", "/1")).status_code == 403
    assert (await here.ask("ben", "DELETE", "/1")).status_code == 204
    assert await here.whose() is None
    assert (await here.ask("ben", "PUT", "/1", {"client": 8})).status_code == 409
    await here.begin("ada")
    assert (await here.ask("ben", "DELETE", "/1")).status_code == 204
    assert await here.whose() == ("Ada", 1, 2)


async def test_it_ends_when_its_page_is_signed_out(here: Round) -> None:
    """[FOL-2] At once, whoever signs it out."""
    ward, secret = here.ward, await here.ward.credential(here.people["ada"], CredentialKind.SESSION)
    here.headers["ada"] = {"Cookie": f"{COOKIE}={secret}", "Origin": ORIGIN}
    assert (await here.begin("ada")).status_code == 200
    assert (await ward.http.post("/api/sign-out", headers=here.headers["ada"])).status_code == 204
    assert await here.whose() is None
    assert (await here.begin("ben")).status_code == 200


async def test_it_is_handed_over_to_who_may_present(here: Round) -> None:
    """[FOL-3] They begin on a page of theirs; an observer and a stranger are not given it."""
    await here.begin("ada")
    people = here.people
    for who in ("olga", "stranger"):
        refused = await here.ask("ada", "POST", "/1/hand-over", {"to": people[who].id})
        assert refused.status_code == 400
    assert (await here.ask("ben", "POST", "/1/hand-over", {"to": people["ben"].id})).status_code == 403
    given = await here.ask("ada", "POST", "/1/hand-over", {"to": people["cleo"].id})
    assert (given.status_code, given.json()["presenter"]["by"]["name"]) == (200, "Cleo")
    assert await here.whose() == ("Cleo", None, 2)
    assert (await here.begin("ada")).status_code == 409
    assert (await here.ask("ada", "POST", "/1/hand-over", {"to": people["cleo"].id})).status_code == 409
    assert (await here.begin("cleo", 6)).status_code == 200
    assert await here.whose() == ("Cleo", 6, 3)


async def test_a_moderator_takes_over_hands_over_and_ends(here: Round) -> None:
    """[FOL-3] Nobody else takes over; and only the turn that the moderator saw."""
    await here.begin("ada")
    for who, status in (("ben", 403), ("olga", 403), ("stranger", 404)):
        assert (await here.ask(who, "POST", "/1/take-over", {"client": 3})).status_code == status
    assert (await here.ask("mo", "POST", "/1/take-over", {"client": 3})).status_code == 200
    assert await here.whose() == ("Mo", 3, 2)
    assert (await here.ask("mo", "POST", "/1/take-over", {"client": 3})).status_code == 409
    assert (await here.ask("ada", "PUT", "/1", {"client": 1})).status_code == 409
    await here.ask("mo", "POST", "/2/hand-over", {"to": here.people["ben"].id})
    await here.begin("ben")
    assert (await here.ask("mo", "POST", "/3/hand-over", {"to": here.people["ada"].id})).status_code == 409
    now = await here.whose()
    assert now is not None
    assert (await here.ask("mo", "DELETE", f"/{now[2]}")).status_code == 204
    assert await here.whose() is None


@pytest.mark.parametrize("role", [Role.OBSERVER, None])
async def test_whoever_may_present_no_more_does_not(here: Round, role: Role | None) -> None:
    """[FOL-1] At once, and keeps nobody else from it."""
    await here.begin("ben")
    await here.ward.stores.cases.set_member(here.case, here.people["ben"].id, role, here.ward.clock())
    assert await here.whose() is None
    assert (await here.ask("ben", "PUT", "/1", {"client": 1})).status_code in (403, 404)
    assert (await here.begin("cleo")).status_code == 200
    assert await here.whose() == ("Cleo", 1, 2)


async def test_a_concluded_case_is_presented_too(here: Round) -> None:
    """[FOL-1] To present is not to write."""
    await here.ward.stores.cases.set_state(here.case, CaseState.OPEN, CaseState.CONCLUDED, here.ward.clock())
    assert (await here.begin("ada")).status_code == 200


@pytest.mark.parametrize("body", [{}, {"client": -1}, {"client": "1"}, {"client": 2**53}, {"client": 1, "x": 1}])
async def test_a_page_is_named_by_its_client_id(here: Round, body: dict[str, object]) -> None:
    """[API-2]"""
    assert (await here.ask("ada", "POST", json=body)).status_code == 400
    assert await here.whose() is None


@pytest.mark.parametrize("number", ["x", "-1", "1e3", "9" * 17])
async def test_a_turn_is_a_whole_number(here: Round, number: str) -> None:
    """[API-2]"""
    for method, path, body in (
        ("PUT", "", {"client": 1}),
        ("DELETE", "", None),
        ("POST", "/take-over", {"client": 1}),
        ("POST", "/hand-over", {"to": here.people["mo"].id}),
    ):
        await here.begin("mo")
        assert (await here.ask("mo", method, f"/{number}{path}", body)).status_code == 400


async def test_the_log_says_who_gave_the_place_to_whom(here: Round) -> None:
    """[FOL-4] [AUD-1] By ids; and nothing of what was looked at."""
    await here.begin("ada")
    await here.ask("ada", "PUT", "/1", {"client": 1})
    await here.ask("ada", "POST", "/1/hand-over", {"to": here.people["cleo"].id})
    kept = await here.ward.stores.audit.newest(chain_of(here.case), Sought(), 20)
    told = [(each.event.action, each.event.cause.who, each.event.person, dict(each.event.details)) for each in kept]
    people = {name: person.id for name, person in here.people.items()}
    assert (Action.PRESENTING_HANDED_OVER, people["ada"], people["cleo"], {}) in told
    assert (Action.PRESENTING_BEGUN, people["ada"], people["ada"], {}) in told
    assert len([each for each in told if each[0].value.startswith("presenting.")]) == 2
