"""What nodes tell each other through the database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table

from storage.tables.columns import ID, KEY, metadata, ordered

# Who does what only one in the cluster may do. Times are the database's own; rows stay, so that fences only grow.
leases = Table(
    "leases",
    metadata,
    Column("name", ordered(80), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("begins", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
)

access_notices = Table(
    "access_notices",
    metadata,
    Column("number", KEY, primary_key=True),
    Column("person", ID, ForeignKey("people.id")),  # none: the case itself changed, and nobody's rights
    Column("case_id", ID, ForeignKey("cases.id")),
    sqlite_autoincrement=True,  # a number is never given twice, even when the newest row is deleted
)
