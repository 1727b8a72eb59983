"""Titles have a key that they are sorted by."""

import sqlalchemy as sa
from alembic import op

from kb.domain.text import title_key

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

BATCH = 1_000


def upgrade() -> None:
    key = sa.String(100).with_variant(sa.String(100, collation='C'), 'postgresql')
    op.add_column('incident_text', sa.Column('title_key', key, nullable=False, server_default=''))
    columns = (sa.column('incident_id', sa.Integer), sa.column('language', sa.String), sa.column('title', sa.Text))
    text = sa.table('incident_text', *columns, sa.column('title_key', sa.String))
    connection = op.get_bind()
    change = (
        text.update()
        .where(text.c.incident_id == sa.bindparam('incident'), text.c.language == sa.bindparam('tag'))
        .values(title_key=sa.bindparam('key'))
    )
    last = 0
    while True:
        # The texts of one incident are not torn apart.
        ids = connection.scalars(
            sa.select(text.c.incident_id).where(text.c.incident_id > last).distinct().order_by(text.c.incident_id).limit(BATCH)
        ).all()
        if not ids:
            return
        rows = connection.execute(
            sa.select(*columns).select_from(text).where(text.c.incident_id > last, text.c.incident_id <= ids[-1])
        )
        connection.execute(
            change, [{'incident': n, 'tag': tag, 'key': title_key(title)} for n, tag, title in rows]
        )
        last = ids[-1]


def downgrade() -> None:
    op.drop_column('incident_text', 'title_key')
