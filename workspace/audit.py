"""What the audit log says, and how its events hold each other: an event, its canonical bytes, the chain of hashes.

Every access to a case and every change of state is an event. An event says who did what to which case, document or
person, when and from where, by ids and words of ours: no field can hold content, a name or a title. (P8)

Sources of the vocabulary: RFC 3881 §5 (event, active participant, network access point, participant object), which
DICOM PS3.15 A.5, IHE ATNA (ITI TF-2 3.20) and FHIR's AuditEvent spell in XML and JSON; `Code` is its event action code
(§5.1.2), `Event.outcome` its event outcome indicator (§5.1.4).

Format `audit/1`: an event's bytes are a JSON object in the form of RFC 8785 (JCS); as all keys and strings are
printable ASCII and all numbers are whole and below 2⁵³, that is sorted keys and nothing between the tokens. Its hash is
the sha-256 of the 32 bytes of the hash before it (zeros before the first) and these bytes.

**How a storage function records an event**: in the transaction of the change, after every row of the change is locked
and before `storage.notices.leave`, call `storage.audit.record(connection, Event(…, cause=cause))`; in memory
`records.record(Event(…))`. The port's method takes `cause: Cause = SYSTEM` as its last parameter, and the handler gives
it `principal.cause`. Accesses, which change nothing, go through `server.accesses.Accesses.note`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple, NewType

from workspace.ids import CaseId, DocumentName, Millis, PersonId

FORMAT = "audit/1"

Chain = NewType("Chain", str)
"""A case's id, or `HOUSE`."""
HOUSE = Chain("house")
"""The chain of what happens in no case. No case can be called so: ids have 16 characters."""
BEFORE_THE_FIRST = bytes(32)
"""The hash before the first event of a chain."""

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~+%/-]{0,79}")


