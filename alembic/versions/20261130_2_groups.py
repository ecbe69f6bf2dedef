"""Groups: closed, dated in order, and a journey in one group at a time."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_2"
down_revision = "20261130_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cohort") as cohort:
        cohort.add_column(sa.Column("closed", sa.Boolean(), nullable=False,
                                    server_default=sa.false()))  # fmt: skip
        cohort.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        cohort.create_check_constraint(
            op.f("ck_cohort_dates_in_order"), "until_on IS NULL OR until_on >= from_on"
        )
    with op.batch_alter_table("cohort") as cohort:
        cohort.alter_column("closed", server_default=None)
        cohort.alter_column("version", server_default=None)
    _one_group_at_a_time()
    with op.batch_alter_table("cohort_member") as member:
        member.create_check_constraint(
            op.f("ck_cohort_member_dates_in_order"), "until_on IS NULL OR until_on >= from_on"
        )
        member.create_index(
            "ix_cohort_member_one_open",
            ["journey_id"],
            unique=True,
            postgresql_where=sa.text("until_on IS NULL"),
            sqlite_where=sa.text("until_on IS NULL"),
        )


def _one_group_at_a_time() -> None:
    """Where a journey was in several, the one it came to last stays."""
    op.execute(
        "UPDATE cohort_member SET until_on = from_on WHERE until_on IS NULL AND EXISTS ("
        " SELECT 1 FROM cohort_member AS later WHERE later.until_on IS NULL"
        " AND later.journey_id = cohort_member.journey_id AND later.id > cohort_member.id)"
    )
