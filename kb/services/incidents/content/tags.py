"""Tags of incidents: spelling variants are one tag, which keeps its first spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, literal_column, or_, select

from kb.domain.incident import Status, Visibility
from kb.domain.text import tag_key
from kb.models import Incident, IncidentTag, db
from kb.models.prepared_select import PreparedSelect

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from enum import StrEnum

    from sqlalchemy import ColumnElement, Connection, Select


def _spellings(values: Sequence[Any]) -> Select[str, str]:
    team_id, *keys = values
    of_team = and_(Incident.team_id == team_id, Incident.status != _literal(Status.WITHDRAWN))
    public = and_(
        Incident.status == _literal(Status.PUBLISHED),
        Incident.visibility == _literal(Visibility.ORGANIZATION),
    )
    return (
        select(IncidentTag.key, IncidentTag.tag)
        .join(Incident, Incident.id == IncidentTag.incident_id)
        .where(or_(of_team, public), IncidentTag.key.in_(keys))
        .order_by(IncidentTag.incident_id.desc())
    )


def _literal(value: StrEnum) -> ColumnElement[str]:
    return literal_column(f"'{value}'", String)


_SPELLINGS = PreparedSelect(_spellings)
"""Takes a team's id, then keys of tags."""


def write_tags(incident: Incident, tags: Sequence[str], spellings: dict[str, str] | None) -> None:
    """Replace the tags of an incident. Of several spellings of a tag, the first one counts.

    A tag that the incident has keeps its spelling; a new one is spelled as in the first incident that has it.
    First spellings are looked up, unless `spellings` has them for all tags (`first_spellings`); it gains the
    tags that no incident has had before.
    """
    links = {link.key: link for link in incident.tag_links}
    typed: dict[str, str] = {}
    for tag in tags:
        typed.setdefault(tag_key(tag), tag)
    if typed.keys() == links.keys():
        return
    if spellings is None:
        spellings = first_spellings(incident.team_id, typed.keys() - links.keys())
    rows = [
        links.get(key) or IncidentTag(key=key, tag=spellings.setdefault(key, tag))
        for key, tag in typed.items()
    ]
    incident.tag_links = sorted(rows, key=lambda row: row.tag)


def learn_spellings(spellings: dict[str, str], team_id: int, inputs: Iterable[Mapping[str, Any]]) -> None:
    """Add the first spelling of each new tag in some inputs to the known ones, by tag key."""
    keys = {tag_key(tag) for data in inputs for tag in data.get("tags", ())} - spellings.keys()
    for key, tag in first_spellings(team_id, keys).items():
        spellings.setdefault(key, tag)


def first_spellings(
    team_id: int, keys: Collection[str], connection: Connection | None = None
) -> dict[str, str]:
    """The spelling of each used tag in the first incident that has it, by tag key.

    It is read in the session's transaction, whose `connection` may be given.

    Only incidents count that every member of the team may see: public ones, and the team's own unless
    withdrawn. Drafts of other teams and withdrawn incidents must not show through (docs/decisions/0035).
    """
    if not keys:
        return {}
    rows = _SPELLINGS.rows_in(connection or db.session.connection(), [team_id, *keys])
    return {key: tag for key, tag in rows}
