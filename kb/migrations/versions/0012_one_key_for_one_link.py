"""Sources have the key of the normal form of their link."""

import sqlalchemy as sa
from alembic import op

from kb.domain.links import link_key

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

BATCH = 1_000


def upgrade() -> None:
    columns = (sa.column('id', sa.Integer), sa.column('url', sa.Text), sa.column('url_key', sa.String))
    source = sa.table('source', *columns)
    connection = op.get_bind()
    change = (
        source.update().where(source.c.id == sa.bindparam('row')).values(url_key=sa.bindparam('key'))
    )
    last = 0
    while True:
        rows = connection.execute(
            sa.select(*columns).select_from(source).where(source.c.id > last, source.c.url.is_not(None)).order_by(source.c.id).limit(BATCH)
        ).all()
        changed = [{'row': n, 'key': key} for n, url, old in rows if (key := link_key(url)) != old]
        if changed:
            connection.execute(change, changed)
        if len(rows) < BATCH:
            return
        last = rows[-1].id


def downgrade() -> None:
    """Keys of this version stay: an earlier one takes them for those of other links until a source is written anew."""
