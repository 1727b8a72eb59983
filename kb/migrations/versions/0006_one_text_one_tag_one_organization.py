"""Texts are in NFC; tags and organizations have keys that fold case, accents and invisible characters; a team may
have a default language."""

from itertools import groupby

import sqlalchemy as sa
from alembic import op

from kb.domain.links import link_key
from kb.domain.text import compose, name_key, tag_key

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

TEXTS = {
    'api_token': ('name',),
    'comment': ('text', 'author', 'resolved_by'),
    'follow_up': ('title', 'owner', 'author'),
    'impact': ('source',),
    'incident': ('organization', 'author'),
    'incident_text': (
        'title', 'summary', 'why_failure', 'cause', 'outcome', 'alternative', 'severity_evidence', 'audience',
    ),
    'lesson_text': ('text',),
    'proposal': ('author',),
    'proposal_event': ('author', 'comment', 'overridden'),
    'proposal_revision': ('author', 'comment', 'words_of', 'snapshot'),
    'review_event': ('author', 'comment', 'overridden'),
    'revision': ('author', 'comment', 'words_of', 'snapshot'),
    'source': ('title', 'publisher', 'url', 'archive_url'),
    'team': ('name',),
    'user_account': ('name',),
}
"""What people have written. The audit log is append-only, and the seeds bring the taxonomy up to date themselves."""

BATCH = 1_000


def upgrade() -> None:
    with op.batch_alter_table('team') as batch_op:
        batch_op.add_column(sa.Column('language', sa.String(length=35), nullable=True))
    metadata = sa.MetaData()
    for name, columns in TEXTS.items():
        _compose(sa.Table(name, metadata, autoload_with=op.get_bind()), columns)
    _renew_keys(metadata.tables['source'], 'url', 'url_key', link_key)
    _renew_keys(metadata.tables['incident'], 'organization', 'organization_key', name_key)
    _compose_external_ids(metadata.tables['incident'])
    _renew_name_keys(metadata.tables['user_account'])
    _merge_tags()


def _compose(table: sa.Table, names: tuple[str, ...]) -> None:
    """Write the columns of each row in NFC, where they are not."""
    connection = op.get_bind()
    keys, columns = [*table.primary_key], [table.c[name] for name in names]
    last = None
    while True:
        statement = sa.select(*keys, *columns).order_by(*keys).limit(BATCH)
        if last is not None:
            statement = statement.where(sa.tuple_(*keys) > sa.tuple_(*map(sa.literal, last)))
        rows = connection.execute(statement).all()
        for row in rows:
            values = {name: value for name, value in zip(names, row[len(keys):]) if compose(value) != value}
            if values:
                this = sa.and_(*(key == value for key, value in zip(keys, row)))
                connection.execute(
                    table.update().where(this).values({name: compose(value) for name, value in values.items()})
                )
        if len(rows) < BATCH:
            return
        last = rows[-1][:len(keys)]


def _renew_keys(table: sa.Table, name: str, key: str, make_key) -> None:
    connection = op.get_bind()
    columns = (table.c.id, table.c[name], table.c[key])
    for row_id, text, old in connection.execute(sa.select(*columns).where(table.c[name].is_not(None))).all():
        if old != make_key(text):
            connection.execute(table.update().where(table.c.id == row_id).values({key: make_key(text)}))


def _compose_external_ids(table: sa.Table) -> None:
    """Of two ids of a team that differ in form only, the one that is in NFC stays the only one that is found."""
    connection = op.get_bind()
    columns = (table.c.id, table.c.team_id, table.c.external_id)
    rows = connection.execute(sa.select(*columns).where(table.c.external_id.is_not(None)).order_by(table.c.id)).all()
    taken = {row[1:] for row in rows}
    for row in rows:
        external_id = compose(row.external_id)
        if (row.team_id, external_id) not in taken:
            taken.add((row.team_id, external_id))
            connection.execute(table.update().where(table.c.id == row.id).values(external_id=external_id))


def _renew_name_keys(table: sa.Table) -> None:
    """Of users whose names have become alike, those who were there later keep the key that they had."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(table.c.id, table.c.name, table.c.name_key).order_by(table.c.id)).all()
    taken = {row.name_key for row in rows}
    for row in rows:
        key = name_key(row.name)
        if key not in taken:
            taken.remove(row.name_key)
            taken.add(key)
            connection.execute(table.update().where(table.c.id == row.id).values(name_key=key))


def _merge_tags() -> None:
    """Give each tag a key; of those with the same key, the first of an incident stays.

    It is spelled as by the first incident that all its readers may see: one that is public, or of its team.
    """
    connection = op.get_bind()
    rows = connection.execute(sa.text(
        "SELECT t.incident_id, t.tag, i.team_id, i.status = 'published' AND i.visibility = 'organization' AS public "
        'FROM incident_tag t JOIN incident i ON i.id = t.incident_id'
    )).all()
    first = {}
    merged = []
    for incident_id, group in groupby(sorted(rows, key=lambda row: row[:2]), key=lambda row: row.incident_id):
        for row in group:
            tag = ' '.join(compose(row.tag).split())
            key = tag_key(tag)
            for scope in (row.team_id, *([None] if row.public else [])):
                first.setdefault((scope, key), (incident_id, tag))
            merged.append((incident_id, key, row.team_id))
    op.drop_table('incident_tag')
    op.create_table(
        'incident_tag',
        sa.Column('incident_id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=200), nullable=False),
        sa.Column('tag', sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_incident_tag_incident_id')),
        sa.PrimaryKeyConstraint('incident_id', 'key', name=op.f('pk_incident_tag')),
    )
    with op.batch_alter_table('incident_tag') as batch_op:
        batch_op.create_index('ix_incident_tag_key', ['key', 'incident_id'], unique=False)
    table = sa.table('incident_tag', sa.column('incident_id'), sa.column('key'), sa.column('tag'))
    values = [
        {'incident_id': incident_id, 'key': key, 'tag': min(filter(None, (first.get((team, key)), first.get((None, key)))))[1]}
        for incident_id, key, team in dict.fromkeys(merged)
    ]
    if values:
        connection.execute(table.insert(), values)


def downgrade() -> None:
    raise NotImplementedError('Restore a backup: merged tags cannot be told apart again.')
