"""Collections of incidents, which are added, brought up to date and taken out as a whole."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('collection',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('titles', sa.JSON(), nullable=False),
    sa.Column('descriptions', sa.JSON(), nullable=False),
    sa.Column('license', sa.String(length=200), nullable=False),
    sa.Column('contact', sa.String(length=200), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_collection')),
    sa.UniqueConstraint('key', name=op.f('uq_collection_key'))
    )
    with op.batch_alter_table('incident', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('collection_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_incident_collection_id'), ['collection_id'], unique=False)
        batch_op.create_foreign_key(
            batch_op.f('fk_incident_collection_id'), 'collection', ['collection_id'], ['id']
        )


def downgrade() -> None:
    with op.batch_alter_table('incident', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_incident_collection_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_incident_collection_id'))
        batch_op.drop_column('collection_id')
    op.drop_table('collection')