class Means(StrEnum):
    """By what right somebody acts."""

    SESSION = "session"
    """Signed in, in a browser."""
    PASSWORD = "password"  # noqa: S105
    """Proves who they are by it, and is signed in from then on."""
    BEARER = "bearer"
    """A program, with a token."""
    TICKET = "ticket"
    LINK = "link"
    NOBODY = "nobody"
    """Not signed in."""
    COMMAND_LINE = "command-line"
    SYSTEM = "system"
    """Nobody's doing: background work, a demo's seed."""


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody acts: RFC 3881's network access point, and our name of the request."""

    means: Means
    address: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Who does it, and from where; `who` None: nobody who is signed in."""

    who: PersonId | None
    origin: Origin


SYSTEM = Cause(None, Origin(Means.SYSTEM))
COMMAND_LINE = Cause(None, Origin(Means.COMMAND_LINE))


def origin_from(means: Means, address: str, request: str) -> Origin:
    """An origin as it may be written down: what is no address or name of a request is left out, since both come from
    outside."""
    return Origin(means, *(text if _PLAIN.fullmatch(text) else "" for text in (address, request)))


class EventKind(StrEnum):
    """What sort of thing happened, for those who read the log."""

    READING = "reading"
    CHANGE = "change"
    """Of a case: its state, its title, versions, proposals, media."""
    MEMBERS = "members"
    SIGN_IN = "sign-in"
    ACCOUNTS = "accounts"
    HOUSE = "house"
    """Templates, backups, restores, the audit log itself."""


class Code(StrEnum):
    """RFC 3881 §5.1.2."""

    CREATE = "C"
    READ = "R"
    UPDATE = "U"
    DELETE = "D"
    EXECUTE = "E"


class Outcome(IntEnum):
    """RFC 3881 §5.1.4. What failed for want of a disk changed nothing and left no event."""

    SUCCESS = 0
    REFUSED = 4


class Action(StrEnum):
    """Everything that can be in the log. A word never changes its meaning."""

    CASE_OPENED = "case.opened"
    CASE_REFUSED = "case.refused"
    """Somebody who is signed in asked for a case that they may not read."""
    CASES_LISTED = "cases.listed"
    CASES_SEARCHED = "cases.searched"
    DOCUMENT_OPENED = "document.opened"
    """A session of the document began."""
    HISTORY_READ = "history.read"
    DOCUMENT_EXPORTED = "document.exported"
    MEDIA_OPENED = "media.opened"
    MEDIA_DOWNLOADED = "media.downloaded"
    AUDIT_READ = "audit.read"

    CASE_CREATED = "case.created"
    CASE_RENAMED = "case.renamed"
    CASE_STATE_CHANGED = "case.state-changed"
    DOCUMENT_CONTINUED = "document.continued"
    """Under its successor's name."""
    VERSION_NAMED = "version.named"
    VERSION_RENAMED = "version.renamed"
    VERSION_FORGOTTEN = "version.forgotten"
    PROPOSAL_MADE = "proposal.made"
    PROPOSAL_DECIDED = "proposal.decided"
    PROPOSAL_PUT_AWAY = "proposal.put-away"
    MEDIA_BEGUN = "media.begun"
    MEDIA_UPLOADED = "media.uploaded"
    MEDIA_READY = "media.ready"
    MEDIA_REJECTED = "media.rejected"
    MEDIA_REVIEWED = "media.reviewed"
    MEDIA_CHANGED = "media.changed"
    MEDIA_REMOVED = "media.removed"
    MEDIA_REMADE = "media.remade"
    """What viewers are shown of it was made anew, by today's rules, from the same cleaned files."""
    PRESENTING_BEGUN = "presenting.begun"
    PRESENTING_HANDED_OVER = "presenting.handed-over"
    PRESENTING_TAKEN_OVER = "presenting.taken-over"
    PRESENTING_ENDED = "presenting.ended"
    """By somebody. That its time was over is no event."""

    MEMBER_ADDED = "member.added"
    ROLE_CHANGED = "member.role-changed"
    MEMBER_REMOVED = "member.removed"

    SIGNED_IN = "sign-in.succeeded"
    SIGN_IN_FAILED = "sign-in.failed"
    SIGNED_OUT = "sign-in.ended"
    SIGNED_OUT_EVERYWHERE = "sign-in.all-ended"
    CREDENTIAL_MADE = "credential.made"
    CREDENTIAL_ENDED = "credential.ended"
    RESET_ASKED = "password.reset-asked"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105
    OFFLINE_KEY_MADE = "offline-key.made"

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_DEACTIVATED = "account.deactivated"
    ACCOUNT_REACTIVATED = "account.reactivated"
    STANDING_CHANGED = "account.standing-changed"
    PROFILE_CHANGED = "account.profile-changed"
    PICTURE_CHANGED = "account.picture-changed"
    ACCOUNTS_READ = "accounts.read"
    """By an admin."""

    TEMPLATE_CHANGED = "template.changed"
    TEMPLATE_RESET = "template.reset"
    AUDIT_ANCHORED = "audit.anchored"
    """How far a case's chain had come, and by which hash: told in the house's."""
    BACKED_UP = "house.backed-up"
    RESTORED = "house.restored"


class Meaning(NamedTuple):
    """What is true of every event of an action."""

    kind: EventKind
    code: Code
    outcome: Outcome = Outcome.SUCCESS


