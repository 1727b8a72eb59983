"""Export incidents as JSON Lines, each with everything that belongs to it, for `kb import` to read."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import select

from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, belongs_to, may_in
from kb.models import Change, Comment, FollowUp, Incident, ReviewEvent, Revision, db
from kb.schemas.export_line import FORMAT_VERSION
from kb.services.core.presenters import impacts, snapshot
from kb.services.exchange.author_names import AuthorNames
from kb.services.exchange.exports.selection import with_float_amounts
from kb.services.exchange.records.aliases import alias_records
from kb.services.exchange.records.pairs import pair_records
from kb.services.incidents.read import visible_originals
from kb.services.review.transitions import event_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


_COLLECTION = (
    "version",
    "titles",
    "descriptions",
    "license",
    "contact",
    "added_at",
    "updated_at",
    "removed_at",
)
_COMMENT = ("about", "text", "internal", "author", "created_at", "resolved_at", "resolved_by")
_ACTION = ("due_on", "status", "author", "created_at", "updated_at", "completed_at")
_REVISION = ("number", "operation", "author", "words_of", "comment", "at", "snapshot")


def export_lines(actor: Actor, pages: Iterable[Sequence[Incident]], *, history: bool) -> Iterator[bytes]:
    """Yield a line for each incident that the actor may see. With `history`, each has its revisions, the
    incidents that it is known to be distinct from, and the aliases of its organization.

    Lines include the comments, review events and actions that the actor may read.
    """
    names = AuthorNames()
    for page in pages:
        related = _RelatedRows(actor, page)
        pairs = pair_records([incident.id for incident in page]) if history else {}
        aliases = alias_records({incident.organization_key for incident in page}) if history else {}
        for incident in page:
            line = {"export": FORMAT_VERSION, **snapshot(incident), **related.of(incident)}
            if history:
                line["distinct_from"] = pairs[incident.id]
                line["organization_aliases"] = aliases.get(incident.organization_key, [])
                line["revisions"] = _revisions(incident, names)
            yield orjson.dumps(line) + b"\n"


def gone_lines(ids: Iterable[int]) -> Iterator[bytes]:
    """Yield a line for each incident that the reader of earlier exports may no longer see."""
    for incident_id in ids:
        yield orjson.dumps({"export": FORMAT_VERSION, "id": incident_id, "gone": True}) + b"\n"


class _RelatedRows:
    """The data in other tables about the incidents of a page, as far as an actor may read it."""

    def __init__(self, actor: Actor, page: Sequence[Incident]) -> None:
        self._actor = actor
        ids = [incident.id for incident in page]
        self._originals = visible_originals(actor, page)
        public = select(Change.incident_id).where(Change.incident_id.in_(ids), Change.public).distinct()
        self._public = set(db.session.scalars(public))
        self._comments = _by_incident(Comment, ids)
        self._events = _by_incident(ReviewEvent, ids)
        self._actions = _by_incident(FollowUp, ids)

    def of(self, incident: Incident) -> dict[str, Any]:
        """The fields of an incident's line besides its snapshot."""
        actor, team_id, original = self._actor, incident.team_id, incident.duplicate_of_id
        comments = self._comments[incident.id]
        if not belongs_to(actor, team_id):
            comments = [comment for comment in comments if not comment.internal]
        fields = {
            "impacts": with_float_amounts(impacts(incident)),
            "duplicate_of": original if original in self._originals else None,
            "team_name": incident.team.name,
            "collection_head": incident.collection and _fields(incident.collection, _COLLECTION),
            "was_public": incident.id in self._public,
            "comments": [_fields(row, _COMMENT) for row in comments],
        }
        if may_in(actor, Action.READ_HISTORY, team_id):
            fields["review_events"] = [
                {name: value for name, value in event_fields(row).items() if name != "id"}
                for row in self._events[incident.id]
            ]
        if may_in(actor, Action.READ_TEAM, team_id):
            fields["actions"] = [_action(row) for row in self._actions[incident.id]]
        return fields


def _by_incident(model: Any, ids: Sequence[int]) -> defaultdict[int, list[Any]]:
    """The rows of a table that belong to some incidents, by incident, oldest first."""
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in db.session.scalars(select(model).where(model.incident_id.in_(ids)).order_by(model.id)):
        rows[row.incident_id].append(row)
    return rows


def _fields(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """Columns of a row, with dates and moments in ISO 8601."""
    values = {name: getattr(row, name) for name in names}
    return {name: iso(value) if isinstance(value, date) else value for name, value in values.items()}


def _action(row: FollowUp) -> dict[str, Any]:
    owner = row.person.name if row.person else row.owner
    return {"title": row.title, "owner": owner, "lesson": row.lesson_id, **_fields(row, _ACTION)}


def _revisions(incident: Incident, names: AuthorNames) -> list[dict[str, Any]]:
    statement = select(Revision).where(Revision.incident_id == incident.id).order_by(Revision.number)
    return [
        {**_fields(row, _REVISION), "words_of": names.of_principals(row.words_of or ())}
        for row in db.session.scalars(statement)
    ]
