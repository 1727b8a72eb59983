"""Slugs of incidents that were never published are made of their present titles; those of published ones stay.

Until now, a slug kept the words of the first title of a draft, whatever became of them in review.
"""

import re
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from kb.domain.text import MAX_SLUG_LENGTH, slugify

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

BATCH = 1_000


def upgrade() -> None:
    connection, metadata = op.get_bind(), sa.MetaData()
    names = ('incident', 'incident_text', 'revision', 'review_event', 'change')
    incident, text, revisions, event, change = (
        sa.Table(name, metadata, autoload_with=connection) for name in names
    )
    published = [
        sa.select(event.c.incident_id).where(event.c.step == 'publish'),
        sa.select(change.c.incident_id).where(change.c.public),
    ]
    original = sa.and_(text.c.incident_id == incident.c.id, text.c.language == incident.c.language)
    columns = (incident.c.id, incident.c.team_id, incident.c.slug, incident.c.organization, text.c.title)
    drafts = sa.select(*columns).join(text, original).where(incident.c.status != 'published')
    drafts = drafts.where(*(incident.c.id.not_in(ids) for ids in published)).order_by(incident.c.id)
    taken = defaultdict(set)
    for team_id, slug in connection.execute(sa.select(incident.c.team_id, incident.c.slug)):
        taken[team_id].add(slug)
    for row in connection.execute(drafts).all():
        base = slug_base(row.organization, row.title)
        if is_made_of(row.slug, base):
            continue
        snapshots = sa.select(revisions.c.snapshot).where(revisions.c.incident_id == row.id)
        earlier = {
            slug_base(state.get('organization', ''), state.get('title', ''))
            for state in connection.scalars(snapshots).yield_per(BATCH)
        }
        # One that was chosen stays: its author wrote it, and may change it.
        if any(is_made_of(row.slug, each) for each in earlier):
            slug = free_slug(base, taken[row.team_id])
            taken[row.team_id].add(slug)
            connection.execute(incident.update().where(incident.c.id == row.id).values(slug=slug))


def slug_base(organization: str, title: str) -> str:
    first, second = slugify(organization), slugify(title)
    base = second if second.startswith(first) else slugify(organization, title)
    return base[: MAX_SLUG_LENGTH - 8].strip('-') or 'incident'


def is_made_of(slug: str, base: str) -> bool:
    """Whether a slug is a base with or without a number; version 0.2 wrote some letters otherwise."""
    pattern = re.compile(re.escape(base) + r'(-[0-9]{1,3})?')
    return any(pattern.fullmatch(each) is not None for each in (slug, slugify(slug)))


def free_slug(base: str, taken: set[str]) -> str:
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f'{base}-{number}'
    return slug


def downgrade() -> None:
    """Nothing to undo: the tables are the same."""