MEANINGS: Mapping[Action, Meaning] = {
    Action.CASE_OPENED: Meaning(EventKind.READING, Code.READ),
    Action.CASE_REFUSED: Meaning(EventKind.READING, Code.READ, Outcome.REFUSED),
    Action.CASES_LISTED: Meaning(EventKind.READING, Code.READ),
    Action.CASES_SEARCHED: Meaning(EventKind.READING, Code.EXECUTE),
    Action.DOCUMENT_OPENED: Meaning(EventKind.READING, Code.READ),
    Action.HISTORY_READ: Meaning(EventKind.READING, Code.READ),
    Action.DOCUMENT_EXPORTED: Meaning(EventKind.READING, Code.READ),
    Action.MEDIA_OPENED: Meaning(EventKind.READING, Code.READ),
    Action.MEDIA_DOWNLOADED: Meaning(EventKind.READING, Code.READ),
    Action.AUDIT_READ: Meaning(EventKind.READING, Code.READ),
    Action.CASE_CREATED: Meaning(EventKind.CHANGE, Code.CREATE),
    Action.CASE_RENAMED: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.CASE_STATE_CHANGED: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.DOCUMENT_CONTINUED: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.VERSION_NAMED: Meaning(EventKind.CHANGE, Code.CREATE),
    Action.VERSION_RENAMED: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.VERSION_FORGOTTEN: Meaning(EventKind.CHANGE, Code.DELETE),
    Action.PROPOSAL_MADE: Meaning(EventKind.CHANGE, Code.CREATE),
    Action.PROPOSAL_DECIDED: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.PROPOSAL_PUT_AWAY: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.MEDIA_BEGUN: Meaning(EventKind.CHANGE, Code.CREATE),
    Action.MEDIA_UPLOADED: Meaning(EventKind.CHANGE, Code.CREATE),
    Action.MEDIA_READY: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.MEDIA_REJECTED: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.MEDIA_REVIEWED: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.MEDIA_CHANGED: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.MEDIA_REMOVED: Meaning(EventKind.CHANGE, Code.DELETE),
    Action.MEDIA_REMADE: Meaning(EventKind.CHANGE, Code.UPDATE),
    Action.PRESENTING_BEGUN: Meaning(EventKind.CHANGE, Code.EXECUTE),
    Action.PRESENTING_HANDED_OVER: Meaning(EventKind.CHANGE, Code.EXECUTE),
    Action.PRESENTING_TAKEN_OVER: Meaning(EventKind.CHANGE, Code.EXECUTE),
    Action.PRESENTING_ENDED: Meaning(EventKind.CHANGE, Code.EXECUTE),
    Action.MEMBER_ADDED: Meaning(EventKind.MEMBERS, Code.CREATE),
    Action.ROLE_CHANGED: Meaning(EventKind.MEMBERS, Code.UPDATE),
    Action.MEMBER_REMOVED: Meaning(EventKind.MEMBERS, Code.DELETE),
    Action.SIGNED_IN: Meaning(EventKind.SIGN_IN, Code.EXECUTE),
    Action.SIGN_IN_FAILED: Meaning(EventKind.SIGN_IN, Code.EXECUTE, Outcome.REFUSED),
    Action.SIGNED_OUT: Meaning(EventKind.SIGN_IN, Code.EXECUTE),
    Action.SIGNED_OUT_EVERYWHERE: Meaning(EventKind.SIGN_IN, Code.EXECUTE),
    Action.CREDENTIAL_MADE: Meaning(EventKind.SIGN_IN, Code.CREATE),
    Action.CREDENTIAL_ENDED: Meaning(EventKind.SIGN_IN, Code.DELETE),
    Action.RESET_ASKED: Meaning(EventKind.SIGN_IN, Code.EXECUTE),
    Action.PASSWORD_CHANGED: Meaning(EventKind.SIGN_IN, Code.UPDATE),
    Action.OFFLINE_KEY_MADE: Meaning(EventKind.SIGN_IN, Code.CREATE),
    Action.ACCOUNT_CREATED: Meaning(EventKind.ACCOUNTS, Code.CREATE),
    Action.ACCOUNT_DEACTIVATED: Meaning(EventKind.ACCOUNTS, Code.UPDATE),
    Action.ACCOUNT_REACTIVATED: Meaning(EventKind.ACCOUNTS, Code.UPDATE),
    Action.STANDING_CHANGED: Meaning(EventKind.ACCOUNTS, Code.UPDATE),
    Action.PROFILE_CHANGED: Meaning(EventKind.ACCOUNTS, Code.UPDATE),
    Action.PICTURE_CHANGED: Meaning(EventKind.ACCOUNTS, Code.UPDATE),
    Action.ACCOUNTS_READ: Meaning(EventKind.ACCOUNTS, Code.READ),
    Action.TEMPLATE_CHANGED: Meaning(EventKind.HOUSE, Code.UPDATE),
    Action.TEMPLATE_RESET: Meaning(EventKind.HOUSE, Code.DELETE),
    Action.AUDIT_ANCHORED: Meaning(EventKind.HOUSE, Code.EXECUTE),
    Action.BACKED_UP: Meaning(EventKind.HOUSE, Code.READ),
    Action.RESTORED: Meaning(EventKind.HOUSE, Code.EXECUTE),
}


