"""The tables, as SQLAlchemy Core: one schema for SQLite and PostgreSQL. `storage.migrations` builds exactly this."""

from __future__ import annotations

from storage.tables.audit import MAKE_APPEND_ONLY, audit_anchors, audit_chains, audit_events
from storage.tables.cases import (
    FULL_TEXT,
    MAKE_FULL_TEXT,
    cases,
    members,
    presenters,
    projections,
    proposals,
    templates,
)
from storage.tables.columns import metadata
from storage.tables.documents import document_clients, documents, entries, seen, snapshots, versions
from storage.tables.media import case_secrets, certificates, files, media, remakes, renditions, uploads
from storage.tables.nodes import access_notices, leases
from storage.tables.people import credentials, deactivations, mails, offline_keys, people, pictures, profiles, sign_ins

__all__ = [
    "FULL_TEXT",
    "MAKE_APPEND_ONLY",
    "MAKE_FULL_TEXT",
    "access_notices",
    "audit_anchors",
    "audit_chains",
    "audit_events",
    "case_secrets",
    "cases",
    "certificates",
    "credentials",
    "deactivations",
    "document_clients",
    "documents",
    "entries",
    "files",
    "is_described",
    "leases",
    "mails",
    "media",
    "members",
    "metadata",
    "offline_keys",
    "people",
    "pictures",
    "presenters",
    "profiles",
    "projections",
    "proposals",
    "remakes",
    "renditions",
    "seen",
    "sign_ins",
    "snapshots",
    "templates",
    "uploads",
    "versions",
]


def is_described(name: str | None, kind: str, _: object) -> bool:
    """Whether this page describes what a database calls so: Alembic's `include_name`. The full-text index, and the
    tables that SQLite keeps behind it, are described by `MAKE_FULL_TEXT` alone."""
    return kind != "table" or name is None or not name.startswith(FULL_TEXT)
