"""workspace.policy against the table of DESIGN §3.2, written out here once more by hand."""

from __future__ import annotations

import itertools

import pytest

from workspace.case import CaseState, Role, Standing
from workspace.ids import CaseId, DocumentId, DocumentName, PersonId
from workspace.policy import RIGHTS, Access, Right, access, may, roles_of, shown_role

CASE = CaseId("k" * 16)
ME, OTHER = PersonId("a" * 16), PersonId("b" * 16)

TABLE = """
                     lead  contributor  consultant  observer  moderator
    read             yes   yes          yes         yes       yes
    write record     yes   yes          -           -         -
    write discussion yes   yes          yes         -         -
    own opinion      yes   yes          yes         -         -
    present          yes   yes          yes         -         yes
    manage members   yes   -            -           -         yes
    rename           yes   -            -           -         yes
    conclude         yes   -            -           -         yes
    read audit log   yes   -            -           -         yes
    archive          -     -            -           -         yes
"""


def rows() -> dict[tuple[Role, Right], bool]:
    header, *lines = TABLE.strip().splitlines()
    roles = [Role(word) for word in header.split()]
    return {
        (role, Right(" ".join(words[: -len(roles)]))): word == "yes"
        for words in (line.split() for line in lines)
        for role, word in zip(roles, words[-len(roles) :], strict=True)
    }


def document(name: str) -> DocumentId:
    return DocumentId(CASE, DocumentName(name))


def test_the_table_is_whole() -> None:
    """[PER-2]"""
    assert set(rows()) == set(itertools.product(Role, Right))
    assert set(RIGHTS) == set(Role)


@pytest.mark.parametrize(("role", "right"), rows())
def test_a_role_has_the_rights_of_the_table(role: Role, right: Right) -> None:
    """[PER-2]"""
    assert may({role}, right) == rows()[role, right]


def test_standing_gives_a_moderator_and_nobody_else_a_role() -> None:
    """[PER-2]"""
    assert roles_of(None, Standing.CLINICIAN) == frozenset()
    assert roles_of(None, Standing.ADMIN) == frozenset()
    assert roles_of(None, Standing.MODERATOR) == {Role.MODERATOR}
    assert roles_of(Role.OBSERVER, Standing.MODERATOR) == {Role.OBSERVER, Role.MODERATOR}
    assert roles_of(Role.LEAD, Standing.ADMIN) == {Role.LEAD}


def test_others_see_the_membership_before_the_standing() -> None:
    """[PER-2]"""
    assert shown_role({Role.OBSERVER, Role.MODERATOR}) is Role.OBSERVER
    assert shown_role({Role.MODERATOR}) is Role.MODERATOR
    assert shown_role(()) is None


@pytest.mark.parametrize(
    ("name", "writers"),
    [
        ("record", {Role.LEAD, Role.CONTRIBUTOR}),
        ("record~2", {Role.LEAD, Role.CONTRIBUTOR}),
        ("discussion", {Role.LEAD, Role.CONTRIBUTOR, Role.CONSULTANT}),
        (f"opinion.{ME}", {Role.LEAD, Role.CONTRIBUTOR, Role.CONSULTANT}),
        (f"opinion.{OTHER}", set[Role]()),
    ],
)
def test_who_writes_which_document(name: str, writers: set[Role]) -> None:
    """[PER-2] DESIGN §3.1; everybody with a role reads."""
    for role in Role:
        expected = Access.WRITE if role in writers else Access.READ
        assert access(ME, {role}, CaseState.OPEN, document(name)) is expected, role
    assert access(ME, (), CaseState.OPEN, document(name)) is Access.NONE


@pytest.mark.parametrize("state", CaseState)
def test_nobody_writes_in_a_case_that_is_no_longer_open(state: CaseState) -> None:
    """[PER-2] Nor reads one that was purged."""
    expected = {CaseState.DRAFT: Access.WRITE, CaseState.OPEN: Access.WRITE, CaseState.PURGED: Access.NONE}
    for role in (Role.LEAD, Role.CONTRIBUTOR):
        assert access(ME, {role}, state, document("record")) is expected.get(state, Access.READ)
