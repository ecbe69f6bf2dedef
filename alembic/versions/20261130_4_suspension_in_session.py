"""A suspension decided in session says how often contact is kept, and what is already acquired."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_4"
down_revision = "20261130_3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("contact_every_days", sa.Integer(), nullable=True))
    op.add_column("decision", sa.Column("acquired", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("decision", "acquired")
    op.drop_column("decision", "contact_every_days")
