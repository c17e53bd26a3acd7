"""The tables, as SQLAlchemy Core: one schema for SQLite and PostgreSQL. `storage.migrations` builds exactly this."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    event,
)
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey
from sqlalchemy import UniqueConstraint as Unique

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names for constraints, so that a later migration can drop by name what an earlier one made without."""

# SQLite numbers rows by itself only in a column typed exactly INTEGER; that is 64 bits wide there.
_KEY = BigInteger().with_variant(Integer(), "sqlite")


def _ordered(length: int | None = None) -> String:
    """Text whose order is that of its characters' numbers: SQLite's only one; of PostgreSQL, whose databases have one
    of their own each, it has to be asked for. Pages of a list depend on it, and keys are compared faster."""
    kind = Text() if length is None else String(length)
    sorted_kind = Text(collation="C") if length is None else String(length, collation="C")
    return kind.with_variant(sorted_kind, "postgresql")


_ID = _ordered(16)
_DIGEST = LargeBinary(32)

metadata = MetaData(naming_convention=NAMING)

people = Table(
    "people",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("email", Text, nullable=False),
    Column("email_folded", Text, nullable=False),  # [PEO-1] str.casefold: no database folds all of Unicode
    Column("name", Text, nullable=False),
    Column("standing", String(16), nullable=False),
    Column("password_hash", Text),
    Column("created_at", BigInteger, nullable=False),
    Unique("email_folded"),
)

