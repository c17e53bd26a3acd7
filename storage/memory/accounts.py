"""Accounts, profiles, sign-ins and mails in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from storage.accounts import ENDED_BY_A_NEW_PASSWORD
from storage.events import of_account, signed_out, themselves
from storage.folding import by_name, is_found
from storage.memory.leases import expect
from storage.memory.records import MemoryRecords
from storage.ports import (
    Account,
    AccountPage,
    CaseUsage,
    CredentialKind,
    Lease,
    Mail,
    MailKind,
    Picture,
    Profile,
    Seen,
    SignIn,
    SignInId,
    Used,
)
from storage.ports.mails import MOST_MAILS
from storage.sign_ins import ENDED_TOGETHER
from workspace.audit import SYSTEM, Action, Cause, Event
from workspace.case import Person
from workspace.errors import NotFound, TooMany
from workspace.ids import Millis, PersonId


def _end(
    records: MemoryRecords, person: PersonId, kinds: Collection[CredentialKind], keep: bytes | None, event: Event
) -> None:
    records.credentials = {
        digest: held
        for digest, held in records.credentials.items()
        if held.person != person or held.kind not in kinds or digest == keep
    }
    records.forget_ended()
    records.record(event)
    records.leave_notice(person, None)


class MemoryAccounts:
    """`storage.ports.Accounts`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def find(self, person: PersonId) -> Account | None:
        """See the port."""
        held = self._records.accounts.get(person)
        if held is None:
            return None
        mine = [
            sign_in.seen_at
            for digest, sign_in in self._records.sign_ins.items()
            if self._records.credentials[digest].person == person
        ]
        return Account(
            held.person, held.created_at, held.is_active, held.password_hash is not None, max(mine, default=None)
        )

    async def list(self, search: str, offset: int, limit: int) -> AccountPage:
        """See the port."""
        people = [each.person for each in self._records.accounts.values() if is_found(each.person, search)]
        found = [await self.find(person.id) for person in sorted(people, key=by_name)]
        return AccountPage([account for account in found[offset : offset + limit] if account], len(found))

    async def set_password(
        self, person: PersonId, password_hash: str, at: Millis, keep: bytes | None, cause: Cause = SYSTEM
    ) -> None:
        """See the port."""
        account = self._records.account(person)
        self._records.accounts[person] = replace(account, password_hash=password_hash)
        event = of_account(Action.PASSWORD_CHANGED, person, themselves(person, cause))
        _end(self._records, person, ENDED_BY_A_NEW_PASSWORD, keep, event)

    async def reset_password(
        self, digest: bytes, password_hash: str, now: Millis, cause: Cause = SYSTEM
    ) -> Person | None:
        """See the port."""
        held = self._records.credentials.get(digest)
        if held is None or held.kind is not CredentialKind.RESET or held.expires_at <= now:
            return None
        account = self._records.account(held.person)
        if not account.is_active:
            return None
        await self.set_password(held.person, password_hash, now, None, cause)
        return account.person

    async def set_active(self, person: PersonId, *, active: bool, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        account = self._records.account(person)
        if account.is_active == active:
            return
        if active:
            self._records.record(of_account(Action.ACCOUNT_REACTIVATED, person, cause))
            self._records.leave_notice(person, None)
        else:
            self._records.keep_an_admin(person)
            event = of_account(Action.ACCOUNT_DEACTIVATED, person, cause)
            _end(self._records, person, list(CredentialKind), None, event)
        self._records.accounts[person] = replace(account, is_active=active)


class MemoryProfiles:
    """`storage.ports.Profiles`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def of(self, people: Collection[PersonId]) -> Mapping[PersonId, Profile]:
        """See the port."""
        return {person: self._of(person) for person in people}

    async def tell(self, person: PersonId, name: str, profile: Profile, cause: Cause = SYSTEM) -> None:
        """See the port."""
        account, before = self._records.account(person), self._of(person)
        self._records.profiles[person] = replace(profile, picture=None)
        self._records.record(of_account(Action.PROFILE_CHANGED, person, cause))
        if account.person.name != name:
            self._records.accounts[person] = replace(account, person=replace(account.person, name=name))
            self._records.leave_notice(person, None)
        shown = (account.person.name, before.profession, before.specialty)
        if shown != (name, profile.profession, profile.specialty):
            self._tell_cases(person)

    async def show(self, person: PersonId, picture: Picture | None, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        self._records.account(person)
        self._records.pictures.pop(person, None)
        if picture is not None:
            self._records.pictures[person] = picture
        self._records.record(of_account(Action.PICTURE_CHANGED, person, cause))
        self._tell_cases(person)

    async def picture(self, person: PersonId, digest: str) -> Picture | None:
        """See the port."""
        held = self._records.pictures.get(person)
        return held if held is not None and hashlib.sha256(held.body).hexdigest() == digest else None

    def _tell_cases(self, person: PersonId) -> None:
        for case in sorted(case for case, places in self._records.members.items() if person in places):
            self._records.leave_notice(None, case)

    def _of(self, person: PersonId) -> Profile:
        held = self._records.pictures.get(person)
        told = self._records.profiles.get(person, Profile())
        return told if held is None else replace(told, picture=hashlib.sha256(held.body).hexdigest())


class MemorySignIns:
    """`storage.ports.SignIns`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def note(self, digest: bytes, sign_in: SignInId, agent: str, seen: Seen) -> None:
        """See the port."""
        held = self._records.credentials.get(digest)
        if held is None:
            raise NotFound
        self._records.sign_ins[digest] = SignIn(
            sign_in, digest, agent, seen.address, held.created_at, seen.at, held.expires_at
        )

    async def seen(self, used: Mapping[bytes, Seen]) -> None:
        """See the port."""
        for digest, last in used.items():
            held = self._records.sign_ins.get(digest)
            if held is not None and held.seen_at < last.at:
                self._records.sign_ins[digest] = replace(held, address=last.address, seen_at=last.at)

    async def of(self, person: PersonId, now: Millis) -> Sequence[SignIn]:
        """See the port."""
        mine = [each for each in self._of(person) if each.expires_at > now]
        return sorted(mine, key=lambda each: (-each.seen_at, each.id))

    async def end(self, person: PersonId, sign_in: SignInId, cause: Cause = SYSTEM) -> None:
        """See the port."""
        found = next((each for each in self._of(person) if each.id == sign_in), None)
        if found is None:
            raise NotFound
        del self._records.credentials[found.digest]
        self._records.forget_ended()
        self._records.record(signed_out(person, sign_in, cause))
        self._records.leave_notice(person, None)

    async def end_all(self, person: PersonId, keep: bytes | None, cause: Cause = SYSTEM) -> None:
        """See the port."""
        _end(self._records, person, ENDED_TOGETHER, keep, signed_out(person, None, cause))

    def _of(self, person: PersonId) -> list[SignIn]:
        held = self._records.credentials
        return [each for each in self._records.sign_ins.values() if held[each.digest].person == person]


class MemoryMails:
    """`storage.ports.Mails`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def ask(self, kind: MailKind, email: str, at: Millis, cause: Cause = SYSTEM) -> None:
        """See the port."""
        held = self._records.mails
        if any(mail.kind is kind and mail.email.casefold() == email.casefold() for mail, _ in held.values()):
            return
        if len(held) >= MOST_MAILS:
            raise TooMany(retry_after_seconds=60)
        number = max(held, default=0) + 1
        held[number] = Mail(number, kind, email, at, 0), at
        if kind is MailKind.RESET:
            self._records.record(Event(Action.RESET_ASKED, cause))

    async def due(self, now: Millis, limit: int) -> Sequence[Mail]:
        """See the port."""
        waiting = sorted((at, number) for number, (_, at) in self._records.mails.items() if at <= now)
        return [self._records.mails[number][0] for _, number in waiting[:limit]]

    async def claim(self, lease: Lease, now: Millis, until: Millis, limit: int) -> Sequence[Mail]:
        """See the port."""
        expect(self._records, lease)
        claimed = await self.due(now, limit)
        self._records.mails |= {mail.id: (mail, until) for mail in claimed}
        return claimed

    async def oldest(self) -> Millis | None:
        """See the port."""
        return min((mail.asked_at for mail, _ in self._records.mails.values()), default=None)

    async def later(self, mail: int, next_at: Millis) -> None:
        """See the port."""
        if mail in self._records.mails:
            held, _ = self._records.mails[mail]
            self._records.mails[mail] = replace(held, tries=held.tries + 1), next_at

    async def done(self, mail: int) -> None:
        """See the port."""
        self._records.mails.pop(mail, None)


class MemoryUsage:
    """`storage.ports.Usage`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def measure(self) -> Used:
        """See the port. Nothing is on a disk: the database has no size."""
        records = self._records
        documents = records.history.documents
        cases = []
        for case in records.cases:
            held = [found for document, found in documents.items() if document.case == case]
            entry_bytes = sum(len(entry.update) for found in held for entry in found.entries)
            snapshot_bytes = sum(len(snapshot.body) for found in held for snapshot in found.snapshots.values())
            entries = sum(len(found.entries) for found in held)
            cases.append(CaseUsage(case, len(held), entries, entry_bytes + snapshot_bytes))
        snapshots = [len(each.body) for found in documents.values() for each in found.snapshots.values()]
        return Used(
            database_bytes=0,
            people=len(records.accounts),
            pictures=len(records.pictures),
            picture_bytes=sum(len(picture.body) for picture in records.pictures.values()),
            entry_bytes=sum(each.bytes for each in cases) - sum(snapshots),
            snapshots=len(snapshots),
            snapshot_bytes=sum(snapshots),
            cases=sorted(cases, key=lambda each: (-each.bytes, each.case)),
        )
