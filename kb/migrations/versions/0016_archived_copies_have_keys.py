"""Archived copies of sources have the key of the normal form of their link."""

import sqlalchemy as sa
from alembic import op

from kb.domain.links import link_key

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

BATCH = 1_000


def upgrade() -> None:
    op.add_column('source', sa.Column('archive_key', sa.String(length=64), nullable=True))
    columns = (sa.column('id', sa.Integer), sa.column('archive_url', sa.Text), sa.column('archive_key', sa.String))
    source = sa.table('source', *columns)
    connection = op.get_bind()
    change = (
        source.update().where(source.c.id == sa.bindparam('row')).values(archive_key=sa.bindparam('key'))
    )
    last = 0
    while True:
        rows = connection.execute(
            sa.select(source.c.id, source.c.archive_url)
            .where(source.c.id > last, source.c.archive_url.is_not(None))
            .order_by(source.c.id)
            .limit(BATCH)
        ).all()
        if rows:
            connection.execute(change, [{'row': number, 'key': link_key(url)} for number, url in rows])
        if len(rows) < BATCH:
            break
        last = rows[-1].id
    op.create_index('ix_source_archive_key', 'source', ['archive_key'])


def downgrade() -> None:
    op.drop_index('ix_source_archive_key', 'source')
    op.drop_column('source', 'archive_key')
