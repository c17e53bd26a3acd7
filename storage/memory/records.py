"""Cases, people and notices in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from storage import events
from storage.memory.history import MemoryHistory
from storage.memory.objects import MemoryBucket
from storage.ports import (
    KEPT_MILLIS,
    AccessNotice,
    CredentialKind,
    LastSeen,
    Mail,
    MediaFile,
    NamedVersion,
    NewCase,
    ObjectKey,
    Picture,
    Profile,
    Proposal,
    SignIn,
    Template,
    Upload,
)
from workspace.audit import BEFORE_THE_FIRST, SYSTEM, Cause, Chain, Event, Recorded, encode, link
from workspace.audit_chain import Kept
from workspace.case import MEMBER_ROLES, Case, CaseState, Member, Person, Role, Standing
from workspace.errors import Conflict, InvalidRequest, NotFound
from workspace.ids import (
    CaseId,
    DocumentId,
    DocumentName,
    FileId,
    MediaId,
    Millis,
    PersonId,
    ProposalId,
    Seq,
    UploadId,
)
from workspace.record import NOTHING_SAID, Projection

if TYPE_CHECKING:
    from storage.memory.leases import Taken
    from storage.memory.media import Row
    from storage.memory.presenting import Held as HeldByPresenter
    from storage.memory.remakes import Replaced, Tried
    from storage.memory.uploads import Held

_MAX_NOTICES = 1_000


@dataclass(frozen=True, slots=True)
class _Account:
    person: Person
    password_hash: str | None
    created_at: Millis
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class _Credential:
    kind: CredentialKind
    person: PersonId
    created_at: Millis
    expires_at: Millis


@dataclass(frozen=True, slots=True)
class _Place:
    role: Role
    since: Millis


NOTHING_READ = Projection(NOTHING_SAID, {})


@dataclass(frozen=True, slots=True)
class Known:
    """What was read of a case's record, and up to where."""

    document: DocumentName | None = None
    seq: int = 0
    projection: Projection = NOTHING_READ
    is_unreadable: bool = False


class MemoryRecords:
    """What a database would hold. Hand it to a second node, or to the node that comes after a crash."""

    def __init__(self) -> None:
        self.history = MemoryHistory()
        self.bucket = MemoryBucket()
        self.accounts: dict[PersonId, _Account] = {}
        self.credentials: dict[bytes, _Credential] = {}
        self.salts: dict[bytes, bytes] = {}
        self.cases: dict[CaseId, Case] = {}
        self.changed_at: dict[CaseId, Millis] = {}
        self.members: dict[CaseId, dict[PersonId, _Place]] = {}
        self.known: dict[CaseId, Known] = {}
        self.templates: dict[str, Template] = {}
        self.notices: list[AccessNotice] = []
        self.profiles: dict[PersonId, Profile] = {}
        self.pictures: dict[PersonId, Picture] = {}
        self.sign_ins: dict[bytes, SignIn] = {}
        self.mails: dict[int, tuple[Mail, Millis]] = {}
        self.versions: dict[DocumentId, dict[Seq, NamedVersion]] = {}
        self.proposals: dict[ProposalId, Proposal] = {}
        self.put_away: set[ProposalId] = set()
        self.uploads: dict[UploadId, Upload] = {}
        self.claims: dict[UploadId, Held] = {}
        self.fences: dict[UploadId, int] = {}
        self.media: dict[MediaId, Row] = {}
        self.files: dict[FileId, MediaFile] = {}
        self.certificates: dict[FileId, str] = {}
        self.remakes: dict[FileId, Tried] = {}
        self.replaced: dict[ObjectKey, Replaced] = {}
        self.secrets: dict[CaseId, bytes] = {}
        self.seen: dict[tuple[DocumentId, PersonId], LastSeen] = {}
        self.leases: dict[str, Taken] = {}
        self.presenters: dict[CaseId, HeldByPresenter] = {}
        self.audit: dict[Chain, list[Kept]] = {}
        self.anchored: dict[Chain, int] = {}
        self.clock: Callable[[], float] = time.time
        """The seconds of this "database"; tests give it their own."""

    def now(self) -> Millis:
        """The database's own clock."""
        return Millis(round(self.clock() * 1000))

    def account(self, person: PersonId) -> _Account:
        """Raises: NotFound."""
        if person not in self.accounts:
            raise NotFound
        return self.accounts[person]

    def forget_ended(self) -> None:
        """[OFF-6] Called by whatever ends or sweeps a credential: what hangs on one goes with it."""
        self.salts = {key: salt for key, salt in self.salts.items() if key in self.credentials}
        self.sign_ins = {key: each for key, each in self.sign_ins.items() if key in self.credentials}

    def keep_an_admin(self, person: PersonId) -> None:
        """[ACC-20] Called before somebody stops being an active admin. Raises: Conflict when there is no other."""
        admins = [
            each.person.id
            for each in self.accounts.values()
            if each.is_active and each.person.standing is Standing.ADMIN
        ]
        if admins == [person]:
            raise Conflict("last admin")

    def leave_notice(self, person: PersonId | None, case: CaseId | None) -> None:
        """[CAS-1] Called by whatever changes a right."""
        self.notices.append(AccessNotice(len(self.notices) + 1, person, case))

    def record(self, *events: Event) -> None:
        """[AUD-1] Called by whatever changes state, when nothing can refuse the change any more."""
        for event in events:
            held = self.audit.setdefault(event.chain, [])
            seq, before = (held[-1].seq + 1, held[-1].hash) if held else (1, BEFORE_THE_FIRST)
            body = encode(Recorded(seq, self.now(), event))
            held.append(Kept(seq, body, link(before, body)))


