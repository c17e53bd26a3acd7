"""What the columns of all tables have in common, and how constraints are named."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, String, Text

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names for constraints, so that a later migration can drop by name what an earlier one made without."""

# SQLite numbers rows by itself only in a column typed exactly INTEGER; that is 64 bits wide there.
KEY = BigInteger().with_variant(Integer(), "sqlite")


def ordered(length: int | None = None) -> String:
    """Text whose order is that of its characters' numbers: SQLite's only one; of PostgreSQL, whose databases have one
    of their own each, it has to be asked for. Pages of a list depend on it, and keys are compared faster."""
    kind = Text() if length is None else String(length)
    sorted_kind = Text(collation="C") if length is None else String(length, collation="C")
    return kind.with_variant(sorted_kind, "postgresql")


ID = ordered(16)
DIGEST = LargeBinary(32)

metadata = MetaData(naming_convention=NAMING)
