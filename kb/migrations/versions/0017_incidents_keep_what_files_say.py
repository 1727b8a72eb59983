"""Incidents keep what the files that they were imported from say beyond their fields."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('incident', sa.Column('extra', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column('incident', 'extra')
