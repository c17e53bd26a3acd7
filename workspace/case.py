"""A case and the people in it: roles, states, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from workspace.audit import Cause, Means, Origin
from workspace.ids import CaseId, Millis, PersonId


class Standing(StrEnum):
    """What a person is to the whole house. A moderator has the moderator's rights in every case; an admin in none."""

    CLINICIAN = "clinician"
    MODERATOR = "moderator"
    ADMIN = "admin"


class Role(StrEnum):
    """What a person is in one case. `MODERATOR` is never given by membership: it comes from the standing."""

    LEAD = "lead"
    CONTRIBUTOR = "contributor"
    CONSULTANT = "consultant"
    OBSERVER = "observer"
    MODERATOR = "moderator"


MEMBER_ROLES = (Role.LEAD, Role.CONTRIBUTOR, Role.CONSULTANT, Role.OBSERVER)


class CaseState(StrEnum):
    """Where a case is in its life. Held in SQL, never in a Yjs document."""

    DRAFT = "draft"
    OPEN = "open"
    CONCLUDED = "concluded"
    ARCHIVED = "archived"
    PUBLISHED = "published"
    PURGED = "purged"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    id: PersonId
    email: str
    name: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, as proven by a credential that ends at `expires_at`."""

    person: Person
    expires_at: Millis
    origin: Origin = field(default=Origin(Means.SYSTEM), compare=False)
    """From where, and by which credential."""

    @property
    def cause(self) -> Cause:
        """What the audit log says of whatever they do."""
        return Cause(self.person.id, self.origin)


@dataclass(frozen=True, slots=True)
class Case:
    """The unit of membership, media, audit and archive."""

    id: CaseId
    title: str
    state: CaseState
    created_at: Millis


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in one case."""

    person: Person
    role: Role
    since: Millis