credentials = Table(
    "credentials",
    metadata,
    Column("digest", _DIGEST, primary_key=True),  # [PEO-2] the secret itself is never here
    Column("kind", String(16), nullable=False),
    Column("person", _ID, ForeignKey("people.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "expires_at"),
)

profiles = Table(
    "profiles",
    metadata,
    Column("person", _ID, ForeignKey("people.id"), primary_key=True),
    Column("profession", Text, nullable=False),
    Column("specialty", Text, nullable=False),
    Column("registration", Text, nullable=False),
    Column("language", String(35)),  # BCP 47; none: as the browser asks
)

# The digest comes before the body, so that whoever wants only the digest reads no overflow pages.
pictures = Table(
    "pictures",
    metadata,
    Column("person", _ID, ForeignKey("people.id"), primary_key=True),
    Column("digest", _DIGEST, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("format", String(32), nullable=False),
    Column("length", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

deactivations = Table(
    "deactivations",
    metadata,
    Column("person", _ID, ForeignKey("people.id"), primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# What tells one session credential from another. It goes when the credential does, also when older code ends that.
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("digest", _DIGEST, ForeignKey("credentials.digest", ondelete="CASCADE"), primary_key=True),
    Column("id", _ID, nullable=False),
    Column("agent", Text, nullable=False),
    Column("address", String(64), nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Unique("id"),
)

# What waits to be sent. The secret in a mail is made when it is sent: it is never here.
mails = Table(
    "mails",
    metadata,
    Column("id", _KEY, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("email", Text, nullable=False),
    Column("email_folded", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Unique("kind", "email_folded"),
)

# [OFF-6] The salt goes with its credential, however that ends: without it no key can be made again.
offline_keys = Table(
    "offline_keys",
    metadata,
    Column("credential", _DIGEST, ForeignKey("credentials.digest", ondelete="CASCADE"), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("title", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),  # of the row and its members; edits say when in their entries
)

# What is known of a case without opening it. One row per case, from its creation; `document` and `seq` say up to where
# its record was read.
projections = Table(
    "projections",
    metadata,
    Column("id", _KEY, primary_key=True),  # the row of the same number in the full-text index
    Column("case_id", _ID, ForeignKey("cases.id"), nullable=False),
    Column("title_folded", _ordered(), nullable=False),  # the order of titles: no database folds all of Unicode
    Column("document", String(64)),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("is_unreadable", Boolean, nullable=False),  # the record could not be read; what follows is from before
    Column("line", Text),
    Column("question", Text),
    Column("age_band", String(8)),
    Column("sex", String(8)),
    Column("next_action", Text),
    Column("next_owner", _ID),  # no foreign key: any client may write any id there
    Column("next_due", _ordered(10)),
    Column("texts", Text, nullable=False),  # JSON: section → plain text
    Column("mentions", Text, nullable=False),  # JSON: person ids
    Unique("case_id"),
    Index(None, "next_owner"),
)

FULL_TEXT = "case_words"
_MAKE_PARTS = f"""
CREATE TABLE {FULL_TEXT} (
    number BIGINT NOT NULL CONSTRAINT fk_{FULL_TEXT}_number_projections REFERENCES projections (id),
    field INTEGER NOT NULL,
    part INTEGER NOT NULL,
    words TSVECTOR NOT NULL,
    CONSTRAINT pk_{FULL_TEXT} PRIMARY KEY (number, field, part)
)"""
MAKE_FULL_TEXT = {
    "sqlite": (f"CREATE VIRTUAL TABLE {FULL_TEXT} USING fts5(title, head, body, tokenize='ascii')",),
    "postgresql": (_MAKE_PARTS, f"CREATE INDEX ix_{FULL_TEXT}_words ON {FULL_TEXT} USING gin (words)"),
}
"""The full-text index, which each database has in its own way; `storage.case_words` speaks to both. SQLite's is given
words that `workspace.searching` has normalised, and must only split them at spaces: `unicode61` knows the letters of
Unicode 6.1 alone and would lose the others."""


@event.listens_for(projections, "after_create")
def _make_full_text(_: Table, connection: Connection, **__: object) -> None:
    for statement in MAKE_FULL_TEXT[connection.dialect.name]:
        connection.exec_driver_sql(statement)


templates = Table(
    "templates",
    metadata,
    Column("id", _ordered(40), primary_key=True),  # of a delivered one its key, then the row stands for it
    Column("language", String(35), nullable=False),
    Column("name", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("sections", Text, nullable=False),  # JSON: section → the editor's document
    Column("is_retired", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", _ID, ForeignKey("people.id"), nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("case_id", _ID, ForeignKey("cases.id"), nullable=False),
    Column("person", _ID, ForeignKey("people.id"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("since", BigInteger, nullable=False),
    PrimaryKey("case_id", "person"),
    Index(None, "person"),
)

documents = Table(
    "documents",
    metadata,
    Column("id", _KEY, primary_key=True),
    Column("case_id", _ID, ForeignKey("cases.id"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("head", BigInteger, nullable=False),  # the newest seq; 0 when there is no entry
    Column("superseded_by", String(64)),  # the name, in the same case, under which it continues
    Unique("case_id", "name"),
)

# Clustered by (document, seq): opening a document reads neighbouring pages. No foreign key to people: it would cost a
# look-up per keystroke, and an author is a principal whose credential was just proven.
entries = Table(
    "entries",
    metadata,
    Column("document", _KEY, ForeignKey("documents.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("op", LargeBinary(16), nullable=False),
    Column("author", _ID, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("format", String(32), nullable=False),
    Column("length", Integer, nullable=False),
    Column("sha256", _DIGEST, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKey("document", "seq"),
    Unique("op"),
    sqlite_with_rowid=False,
)

# [JRN-6] the key has no person in it: a client id belongs to one person for as long as the document lives.
document_clients = Table(
    "document_clients",
    metadata,
    Column("document", _KEY, ForeignKey("documents.id"), nullable=False),
    Column("client_id", BigInteger, nullable=False),
    Column("person", _ID, nullable=False),
    PrimaryKey("document", "client_id"),
    sqlite_with_rowid=False,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("document", _KEY, ForeignKey("documents.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("format", String(32), nullable=False),
    Column("length", Integer, nullable=False),
    Column("sha256", _DIGEST, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKey("document", "seq"),
)

# Names given to moments of a document; the journal knows nothing of them.
versions = Table(
    "versions",
    metadata,
    Column("document", _KEY, ForeignKey("documents.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("author", _ID, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKey("document", "seq"),
)

seen = Table(
    "seen",
    metadata,
    Column("document", _KEY, ForeignKey("documents.id"), nullable=False),
    Column("person", _ID, ForeignKey("people.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKey("document", "person"),
)

# Who does what only one in the cluster may do. Times are the database's own; rows stay, so that fences only grow.
leases = Table(
    "leases",
    metadata,
    Column("name", _ordered(80), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("begins", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
)

# Who shows the others of a case what they look at. Times are the database's own; rows stay, so that numbers only grow.
presenters = Table(
    "presenters",
    metadata,
    Column("case_id", _ID, ForeignKey("cases.id"), primary_key=True),
    Column("person", _ID, ForeignKey("people.id"), nullable=False),
    Column("client", BigInteger),  # of the page that shows; none yet of whom it was handed over to
    Column("credential", _DIGEST),  # by which that page is signed in: when it ends, so does this
    Column("number", BigInteger, nullable=False),
    Column("begins", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
)

# Words that were not taken, and what became of them. Case content, like entries: it stays in this table.
proposals = Table(
    "proposals",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("case_id", _ID, ForeignKey("cases.id"), nullable=False),
    Column("author", _ID, ForeignKey("people.id"), nullable=False),
    Column("draft", Text, nullable=False),  # named by the author's page: asked twice it is one proposal
    Column("reason", String(40), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("decided_by", _ID, ForeignKey("people.id")),
    Column("decided_at", BigInteger),
    Column("line", Text, nullable=False),  # from who decided to the author
    Column("is_put_away", Boolean, nullable=False),  # by its author, who has seen what became of it
    Column("writing", Text, nullable=False),  # JSON: the words, and where they belong
    Unique("case_id", "author", "draft"),
)

# [AUD-2] The newest event of each chain, apart from the events: the lock that gives out numbers, and how long it is.
# No foreign keys: the log outlives what it tells of.
audit_chains = Table(
    "audit_chains",
    metadata,
    Column(
        "name", _ID, primary_key=True
    ),  # a case's, or the house's; no foreign key: the log outlives what it tells of
    Column("seq", BigInteger, nullable=False),
    Column("hash", _DIGEST, nullable=False),
)

# [AUD-8] How far a case's chain had come when that was last told in the house's.
audit_anchors = Table(
    "audit_anchors",
    metadata,
    Column("chain", _ID, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

# [AUD-3] `body` is what the hash holds; the columns before it are for finding, and verifying compares them.
audit_events = Table(
    "audit_events",
    metadata,
    Column("chain", _ID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("action", String(40), nullable=False),
    Column("who", _ID),
    Column("person", _ID),
    Column("body", LargeBinary, nullable=False),
    Column("hash", _DIGEST, nullable=False),
    PrimaryKey("chain", "seq"),
    sqlite_with_rowid=False,
)

_REFUSE = "BEGIN RAISE EXCEPTION 'the audit log is append-only'; END"
_FOR_EACH = "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()"
MAKE_APPEND_ONLY = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_events_no_{verb.lower()} BEFORE {verb} ON audit_events"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        f"CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ {_REFUSE} $$",
        f"CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events {_FOR_EACH}",
    ),
}
"""[AUD-3] A guard against our own mistakes and a careless hand; whoever owns the database can take it away, and is
found out by the chain."""


@event.listens_for(audit_events, "after_create")
def _make_append_only(_: Table, connection: Connection, **__: object) -> None:
    for statement in MAKE_APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)


# [UPL-6] Files on their way into a case. The name is likely a patient's: it is here alone, and goes with the upload's
# end.
uploads = Table(
    "uploads",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("case_id", _ID, ForeignKey("cases.id"), nullable=False),
    Column("person", _ID, ForeignKey("people.id"), nullable=False),
    Column("name", Text),
    Column("size", BigInteger, nullable=False),
    Column("digest", _DIGEST, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32)),
    Column("kind", String(16)),
    Column("multipart", Text),
    Column("media_id", _ID),  # no foreign key: media name uploads through their files
    Column("replaces", _ID),
    Column("review", Text),  # JSON: what whoever looks is shown
    Column("decision", Text),  # JSON: what is to be blanked
    Column("sha256", _DIGEST),
    Column("attempts", Integer, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("is_put_away", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    # The claim of a worker, by the database's clock; fences only grow.
    Column("holder", String(80)),
    Column("fence", BigInteger, nullable=False),
    Column("begins", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Index(None, "case_id", "digest"),
    Index(None, "state", "changed_at"),
)

# What the cleaned files of a case have in common: by it, and by nothing else, a new UID could be traced to the old one.
case_secrets = Table(
    "case_secrets",
    metadata,
    Column("case_id", _ID, ForeignKey("cases.id"), primary_key=True),
    Column("secret", LargeBinary(32), nullable=False),
)

# What the gallery shows. `files_version` grows with each change of its files; the manifest says which one it describes.
media = Table(
    "media",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("case_id", _ID, ForeignKey("cases.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("series", Text),  # what its files call their series, after cleaning; none: a file alone
    Column("position", BigInteger, nullable=False),
    Column("caption", Text, nullable=False),
    Column("alt", Text, nullable=False),
    Column("person", _ID, ForeignKey("people.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("removed_by", _ID, ForeignKey("people.id")),
    Column("removed_at", BigInteger),
    Column("version", BigInteger, nullable=False),
    Column("cover", _ID),  # the file that stands for it
    Column("files_version", BigInteger, nullable=False),
    Column("files_at", BigInteger, nullable=False),  # the newest change of its files
    Column("outdated_at", BigInteger, nullable=False),  # the oldest change that the manifest does not know
    Column("manifest_of", BigInteger, nullable=False),  # the state of the files that it describes; 0: none yet
    Column("manifest_key", _ordered(512)),
    Column("manifest_size", BigInteger),
    Column("manifest_sha256", _DIGEST),
    Unique("case_id", "series"),
)

files = Table(
    "files",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("media_id", _ID, ForeignKey("media.id"), nullable=False),
    Column("upload", _ID, ForeignKey("uploads.id"), nullable=False),
    Column("object_key", _ordered(512), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", _DIGEST, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("attributes", Text, nullable=False),  # JSON: order, geometry, window
    Column("width", Integer),
    Column("height", Integer),
    Column("frames", Integer, nullable=False),
    Column("seconds", Float),
    Column("at", BigInteger, nullable=False),
    Unique("object_key"),
    Unique("upload"),
    Index(None, "media_id"),
)

renditions = Table(
    "renditions",
    metadata,
    Column("object_key", _ordered(512), primary_key=True),
    Column("file_id", _ID, ForeignKey("files.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(32), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", _DIGEST, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("facts", Text, nullable=False),  # JSON: what else a viewer has to know
    Index(None, "file_id"),
)

# What was done to an original, and by which rules. It stays when its file is replaced: the file's id is in it.
certificates = Table(
    "certificates",
    metadata,
    Column("file_id", _ID, primary_key=True),
    Column("case_id", _ID, ForeignKey("cases.id"), nullable=False),
    Column("sha256", _DIGEST, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "case_id"),
)

access_notices = Table(
    "access_notices",
    metadata,
    Column("number", _KEY, primary_key=True),
    Column("person", _ID, ForeignKey("people.id")),  # none: the case itself changed, and nobody's rights
    Column("case_id", _ID, ForeignKey("cases.id")),
    sqlite_autoincrement=True,  # a number is never given twice, even when the newest row is deleted
)


def is_described(name: str | None, kind: str, _: object) -> bool:
    """Whether this page describes what a database calls so: Alembic's `include_name`. The full-text index, and the
    tables that SQLite keeps behind it, are described by `MAKE_FULL_TEXT` alone."""
    return kind != "table" or name is None or not name.startswith(FULL_TEXT)
