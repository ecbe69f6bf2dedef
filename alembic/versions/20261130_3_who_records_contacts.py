"""Agencies that never recorded a contact say nothing by their silence; who replaces a référent is
found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_3"
down_revision = "20261130_2"
branch_labels = None
depends_on = None


INDEX = "ix_referent_absence_replacement_id"


def upgrade() -> None:
    op.create_index(INDEX, "referent_absence", ["replacement_id"])
    agency = sa.table("agency", sa.column("id", sa.Uuid()), sa.column("records_contacts"))
    contact = sa.table("contact", sa.column("agency_id", sa.Uuid()))
    recording = sa.select(contact.c.agency_id).distinct()
    op.execute(
        sa.update(agency).where(agency.c.id.not_in(recording)).values(records_contacts=sa.false())
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name="referent_absence")
    agency = sa.table("agency", sa.column("records_contacts"))
    op.execute(sa.update(agency).values(records_contacts=sa.true()))
