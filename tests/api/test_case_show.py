"""GET /api/cases/{case}, and the door every other path passes."""

from __future__ import annotations

import pytest

from tests.api.conftest import NOW, Ward
from workspace.case import CaseState, Person, Role, Standing
from workspace.ids import DocumentId, DocumentName
from workspace.session import colour_of

EXPECTED_RIGHTS = {
    Role.LEAD: [
        "conclude",
        "manage members",
        "own opinion",
        "present",
        "read",
        "read audit log",
        "rename",
        "write discussion",
        "write record",
    ],
    Role.CONTRIBUTOR: ["own opinion", "present", "read", "write discussion", "write record"],
    Role.CONSULTANT: ["own opinion", "present", "read", "write discussion"],
    Role.OBSERVER: ["read"],
}


def shown(person: Person) -> dict[str, object]:
    """Somebody who has told nothing of themselves, as another member sees them."""
    named: dict[str, object] = {"id": person.id, "name": person.name, "color": colour_of(person.id)}
    return named | {"profession": "", "specialty": "", "picture": None}


async def test_it_describes_the_case_to_a_member(ward: Ward) -> None:
    """[API-5]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    answer = await ward.http.get(f"/api/cases/{case}", headers=await ward.as_(ben))
    assert answer.json() == {
        "case": {"id": case, "title": "A case", "state": "open", "created_at": NOW},
        "role": "observer",
        "rights": ["read"],
        "documents": {"record": "record", "discussion": "discussion"},
        "members": [
            {"person": shown(ada), "role": "lead", "since": NOW},
            {"person": shown(ben), "role": "observer", "since": NOW},
        ],
    }


@pytest.mark.parametrize("role", EXPECTED_RIGHTS)
async def test_the_rights_are_those_of_the_role(ward: Ward, role: Role) -> None:
    """[PER-2]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {role: ben})
    answer = await ward.http.get(f"/api/cases/{case}", headers=await ward.as_(ben))
    assert (answer.json()["role"], answer.json()["rights"]) == (role.value, EXPECTED_RIGHTS[role])


async def test_a_moderator_needs_no_membership(ward: Ward) -> None:
    """[PER-2]"""
    case = await ward.case(await ward.person("ada"))
    moderator = await ward.as_(await ward.person("ida", standing=Standing.MODERATOR))
    answer = (await ward.http.get(f"/api/cases/{case}", headers=moderator)).json()
    assert answer["role"] == "moderator"
    assert answer["rights"] == [
        "archive",
        "conclude",
        "manage members",
        "present",
        "read",
        "read audit log",
        "rename",
    ]


async def test_nobody_may_write_in_a_concluded_case(ward: Ward) -> None:
    """[PER-2] Rights as shown are rights as they count now."""
    ada = await ward.person("ada")
    case = await ward.case(ada, state=CaseState.CONCLUDED)
    answer = (await ward.http.get(f"/api/cases/{case}", headers=await ward.as_(ada))).json()
    assert answer["rights"] == ["conclude", "manage members", "present", "read", "read audit log", "rename"]


async def test_e_mails_are_for_those_who_manage_members(ward: Ward) -> None:
    """[API-5]"""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.CONTRIBUTOR: ben})
    for person, seen in ((ada, ["ada@example.org", "ben@example.org"]), (ben, [None, None])):
        answer = (await ward.http.get(f"/api/cases/{case}", headers=await ward.as_(person))).json()
        assert [member["person"].get("email") for member in answer["members"]] == seen


async def test_documents_carry_their_names_of_now(ward: Ward) -> None:
    """[API-5] A document whose history was rewritten continues under a new name."""
    ada = await ward.person("ada")
    case = await ward.case(ada)
    record = DocumentId(case, DocumentName("record"))
    await ward.write(record, ada, ["a"])
    await ward.stores.journal.supersede(record, None, ada.id, ward.clock())
    own = f"opinion.{ada.id}"
    answer = (await ward.http.get(f"/api/cases/{case}", headers=await ward.as_(ada))).json()
    assert answer["documents"] == {"record": "record~2", "discussion": "discussion", own: own}


async def test_absent_malformed_and_forbidden_look_alike(ward: Ward) -> None:
    """[PER-1] On every path to a case."""
    case = await ward.case(await ward.person("ada"))
    purged = await ward.case(await ward.person("cleo"), state=CaseState.PURGED)
    strangers = [
        await ward.as_(await ward.person("stan")),
        await ward.as_(await ward.person("root", standing=Standing.ADMIN)),
    ]
    answers = set()
    for headers in strangers:
        for target in (case, "z" * 16, "no-such-name", "A" * 16, purged):
            for method, path in (
                ("GET", f"/api/cases/{target}"),
                ("PUT", f"/api/cases/{target}/members"),
                ("GET", f"/api/cases/{target}/documents/record/history"),
                ("GET", f"/api/cases/{target}/documents/record/as-of/0"),
            ):
                answer = await ward.http.request(method, path, headers=headers)
                answers.add((answer.status_code, answer.text))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


async def test_a_removed_member_is_a_stranger_at_once(ward: Ward) -> None:
    """[PER-1] Rights are looked up, never remembered."""
    ada, ben = await ward.person("ada"), await ward.person("ben")
    case = await ward.case(ada, {Role.OBSERVER: ben})
    headers = await ward.as_(ben)
    assert (await ward.http.get(f"/api/cases/{case}", headers=headers)).status_code == 200
    await ward.stores.cases.set_member(case, ben.id, None, ward.clock())
    assert (await ward.http.get(f"/api/cases/{case}", headers=headers)).status_code == 404