class Detail(StrEnum):
    """What an event may say besides: an id, a number, or a word of ours."""

    ROLE = "role"
    STATE = "state"
    STANDING = "standing"
    WAS = "was"
    """The role, state or standing before."""
    KIND = "kind"
    """Of a credential, a document's export, a medium."""
    UNTIL = "until"
    """When a credential ends, in milliseconds since 1970."""
    SIGN_IN = "sign-in"
    SEQ = "seq"
    SUCCESSOR = "successor"
    PROPOSAL = "proposal"
    OUTCOME = "outcome"
    MEDIA = "media"
    UPLOAD = "upload"
    FILES = "files"
    REASON = "reason"
    BYTES = "bytes"
    TEMPLATE = "template"
    VERSION = "version"
    DOCUMENTS = "documents"
    CREDENTIALS = "credentials"
    """How many."""
    CHAIN = "chain"
    HASH = "hash"
    """In hexadecimal."""
    LATE = "late-ms"
    """An access that could not be recorded when it happened: how long before its event."""


Value = str | int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `person` is whom it was done to, where that says more than who did it.

    Raises: ValueError for a detail that is neither a word nor a whole number: content must not come in by mistake.
    """

    action: Action
    cause: Cause = SYSTEM
    case: CaseId | None = None
    document: DocumentName | None = None
    person: PersonId | None = None
    details: Mapping[Detail, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """See above."""
        for key, value in self.details.items():
            if not (abs(value) < 2**53 if isinstance(value, int) else _PLAIN.fullmatch(value)):
                raise ValueError(f"no such thing belongs into the audit log: {key.value}")

    @property
    def chain(self) -> Chain:
        """Where it belongs."""
        return HOUSE if self.case is None else Chain(self.case)

    @property
    def outcome(self) -> Outcome:
        """Whether what was asked for was done."""
        return MEANINGS[self.action].outcome


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in its place: the `seq`-th of its chain, at `at` by the database's clock."""

    seq: int
    at: Millis
    event: Event


class Unreadable(Exception):
    """These bytes are no event of the format `audit/1`."""


def chain_of(case: CaseId) -> Chain:
    """The chain of a case's events."""
    return Chain(case)


def encode(recorded: Recorded) -> bytes:
    """An event's canonical bytes: the same for the same event, on every machine and in every release."""
    event, origin = recorded.event, recorded.event.cause.origin
    said = {
        "action": event.action.value,
        "address": origin.address,
        "at": recorded.at,
        "chain": event.chain,
        "details": {key.value: value for key, value in event.details.items()},
        "document": event.document,
        "format": FORMAT,
        "means": origin.means.value,
        "person": event.person,
        "request": origin.request,
        "seq": recorded.seq,
        "who": event.cause.who,
    }
    there = {key: value for key, value in said.items() if value not in (None, "", {})}
    return json.dumps(there, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def decode(body: bytes) -> Recorded:
    """What canonical bytes say. Raises: Unreadable for everything that `encode` does not write."""
    try:
        said = json.loads(body)
        chain = Chain(said["chain"])
        event = Event(
            Action(said["action"]),
            Cause(said.get("who"), Origin(Means(said["means"]), said.get("address", ""), said.get("request", ""))),
            None if chain == HOUSE else CaseId(chain),
            said.get("document"),
            said.get("person"),
            {Detail(key): value for key, value in said.get("details", {}).items()},
        )
        recorded = Recorded(said["seq"], Millis(said["at"]), event)
        is_ours = encode(recorded) == body
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable from error
    if not is_ours:
        raise Unreadable
    return recorded


def link(before: bytes, body: bytes) -> bytes:
    """The hash of an event, which holds everything before it in place."""
    return hashlib.sha256(before + body).digest()
