"""What each change of state is called in the audit log: said once, so that all adapters record the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from storage.ports.cases import NewCase
from storage.ports.people import CredentialKind
from storage.ports.proposals import Outcome, Proposal
from storage.ports.sign_ins import SignInId
from storage.ports.templates import Template
from workspace.audit import Action, Cause, Detail, Event, Value
from workspace.audit_chain import Head
from workspace.case import CaseState, Person, Role, Standing
from workspace.ids import CaseId, DocumentId, Millis, PersonId, Seq

UNTOLD = (CredentialKind.TICKET, CredentialKind.DEVICE)
"""Made on the way to something that is recorded itself: a session of a document, a sign-in."""


def case_created(case: NewCase, cause: Cause) -> Event:
    """`person` leads it."""
    return Event(Action.CASE_CREATED, cause, case.id, person=case.lead, details={Detail.STATE: case.state.value})


def case_renamed(case: CaseId, cause: Cause) -> Event:
    """Not what it is called."""
    return Event(Action.CASE_RENAMED, cause, case)


def state_changed(case: CaseId, was: CaseState, state: CaseState, cause: Cause) -> Event:
    """From where to where."""
    details = {Detail.STATE: state.value, Detail.WAS: was.value}
    return Event(Action.CASE_STATE_CHANGED, cause, case, details=details)


def member_changed(case: CaseId, person: PersonId, was: Role | None, role: Role | None, cause: Cause) -> Event:
    """Added, removed, or given another role."""
    details: dict[Detail, Value] = {}
    if role is not None:
        details[Detail.ROLE] = role.value
    if was is not None:
        details[Detail.WAS] = was.value
    action = Action.MEMBER_ADDED if was is None else Action.ROLE_CHANGED if role is not None else Action.MEMBER_REMOVED
    return Event(action, cause, case, person=person, details=details)


def document_continued(document: DocumentId, successor: DocumentId, cause: Cause) -> Event:
    """Under which name."""
    details = {Detail.SUCCESSOR: successor.name}
    return Event(Action.DOCUMENT_CONTINUED, cause, document.case, document.name, details=details)


def presenting(action: Action, case: CaseId, person: PersonId, cause: Cause) -> Event:
    """`person` presents from now on, or did until now."""
    return Event(action, cause, case, person=person)


def version_changed(action: Action, document: DocumentId, seq: Seq, cause: Cause) -> Event:
    """Which moment; not its name."""
    return Event(action, cause, document.case, document.name, details={Detail.SEQ: seq})


def proposal_changed(action: Action, proposal: Proposal, outcome: Outcome, cause: Cause) -> Event:
    """`person` asked for it."""
    details = {Detail.PROPOSAL: proposal.id, Detail.OUTCOME: outcome.value}
    return Event(action, cause, proposal.case, person=proposal.author, details=details)


def template_changed(template: Template, cause: Cause) -> Event:
    """Added, changed, retired or offered again."""
    details: Mapping[Detail, Value] = {Detail.TEMPLATE: template.id, Detail.VERSION: template.version}
    return Event(Action.TEMPLATE_CHANGED, cause, details=details)


def template_reset(template: str, version: int, cause: Cause) -> Event:
    """Back to what came with Consilium."""
    details: Mapping[Detail, Value] = {Detail.TEMPLATE: template, Detail.VERSION: version}
    return Event(Action.TEMPLATE_RESET, cause, details=details)


def account_created(person: Person, cause: Cause) -> Event:
    """With which standing."""
    details = {Detail.STANDING: person.standing.value}
    return Event(Action.ACCOUNT_CREATED, cause, person=person.id, details=details)


def standing_changed(person: PersonId, was: Standing, standing: Standing, cause: Cause) -> Event:
    """From what to what."""
    details = {Detail.STANDING: standing.value, Detail.WAS: was.value}
    return Event(Action.STANDING_CHANGED, cause, person=person, details=details)


def credential_made(kind: CredentialKind, person: PersonId, until: Millis, cause: Cause) -> list[Event]:
    """A session is a sign-in: whoever signs in is who they proved to be. One event, or none."""
    if kind in UNTOLD:
        return []
    if kind is CredentialKind.SESSION:
        return [Event(Action.SIGNED_IN, themselves(person, cause), person=person, details={Detail.UNTIL: until})]
    details: Mapping[Detail, Value] = {Detail.KIND: kind.value, Detail.UNTIL: until}
    return [Event(Action.CREDENTIAL_MADE, cause, person=person, details=details)]


def credential_ended(kind: CredentialKind, person: PersonId, cause: Cause) -> Event:
    """By whoever holds it, if nobody else is said to have done it."""
    action = Action.SIGNED_OUT if kind is CredentialKind.SESSION else Action.CREDENTIAL_ENDED
    return Event(action, themselves(person, cause), person=person, details={Detail.KIND: kind.value})


def signed_out(person: PersonId, sign_in: SignInId | None, cause: Cause) -> Event:
    """At one place, or (None) everywhere else."""
    if sign_in is None:
        return Event(Action.SIGNED_OUT_EVERYWHERE, cause, person=person)
    return Event(Action.SIGNED_OUT, cause, person=person, details={Detail.SIGN_IN: sign_in})


def anchored(head: Head) -> Event:
    """How far a case's chain had come."""
    details: Mapping[Detail, Value] = {Detail.CHAIN: head.chain, Detail.SEQ: head.seq, Detail.HASH: head.hash.hex()}
    return Event(Action.AUDIT_ANCHORED, details=details)


def themselves(person: PersonId, cause: Cause) -> Cause:
    """Who has proven to be a person by what they sent has done it, where nobody else was signed in."""
    return cause if cause.who is not None else replace(cause, who=person)


def of_account(action: Action, person: PersonId, cause: Cause) -> Event:
    """What needs no more words."""
    return Event(action, cause, person=person)
