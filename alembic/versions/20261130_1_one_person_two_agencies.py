"""Two files of two agencies that one of them reviewed as the same person's."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_1"
down_revision = "20261123_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compared",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=True),
        sa.Column("finding", sa.String(length=40), nullable=False),
        sa.Column("undoable_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("finding IN ('same', 'two')", name=op.f("ck_compared_finding")),
        sa.CheckConstraint(
            "(finding = 'same') = (undoable_until IS NOT NULL)",
            name=op.f("ck_compared_same_says_until_when"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_compared_agency_id")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_compared_other_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_compared_person_id")),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_compared_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compared")),
    )
    with op.batch_alter_table("compared", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_compared_agency_id"), ["agency_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_compared_other_id"), ["other_id"], unique=False)
        batch_op.create_index(
            "uq_compared_standing",
            ["person_id", "other_id"],
            unique=True,
            postgresql_where=sa.text("undone_at IS NULL"),
            sqlite_where=sa.text("undone_at IS NULL"),
        )
    sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table(
        "person", schema=None, recreate="always" if sqlite else "never"
    ) as batch_op:
        batch_op.add_column(sa.Column("own_hash", sa.String(length=64), nullable=True))
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(
            "ix_person_own_hash",
            ["own_hash"],
            unique=False,
            postgresql_where=sa.text("own_hash IS NOT NULL"),
            sqlite_where=sa.text("own_hash IS NOT NULL"),
        )