class MemoryCases:
    """`storage.ports.Cases`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def create(self, case: NewCase, cause: Cause = SYSTEM) -> None:
        """See the port."""
        records = self._records
        records.account(case.lead)
        if case.id in records.cases:
            raise Conflict(case.id)
        records.cases[case.id] = Case(case.id, case.title, case.state, case.at)
        records.changed_at[case.id] = case.at
        records.members[case.id] = {case.lead: _Place(Role.LEAD, case.at)}
        records.known[case.id] = Known()
        records.history.add_case(case.id)
        for name, seed in case.seeds.items():
            records.history.create(DocumentId(case.id, name), seed, case.lead, case.at)
        records.record(events.case_created(case, cause))
        records.leave_notice(case.lead, case.id)

    async def find(self, case: CaseId, person: PersonId) -> tuple[Case, Role | None] | None:
        """See the port."""
        if case not in self._records.cases:
            return None
        return self._records.cases[case], self._role(case, person)

    async def members(self, case: CaseId) -> Sequence[Member]:
        """See the port."""
        places = self._records.members.get(case, {})
        listed = [Member(self._records.account(who).person, place.role, place.since) for who, place in places.items()]
        return sorted(listed, key=lambda m: (m.role is not Role.LEAD, m.person.name.casefold(), m.person.id))

    async def documents(self, case: CaseId) -> Mapping[DocumentName, Seq]:
        """See the port."""
        return self._records.history.names(case)

    async def set_member(
        self, case: CaseId, person: PersonId, role: Role | None, at: Millis, cause: Cause = SYSTEM
    ) -> None:
        """See the port."""
        if role is not None and role not in MEMBER_ROLES:
            raise InvalidRequest(role)
        self._records.account(person)
        if case not in self._records.cases:
            raise NotFound
        places = self._records.members[case]
        held = self._role(case, person)
        if held is role:
            return
        leads = [place for place in places.values() if place.role is Role.LEAD]
        if held is Role.LEAD and len(leads) == 1:  # [CAS-2]
            raise Conflict("last lead")
        if role is None:
            del places[person]
        else:
            places[person] = _Place(role, places[person].since if person in places else at)
        self._records.changed_at[case] = at
        self._records.record(events.member_changed(case, person, held, role, cause))
        self._records.leave_notice(person, case)

    async def set_state(
        self, case: CaseId, was: CaseState, state: CaseState, at: Millis, cause: Cause = SYSTEM
    ) -> None:
        """See the port."""
        records = self._records
        held = self._case(case)
        if held.state is not was:
            raise Conflict(f"the case is {held.state.value}")
        records.cases[case] = replace(held, state=state)
        records.changed_at[case] = at
        records.record(events.state_changed(case, was, state, cause))
        moderators = {who for who, each in records.accounts.items() if each.person.standing is Standing.MODERATOR}
        for person in sorted(moderators | records.members[case].keys()):
            records.leave_notice(person, case)

    async def rename(self, case: CaseId, title: str, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        held = self._case(case)
        if held.title != title:
            self._records.cases[case] = replace(held, title=title)
            self._records.changed_at[case] = at
            self._records.record(events.case_renamed(case, cause))
            self._records.leave_notice(None, case)

    def _case(self, case: CaseId) -> Case:
        if case not in self._records.cases:
            raise NotFound
        return self._records.cases[case]

    def _role(self, case: CaseId, person: PersonId) -> Role | None:
        place = self._records.members[case].get(person)
        return place.role if place else None


class MemoryPeople:
    """`storage.ports.People`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def add(self, person: Person, password_hash: str | None, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        if person.id in self._records.accounts or await self.find_by_email(person.email) is not None:
            raise Conflict
        self._records.accounts[person.id] = _Account(person, password_hash, at)
        self._records.record(events.account_created(person, cause))

    async def find_by_email(self, email: str) -> tuple[Person, str | None] | None:
        """See the port."""
        for account in self._records.accounts.values():
            if account.person.email.casefold() == email.casefold():  # [PEO-1]
                return account.person, account.password_hash if account.is_active else None
        return None

    async def find(self, ids: Collection[PersonId]) -> Mapping[PersonId, Person]:
        """See the port."""
        accounts = self._records.accounts
        return {each: accounts[each].person for each in ids if each in accounts}

    async def set_standing(self, person: PersonId, standing: Standing, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        account = self._records.account(person)
        if account.person.standing is not standing:
            if account.person.standing is Standing.ADMIN:
                self._records.keep_an_admin(person)
            self._records.accounts[person] = replace(account, person=replace(account.person, standing=standing))
            self._records.record(events.standing_changed(person, account.person.standing, standing, cause))
            self._records.leave_notice(person, None)

    async def grant(
        self,
        kind: CredentialKind,
        digest: bytes,
        person: PersonId,
        at: Millis,
        expires_at: Millis,
        cause: Cause = SYSTEM,
    ) -> None:
        """See the port."""
        self._records.account(person)
        live = {key: each for key, each in self._records.credentials.items() if each.expires_at > at - KEPT_MILLIS}
        if digest in live:
            raise Conflict
        live[digest] = _Credential(kind, person, at, expires_at)
        self._records.credentials = live
        self._records.forget_ended()
        self._records.record(*events.credential_made(kind, person, expires_at, cause))

    async def redeem(self, kind: CredentialKind, digest: bytes, now: Millis) -> tuple[Person, Millis] | None:
        """See the port."""
        held = self._records.credentials.get(digest)
        if held is None or held.kind is not kind or held.expires_at <= now:
            return None
        if not self._records.account(held.person).is_active:
            return None
        if kind is CredentialKind.TICKET:  # [PEO-3]
            del self._records.credentials[digest]
        return self._records.account(held.person).person, held.expires_at

    async def sweep(self, now: Millis) -> int:
        """See the port."""
        live = {key: each for key, each in self._records.credentials.items() if each.expires_at > now - KEPT_MILLIS}
        ended = len(self._records.credentials) - len(live)
        self._records.credentials = live
        self._records.forget_ended()
        return ended

    async def revoke(self, digest: bytes, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        held = self._records.credentials.pop(digest, None)
        self._records.forget_ended()
        if held is not None:
            self._records.record(events.credential_ended(held.kind, held.person, cause))
            self._records.leave_notice(held.person, None)


class MemoryNotices:
    """`storage.ports.Notices`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def since(self, number: int) -> Sequence[AccessNotice]:
        """See the port."""
        return self._records.notices[max(number, 0) :][:_MAX_NOTICES]

    async def latest(self) -> int:
        """See the port."""
        return len(self._records.notices)
