"""A referral knows the journey that its recipient opened from it."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_5"
down_revision = "20261130_4"
branch_labels = None
depends_on = None

INDEX = "uq_referral_opened_journey_id"


def upgrade() -> None:
    with op.batch_alter_table("referral") as table:
        table.add_column(sa.Column("opened_journey_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            "fk_referral_opened_journey_id", "journey", ["opened_journey_id"], ["id"]
        )
    once = sa.text("opened_journey_id IS NOT NULL")
    op.create_index(INDEX, "referral", ["opened_journey_id"], unique=True,
                    sqlite_where=once, postgresql_where=once)  # fmt: skip


def downgrade() -> None:
    op.drop_index(INDEX, table_name="referral")
    with op.batch_alter_table("referral") as table:
        table.drop_constraint("fk_referral_opened_journey_id", type_="foreignkey")
        table.drop_column("opened_journey_id")
