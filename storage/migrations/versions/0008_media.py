"""Uploads and what becomes of them: media, their files, what is made for viewers, certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def _ordered(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


_ID, _KEY, _DIGEST = _ordered(16), _ordered(512), sa.LargeBinary(32)


def upgrade() -> None:
    """Forward only: there is no downgrade."""
    op.create_table(
        "uploads",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("person", _ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("digest", _DIGEST, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("kind", sa.String(16)),
        sa.Column("multipart", sa.Text),
        sa.Column("media_id", _ID),
        sa.Column("replaces", _ID),
        sa.Column("review", sa.Text),
        sa.Column("decision", sa.Text),
        sa.Column("sha256", _DIGEST),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("is_put_away", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.String(80)),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("begins", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
    )
    op.create_index(None, "uploads", ["case_id", "digest"])
    op.create_index(None, "uploads", ["state", "changed_at"])
    op.create_table(
        "media",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("series", sa.Text),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("caption", sa.Text, nullable=False),
        sa.Column("alt", sa.Text, nullable=False),
        sa.Column("person", _ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("removed_by", _ID, sa.ForeignKey("people.id")),
        sa.Column("removed_at", sa.BigInteger),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("cover", _ID),
        sa.Column("files_version", sa.BigInteger, nullable=False),
        sa.Column("files_at", sa.BigInteger, nullable=False),
        sa.Column("outdated_at", sa.BigInteger, nullable=False),
        sa.Column("manifest_of", sa.BigInteger, nullable=False),
        sa.Column("manifest_key", _KEY),
        sa.Column("manifest_size", sa.BigInteger),
        sa.Column("manifest_sha256", _DIGEST),
        sa.UniqueConstraint("case_id", "series"),
    )
    op.create_table(
        "files",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("media_id", _ID, sa.ForeignKey("media.id"), nullable=False),
        sa.Column("upload", _ID, sa.ForeignKey("uploads.id"), nullable=False),
        sa.Column("object_key", _KEY, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("frames", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("object_key"),
        sa.UniqueConstraint("upload"),
    )
    op.create_index(None, "files", ["media_id"])
    op.create_table(
        "renditions",
        sa.Column("object_key", _KEY, primary_key=True),
        sa.Column("file_id", _ID, sa.ForeignKey("files.id", ondelete="CASCADE"), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("facts", sa.Text, nullable=False),
    )
    op.create_index(None, "renditions", ["file_id"])
    op.create_table(
        "certificates",
        sa.Column("file_id", _ID, primary_key=True),
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index(None, "certificates", ["case_id"])
