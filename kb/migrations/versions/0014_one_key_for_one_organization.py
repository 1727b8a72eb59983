"""Organizations have one key with and without their legal form, and aliases."""

import sqlalchemy as sa
from alembic import op

from kb.domain.organization import organization_key

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

BATCH = 1_000


def upgrade() -> None:
    op.create_table('organization_alias',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('organization_key', sa.String(length=200), nullable=False),
    sa.Column('organization', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organization_alias')),
    sa.UniqueConstraint('key', name=op.f('uq_organization_alias_key'))
    )
    with op.batch_alter_table('organization_alias') as batch_op:
        batch_op.create_index(batch_op.f('ix_organization_alias_organization_key'), ['organization_key'], unique=False)
    _renew_keys()


def _renew_keys() -> None:
    columns = (sa.column('id', sa.Integer), sa.column('organization', sa.String), sa.column('organization_key', sa.String))
    incident = sa.table('incident', *columns)
    connection = op.get_bind()
    change = (
        incident.update()
        .where(incident.c.id == sa.bindparam('row'))
        .values(organization_key=sa.bindparam('new_key'))
    )
    last = 0
    while True:
        rows = connection.execute(
            sa.select(*columns).select_from(incident).where(incident.c.id > last).order_by(incident.c.id).limit(BATCH)
        ).all()
        changed = [{'row': n, 'new_key': key} for n, name, old in rows if (key := organization_key(name)) != old]
        if changed:
            connection.execute(change, changed)
        if len(rows) < BATCH:
            return
        last = rows[-1].id


def downgrade() -> None:
    """Keys of this version stay: an earlier one takes them for those of other names until an incident is written anew."""
    op.drop_table('organization_alias')
