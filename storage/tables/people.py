"""Who there is, how they sign in, and which mails wait for them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from storage.tables.columns import DIGEST, ID, KEY, metadata

people = Table(
    "people",
    metadata,
    Column("id", ID, primary_key=True),
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
    Column("digest", DIGEST, primary_key=True),  # [PEO-2] the secret itself is never here
    Column("kind", String(16), nullable=False),
    Column("person", ID, ForeignKey("people.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "expires_at"),
)

profiles = Table(
    "profiles",
    metadata,
    Column("person", ID, ForeignKey("people.id"), primary_key=True),
    Column("profession", Text, nullable=False),
    Column("specialty", Text, nullable=False),
    Column("registration", Text, nullable=False),
    Column("language", String(35)),  # BCP 47; none: as the browser asks
)

# The digest comes before the body, so that whoever wants only the digest reads no overflow pages.
pictures = Table(
    "pictures",
    metadata,
    Column("person", ID, ForeignKey("people.id"), primary_key=True),
    Column("digest", DIGEST, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("format", String(32), nullable=False),
    Column("length", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

deactivations = Table(
    "deactivations",
    metadata,
    Column("person", ID, ForeignKey("people.id"), primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# What tells one session credential from another. It goes when the credential does, also when older code ends that.
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("digest", DIGEST, ForeignKey("credentials.digest", ondelete="CASCADE"), primary_key=True),
    Column("id", ID, nullable=False),
    Column("agent", Text, nullable=False),
    Column("address", String(64), nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Unique("id"),
)

# What waits to be sent. The secret in a mail is made when it is sent: it is never here.
mails = Table(
    "mails",
    metadata,
    Column("id", KEY, primary_key=True),
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
    Column("credential", DIGEST, ForeignKey("credentials.digest", ondelete="CASCADE"), primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
