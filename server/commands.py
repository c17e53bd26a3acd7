"""What an operator does to people and cases from the command line, beside a running server or without one."""

from __future__ import annotations

from server.entrance import Entropy, grant, make_secret
from server.passwords import Passwords
from server.premises import CommandFailed
from storage.ports import CredentialKind, NewCase, Stores
from workspace.audit import COMMAND_LINE
from workspace.case import CaseState, Person, Role, Standing
from workspace.errors import Conflict, NotFound
from workspace.ids import ID_BYTES, CaseId, Millis, PersonId, make_id, parse_case_id


async def add_user(
    stores: Stores, *, email: str, name: str, standing: Standing, password: str, now: Millis, entropy: Entropy
) -> PersonId:
    """A new account. Raises: CommandFailed, InvalidRequest (password)."""
    person = Person(PersonId(make_id(entropy(ID_BYTES))), email, name, standing)
    try:
        await stores.people.add(person, await Passwords().hash(password), now, cause=COMMAND_LINE)
    except Conflict as error:
        raise CommandFailed(f"somebody already has the e-mail address {email}") from error
    return person.id


async def set_active(stores: Stores, *, email: str, active: bool, now: Millis) -> None:
    """Deactivate somebody, which ends their sign-ins, or reactivate them. Raises: CommandFailed."""
    person = await find_person(stores, email)
    try:
        await stores.accounts.set_active(person.id, active=active, at=now, cause=COMMAND_LINE)
    except Conflict as error:
        raise CommandFailed("this is the last active admin; make somebody else one first") from error


async def make_token(stores: Stores, *, email: str, ttl_seconds: int, now: Millis, entropy: Entropy) -> str:
    """A bearer token. Raises: CommandFailed."""
    person = await find_person(stores, email)
    token = make_secret(entropy)
    until = Millis(now + ttl_seconds * 1000)
    await grant(stores.people, CredentialKind.BEARER, token, person.id, now=now, until=until, cause=COMMAND_LINE)
    return token


async def create_case(stores: Stores, *, title: str, lead: str, now: Millis, entropy: Entropy) -> CaseId:
    """A new, open case. Raises: CommandFailed."""
    person = await find_person(stores, lead)
    case = CaseId(make_id(entropy(ID_BYTES)))
    await stores.cases.create(NewCase(case, title, person.id, CaseState.OPEN, now, seeds={}), cause=COMMAND_LINE)
    return case


async def set_member(stores: Stores, *, case: str, email: str, role: Role | None, now: Millis) -> None:
    """Give, change or (None) take away a membership. Raises: CommandFailed."""
    person = await find_person(stores, email)
    try:
        await stores.cases.set_member(parse_case_id(case), person.id, role, now, cause=COMMAND_LINE)
    except NotFound as error:
        raise CommandFailed(f"there is no case {case}") from error
    except Conflict as error:
        raise CommandFailed("a case needs a lead: give somebody else that role first") from error


async def find_person(stores: Stores, email: str) -> Person:
    """Raises: CommandFailed."""
    found = await stores.people.find_by_email(email)
    if found is None:
        raise CommandFailed(f"nobody has the e-mail address {email}")
    return found[0]
