"""Who may do what, as a table; nothing else in the project decides a right.

Rights are looked up when they are used, never remembered: a changed role closes the session (code 4205) and the client,
coming back, is judged again.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, StrEnum, auto

from workspace.case import CaseState, Role, Standing
from workspace.ids import DocumentId, DocumentKind, PersonId


class Right(StrEnum):
    """Something a person may do in a case."""

    READ = "read"
    WRITE_RECORD = "write record"
    WRITE_DISCUSSION = "write discussion"
    OWN_OPINION = "own opinion"
    PRESENT = "present"
    MANAGE_MEMBERS = "manage members"
    RENAME = "rename"
    CONCLUDE = "conclude"
    READ_AUDIT = "read audit log"
    ARCHIVE = "archive"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.LEAD: frozenset(Right) - {Right.ARCHIVE},
    Role.CONTRIBUTOR: frozenset(
        {Right.READ, Right.WRITE_RECORD, Right.WRITE_DISCUSSION, Right.OWN_OPINION, Right.PRESENT}
    ),
    Role.CONSULTANT: frozenset({Right.READ, Right.WRITE_DISCUSSION, Right.OWN_OPINION, Right.PRESENT}),
    Role.OBSERVER: frozenset({Right.READ}),
    Role.MODERATOR: frozenset(
        {Right.READ, Right.PRESENT, Right.MANAGE_MEMBERS, Right.RENAME, Right.CONCLUDE, Right.READ_AUDIT, Right.ARCHIVE}
    ),
}


class HouseRight(StrEnum):
    """Something a person may do outside of any case."""

    EDIT_TEMPLATES = "edit templates"


HOUSE_RIGHTS: dict[Standing, frozenset[HouseRight]] = {
    Standing.CLINICIAN: frozenset(),
    Standing.MODERATOR: frozenset({HouseRight.EDIT_TEMPLATES}),
    Standing.ADMIN: frozenset(),
}

WRITE_RIGHT: dict[DocumentKind, Right] = {
    DocumentKind.RECORD: Right.WRITE_RECORD,
    DocumentKind.DISCUSSION: Right.WRITE_DISCUSSION,
    DocumentKind.OPINION: Right.OWN_OPINION,
}

WRITABLE_STATES = frozenset({CaseState.DRAFT, CaseState.OPEN})


class Access(Enum):
    """What one person may do with one document now."""

    NONE = auto()
    READ = auto()
    WRITE = auto()


def roles_of(membership: Role | None, standing: Standing) -> frozenset[Role]:
    """The roles that count for a person in a case: the membership's, and the moderator's if that is their standing."""
    held = {membership} if membership is not None else set()
    return frozenset(held | ({Role.MODERATOR} if standing is Standing.MODERATOR else set()))


def shown_role(roles: Iterable[Role]) -> Role | None:
    """The one role others see: a membership goes before the standing."""
    return min(roles, key=list(Role).index, default=None)


def may(roles: Iterable[Role], right: Right) -> bool:
    """Whether one of the roles carries the right."""
    return any(right in RIGHTS[role] for role in roles)


def access(person: PersonId, roles: Iterable[Role], state: CaseState, document: DocumentId) -> Access:
    """What `person`, holding `roles`, may do with `document` while its case is in `state`."""
    held = frozenset(roles)
    if not may(held, Right.READ) or state is CaseState.PURGED:
        return Access.NONE
    own = document.owner is None or document.owner == person
    if own and state in WRITABLE_STATES and may(held, WRITE_RIGHT[document.kind]):
        return Access.WRITE
    return Access.READ


def may_name_versions(person: PersonId, roles: Iterable[Role], document: DocumentId) -> bool:
    """Whether `person` may give, change and take away the names of a document's moments: those who may write it and
    moderators, also when the case is finished. [HIS-7]"""
    held = frozenset(roles)
    own = document.owner is None or document.owner == person
    return Role.MODERATOR in held or (own and may(held, WRITE_RIGHT[document.kind]))


def may_see_proposals(roles: Iterable[Role]) -> bool:
    """Whether what others ask to include is shown: to those whose roles write the record, and to moderators. [PRO-2]"""
    held = frozenset(roles)
    return Role.MODERATOR in held or may_decide_proposals(held)


def may_decide_proposals(roles: Iterable[Role]) -> bool:
    """Whether the roles write the record, also when the case is finished: then one may still decline. [PRO-3]"""
    return may(roles, Right.WRITE_RECORD)


def may_add_media(roles: Iterable[Role]) -> bool:
    """Whether the roles bring images and files in, describe, arrange, redact and take them out, while the case is
    written in. [UPL-2]"""
    return may(roles, Right.WRITE_RECORD)


def may_see_removed_media(roles: Iterable[Role]) -> bool:
    """Whether what was taken out of the gallery is shown: it may be another patient's. [MED-5]"""
    held = frozenset(roles)
    return Role.MODERATOR in held or may_add_media(held)


def may_see_upload(person: PersonId, roles: Iterable[Role], uploader: PersonId, *, needs_review: bool) -> bool:
    """Whether anything of an upload is shown to `person` before it is ready: to who sends it; and what somebody has to
    look at, to moderators. [UPL-5]"""
    return person == uploader or (needs_review and Role.MODERATOR in frozenset(roles))


def may_review_upload(person: PersonId, roles: Iterable[Role], uploader: PersonId) -> bool:
    """Whether `person` may say what is to be blanked: who sends it, if they still write the record, and moderators.
    [UPL-12]"""
    held = frozenset(roles)
    return Role.MODERATOR in held or (person == uploader and may_add_media(held))


def may_take_over_presenting(roles: Iterable[Role]) -> bool:
    """Whether the roles present instead of whoever does, give the place to somebody and end it. [FOL-3]"""
    return Role.MODERATOR in frozenset(roles)


def may_in_house(standing: Standing, right: HouseRight) -> bool:
    """Whether the standing carries the right."""
    return right in HOUSE_RIGHTS[standing]
