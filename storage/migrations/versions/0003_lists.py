"""Lists: what is found and shown of a case without opening it, and templates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ID = sa.String(16)


def upgrade() -> None:
    """Forward only: there is no downgrade."""
    _notices_of_nobody()


def _notices_of_nobody() -> None:
    """A notice may have no person. SQLite cannot drop a NOT NULL; its tables are copied instead, numbers and all."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("access_notices", "person", existing_type=_ID, nullable=True)
        return
    op.create_table(
        "access_notices_next",
        sa.Column("number", _KEY, primary_key=True),
        sa.Column("person", _ID),
        sa.Column("case_id", _ID),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_access_notices_person_people")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_access_notices_case_id_cases")),
        sqlite_autoincrement=True,
    )
    op.execute(
        "INSERT INTO access_notices_next (number, person, case_id) SELECT number, person, case_id FROM access_notices"
    )
    op.drop_table("access_notices")
    op.rename_table("access_notices_next", "access_notices")
