"""The ports: what the rest of the house asks of durability, and what every adapter promises.

Every adapter passes the one contract suite of its port (`tests/contract`). Adapters translate driver errors: what comes
out of a port is a `workspace.errors` class, `StorageUnavailable` when the store itself failed and nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from storage.ports.accounts import Account, AccountPage, Accounts
from storage.ports.audit import Audit, Sought
from storage.ports.bus import Alone, Bus, Ear, Hall
from storage.ports.cases import Cases, NewCase
from storage.ports.journal import Commit, Journal
from storage.ports.leases import Holder, Lease, Leases
from storage.ports.limits import AloneCounts, Charge, Key, Quota, Rates, SessionCounts, key_of
from storage.ports.lists import Counts, Listed, Lists, Named, Order, Place, Wanted
from storage.ports.mails import Mail, MailKind, Mails
from storage.ports.media import (
    MANIFEST_TYPE,
    Gallery,
    KnownObject,
    Made,
    Manifest,
    Manifests,
    MediaFile,
    Medium,
    Outdated,
    Rendition,
    Shape,
)
from storage.ports.no_objects import NoObjects
from storage.ports.notices import AccessNotice, Notices
from storage.ports.objects import (
    MOST_PARTS,
    PART_BYTES,
    Fetched,
    ListedObject,
    MultipartId,
    Multiparts,
    ObjectHead,
    ObjectKey,
    Objects,
    ObjectsState,
    PartToSign,
    Progress,
    SentPart,
    Signed,
)
from storage.ports.offline_keys import OfflineKeys
from storage.ports.people import KEPT_MILLIS, CredentialKind, People
from storage.ports.presenting import Presenter, Presenting, ShowingPage
from storage.ports.profiles import Picture, Profile, Profiles
from storage.ports.projections import Behind, Found, Projections
from storage.ports.proposals import Decision, Outcome, Proposal, Proposals
from storage.ports.remakes import Remade, Remake, RemakeLoad, Remakes, Rules
from storage.ports.s3_access import Addressing, FindAccess, S3Access, Sse
from storage.ports.sign_ins import Seen, SignIn, SignInId, SignIns
from storage.ports.templates import Template, Templates
from storage.ports.uploads import Accepted, Begun, Claim, Duplicate, Load, Refused, Upload, Uploads, UploadWork
from storage.ports.usage import CaseUsage, Usage, Used
from storage.ports.versions import LastSeen, NamedVersion, Versions

__all__ = [
    "KEPT_MILLIS",
    "MANIFEST_TYPE",
    "MOST_PARTS",
    "PART_BYTES",
    "Accepted",
    "AccessNotice",
    "Account",
    "AccountPage",
    "Accounts",
    "Addressing",
    "Alone",
    "AloneCounts",
    "Audit",
    "Begun",
    "Behind",
    "Bus",
    "CaseUsage",
    "Cases",
    "Charge",
    "Claim",
    "Commit",
    "Counts",
    "CredentialKind",
    "Decision",
    "Duplicate",
    "Ear",
    "Fetched",
    "FindAccess",
    "Found",
    "Gallery",
    "Hall",
    "Holder",
    "Journal",
    "Key",
    "KnownObject",
    "LastSeen",
    "Lease",
    "Leases",
    "Listed",
    "ListedObject",
    "Lists",
    "Load",
    "Made",
    "Mail",
    "MailKind",
    "Mails",
    "Manifest",
    "Manifests",
    "MediaFile",
    "Medium",
    "MultipartId",
    "Multiparts",
    "Named",
    "NamedVersion",
    "NewCase",
    "NoObjects",
    "Notices",
    "ObjectHead",
    "ObjectKey",
    "Objects",
    "ObjectsState",
    "OfflineKeys",
    "Order",
    "Outcome",
    "Outdated",
    "PartToSign",
    "People",
    "Picture",
    "Place",
    "Presenter",
    "Presenting",
    "Profile",
    "Profiles",
    "Progress",
    "Projections",
    "Proposal",
    "Proposals",
    "Quota",
    "Rates",
    "Refused",
    "Remade",
    "Remake",
    "RemakeLoad",
    "Remakes",
    "Rendition",
    "Rules",
    "S3Access",
    "Seen",
    "SentPart",
    "SessionCounts",
    "Shape",
    "ShowingPage",
    "SignIn",
    "SignInId",
    "SignIns",
    "Signed",
    "Sought",
    "Sse",
    "Stores",
    "Template",
    "Templates",
    "Upload",
    "UploadWork",
    "Uploads",
    "Usage",
    "Used",
    "Versions",
    "Wanted",
    "key_of",
]


@dataclass(frozen=True, slots=True)
class Stores:
    """One adapter of each port, as the composition root wires them."""

    journal: Journal
    cases: Cases
    people: People
    notices: Notices
    offline_keys: OfflineKeys
    accounts: Accounts
    profiles: Profiles
    sign_ins: SignIns
    mails: Mails
    usage: Usage
    versions: Versions
    lists: Lists
    projections: Projections
    templates: Templates
    leases: Leases
    presenting: Presenting
    proposals: Proposals
    audit: Audit
    uploads: Uploads
    upload_work: UploadWork
    gallery: Gallery
    manifests: Manifests
    remakes: Remakes
    objects: Objects = field(default_factory=NoObjects)
    multiparts: Multiparts = field(default_factory=NoObjects)
    bus: Bus = field(default_factory=Alone)
    rates: Rates = field(default_factory=AloneCounts)
    session_counts: SessionCounts = field(default_factory=AloneCounts)
    is_shared: bool = False
    """Whether other nodes may write to the same journal."""
    is_full: Callable[[], bool] = lambda: False
    """Whether new edits are to be refused for want of room; what is on its way may still be written."""
    objects_state: Callable[[], ObjectsState] = lambda: ObjectsState.OFF
    """How the store of objects is. Nothing but images and files waits for it."""
    failed: Callable[[], str | None] = lambda: None
    """Why nothing can be written any more until a restart, as a word for operators; None while all is well."""
