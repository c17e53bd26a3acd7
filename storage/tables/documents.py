"""The journal of each document, and what is remembered of its moments."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, Text
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey
from sqlalchemy import UniqueConstraint as Unique

from storage.tables.columns import DIGEST, ID, KEY, metadata

documents = Table(
    "documents",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
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
    Column("document", KEY, ForeignKey("documents.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("op", LargeBinary(16), nullable=False),
    Column("author", ID, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("format", String(32), nullable=False),
    Column("length", Integer, nullable=False),
    Column("sha256", DIGEST, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKey("document", "seq"),
    Unique("op"),
    sqlite_with_rowid=False,
)

# [JRN-6] the key has no person in it: a client id belongs to one person for as long as the document lives.
document_clients = Table(
    "document_clients",
    metadata,
    Column("document", KEY, ForeignKey("documents.id"), nullable=False),
    Column("client_id", BigInteger, nullable=False),
    Column("person", ID, nullable=False),
    PrimaryKey("document", "client_id"),
    sqlite_with_rowid=False,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("document", KEY, ForeignKey("documents.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("format", String(32), nullable=False),
    Column("length", Integer, nullable=False),
    Column("sha256", DIGEST, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKey("document", "seq"),
)

# Names given to moments of a document; the journal knows nothing of them.
versions = Table(
    "versions",
    metadata,
    Column("document", KEY, ForeignKey("documents.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("author", ID, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKey("document", "seq"),
)

seen = Table(
    "seen",
    metadata,
    Column("document", KEY, ForeignKey("documents.id"), nullable=False),
    Column("person", ID, ForeignKey("people.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKey("document", "person"),
)
