"""Pairs of incidents that were found not to be the same."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('distinct_pair',
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('author', sa.String(length=200), nullable=False),
    sa.Column('principal', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('incident_id < other_id', name=op.f('ck_distinct_pair_lower_id_first')),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_distinct_pair_incident_id')),
    sa.ForeignKeyConstraint(['other_id'], ['incident.id'], name=op.f('fk_distinct_pair_other_id')),
    sa.PrimaryKeyConstraint('incident_id', 'other_id', name=op.f('pk_distinct_pair'))
    )
    op.create_index(op.f('ix_distinct_pair_other_id'), 'distinct_pair', ['other_id'], unique=False)


def downgrade() -> None:
    op.drop_table('distinct_pair')
