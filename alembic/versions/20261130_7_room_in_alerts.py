"""PostgreSQL leaves room in the pages of alerts, whose sentences change every night."""

from alembic import op

revision = "20261130_7"
down_revision = "20261130_6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE signal SET (fillfactor = 70)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE signal RESET (fillfactor)")
