"""Files on their way into a case, and what became of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from storage.tables.columns import DIGEST, ID, metadata, ordered

# [UPL-6] Files on their way into a case. The name is likely a patient's: it is here alone, and goes with the upload's
# end.
uploads = Table(
    "uploads",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
    Column("person", ID, ForeignKey("people.id"), nullable=False),
    Column("name", Text),
    Column("size", BigInteger, nullable=False),
    Column("digest", DIGEST, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32)),
    Column("kind", String(16)),
    Column("multipart", Text),
    Column("media_id", ID),  # no foreign key: media name uploads through their files
    Column("replaces", ID),
    Column("review", Text),  # JSON: what whoever looks is shown
    Column("decision", Text),  # JSON: what is to be blanked
    Column("sha256", DIGEST),
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
    Column("case_id", ID, ForeignKey("cases.id"), primary_key=True),
    Column("secret", LargeBinary(32), nullable=False),
)

# What the gallery shows. `files_version` grows with each change of its files; the manifest says which one it describes.
media = Table(
    "media",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("series", Text),  # what its files call their series, after cleaning; none: a file alone
    Column("position", BigInteger, nullable=False),
    Column("caption", Text, nullable=False),
    Column("alt", Text, nullable=False),
    Column("person", ID, ForeignKey("people.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("removed_by", ID, ForeignKey("people.id")),
    Column("removed_at", BigInteger),
    Column("version", BigInteger, nullable=False),
    Column("cover", ID),  # the file that stands for it
    Column("files_version", BigInteger, nullable=False),
    Column("files_at", BigInteger, nullable=False),  # the newest change of its files
    Column("outdated_at", BigInteger, nullable=False),  # the oldest change that the manifest does not know
    Column("manifest_of", BigInteger, nullable=False),  # the state of the files that it describes; 0: none yet
    Column("manifest_key", ordered(512)),
    Column("manifest_size", BigInteger),
    Column("manifest_sha256", DIGEST),
    Unique("case_id", "series"),
)

files = Table(
    "files",
    metadata,
    Column("id", ID, primary_key=True),
    Column("media_id", ID, ForeignKey("media.id"), nullable=False),
    Column("upload", ID, ForeignKey("uploads.id"), nullable=False),
    Column("object_key", ordered(512), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", DIGEST, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("attributes", Text, nullable=False),  # JSON: order, geometry, window
    Column("width", Integer),
    Column("height", Integer),
    Column("frames", Integer, nullable=False),
    Column("seconds", Float),
    Column("at", BigInteger, nullable=False),
    Column("rules", Integer, nullable=False, server_default="0"),  # by which its renditions were made
    Unique("object_key"),
    Unique("upload"),
    Index(None, "media_id"),
    Index(None, "rules"),
)

renditions = Table(
    "renditions",
    metadata,
    Column("object_key", ordered(512), primary_key=True),
    Column("file_id", ID, ForeignKey("files.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(32), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", DIGEST, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("facts", Text, nullable=False),  # JSON: what else a viewer has to know
    Column("replaced_at", BigInteger),  # others were made since; whoever looks at it may go on for a while
    Index(None, "file_id"),
    Index(None, "replaced_at"),
)

# Files whose renditions are made anew, and those of which that failed (`reason`). A row goes when it is done.
remakes = Table(
    "remakes",
    metadata,
    Column("file_id", ID, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("rules", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", String(32)),
    # The claim of a worker, as of uploads.
    Column("holder", String(80)),
    Column("fence", BigInteger, nullable=False),
    Column("begins", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
)

# What was done to an original, and by which rules. It stays when its file is replaced: the file's id is in it.
certificates = Table(
    "certificates",
    metadata,
    Column("file_id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("cases.id"), nullable=False),
    Column("sha256", DIGEST, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "case_id"),
)
