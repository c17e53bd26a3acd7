"""The audit log, which only grows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, String, Table, event
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey

from storage.tables.columns import DIGEST, ID, metadata

# [AUD-2] The newest event of each chain, apart from the events: the lock that gives out numbers, and how long it is.
# No foreign keys: the log outlives what it tells of.
audit_chains = Table(
    "audit_chains",
    metadata,
    Column("name", ID, primary_key=True),  # a case's, or the house's
    Column("seq", BigInteger, nullable=False),
    Column("hash", DIGEST, nullable=False),
)

# [AUD-8] How far a case's chain had come when that was last told in the house's.
audit_anchors = Table(
    "audit_anchors",
    metadata,
    Column("chain", ID, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

# [AUD-3] `body` is what the hash holds; the columns before it are for finding, and verifying compares them.
audit_events = Table(
    "audit_events",
    metadata,
    Column("chain", ID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("action", String(40), nullable=False),
    Column("who", ID),
    Column("person", ID),
    Column("body", LargeBinary, nullable=False),
    Column("hash", DIGEST, nullable=False),
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
