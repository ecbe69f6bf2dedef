"""An agency's parties are found with their role, without opening a row."""

from alembic import op

revision = "20261130_6"
down_revision = "20261130_5"
branch_labels = None
depends_on = None

BEFORE, NOW = "ix_party_agency_id", "ix_party_agency_role"


def upgrade() -> None:
    op.create_index(NOW, "party", ["agency_id", "role", "until_on", "journey_id"])
    op.drop_index(BEFORE, table_name="party")


def downgrade() -> None:
    op.create_index(BEFORE, "party", ["agency_id"])
    op.drop_index(NOW, table_name="party")
