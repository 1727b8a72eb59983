"""Tags of incidents: one tag, however it is typed, spelled as whoever used it first spelled it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from kb.domain.incident import Status, Visibility
from kb.domain.text import tag_key
from kb.models import Incident, IncidentTag, db

if TYPE_CHECKING:
    from collections.abc import Sequence


def write_tags(incident: Incident, tags: Sequence[str]) -> None:
    """Replace the tags of an incident. Of several spellings of a tag, the first one counts.

    A tag that the incident has keeps its spelling; a new one is spelled as in the first incident that has it.
    """
    links = {link.key: link for link in incident.tag_links}
    typed: dict[str, str] = {}
    for tag in tags:
        typed.setdefault(tag_key(tag), tag)
    if typed.keys() == links.keys():
        return
    rows = [
        links.get(key) or IncidentTag(key=key, tag=_first_spelling(incident.team_id, key) or tag)
        for key, tag in typed.items()
    ]
    incident.tag_links = sorted(rows, key=lambda row: row.tag)


def _first_spelling(team_id: int, key: str) -> str | None:
    """How the first incident that has a tag spells it; None if no incident has it.

    Only incidents count that every reader of the team's own may see, public ones and those of the team:
    another team's drafts must not show through (docs/decisions/0035).
    """
    public = and_(Incident.status == Status.PUBLISHED, Incident.visibility == Visibility.ORGANIZATION)
    statement = (
        select(IncidentTag.tag)
        .join(Incident, Incident.id == IncidentTag.incident_id)
        .where(IncidentTag.key == key, or_(Incident.team_id == team_id, public))
        .order_by(IncidentTag.incident_id)
        .limit(1)
    )
    spelling: str | None = db.session.scalar(statement)
    return spelling
