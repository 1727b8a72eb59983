"""The history of an incident: its revisions, and the differences between two of them."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, func, select

from kb.domain.dates import iso
from kb.domain.field_diff import FieldChange, field_changes
from kb.domain.incident import REVIEWED_OPERATIONS, TEXT_FIELDS
from kb.domain.permissions import Action, Actor, may_in
from kb.errors import NotFound
from kb.messages import Message
from kb.models import Revision, db
from kb.models.base import MAX_INTEGER
from kb.services.core.incident_lookup import find_in_team, find_incident
from kb.services.core.presenters import snapshot
from kb.services.incidents.changes.word_diff import WordDiff
from kb.services.infrastructure.pagination import Page, cursor_integer, decode_cursor, id_page

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_PAGE_CHARACTERS = 2_000_000
"""The most characters of snapshots on one page of revisions; a single larger one still gets its page."""


def may_read_history(actor: Actor, incident_id: int) -> bool:
    """Whether an actor may read the history of an incident that the actor may see. Raises NotFound."""
    return may_in(actor, Action.READ_HISTORY, find_incident(actor, incident_id).team_id)


def list_revisions(actor: Actor, incident_id: int, *, limit: int, cursor: str | None) -> Page:
    """List the revisions of an incident, latest first, for its team; fewer than `limit` if they are large.

    Raises NotFound or Forbidden.
    """
    find_in_team(actor, Action.READ_HISTORY, incident_id)
    this_incident = Revision.incident_id == incident_id
    sizes = select(func.length(cast(Revision.snapshot, Text))).where(this_incident)
    if cursor is not None:
        sizes = sizes.where(Revision.number < decode_cursor(cursor, cursor_integer)[0])
    totals = accumulate(db.session.scalars(sizes.order_by(Revision.number.desc()).limit(limit)))
    fitting = max(1, sum(total <= _MAX_PAGE_CHARACTERS for total in totals))
    return id_page(
        select(Revision).where(this_incident),
        Revision.number,
        _present,
        limit=min(limit, fitting),
        cursor=cursor,
    )


def get_revision(actor: Actor, incident_id: int, number: int) -> dict[str, Any]:
    """Return one revision of an incident, for its team. Raises NotFound or Forbidden."""
    find_in_team(actor, Action.READ_HISTORY, incident_id)
    return _present(find_revision(incident_id, number))


def get_diff(actor: Actor, incident_id: int, first: int | None, last: int | None) -> dict[str, Any]:
    """Return the fields in which two revisions differ, with the changed words of texts, for the team.

    `last` defaults to the current version, `first` to the one before `last`. Raises NotFound or Forbidden.
    """
    incident = find_in_team(actor, Action.READ_HISTORY, incident_id)
    last = incident.version if last is None else last
    after = find_revision(incident_id, last)
    first = _previous_number(incident_id, last) if first is None else first
    before = find_revision(incident_id, first)
    return {
        "from": first,
        "to": last,
        "fields": field_diffs(before.snapshot, after.snapshot),
    }


def get_unpublished_changes(actor: Actor, incident_id: int) -> list[dict[str, Any]]:
    """The fields in which an incident differs from its last published version, for its team.

    If it was never published, all fields that are filled in. Raises NotFound or Forbidden.
    """
    incident = find_in_team(actor, Action.READ_HISTORY, incident_id)
    reviewed = (
        select(Revision)
        .where(Revision.incident_id == incident_id, Revision.operation.in_(REVIEWED_OPERATIONS))
        .order_by(Revision.number.desc())
        .limit(1)
    )
    published = db.session.scalar(reviewed)
    return field_diffs({} if published is None else published.snapshot, snapshot(incident))


def field_diffs(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields in which two snapshots differ, with the changed words of texts.

    A text that is empty in one and missing in the other, as in a new translation, does not count.
    """
    nothing: tuple[object, ...] = (None, "", [])
    diff = WordDiff()
    return [
        _field(change, diff)
        for change in field_changes(before, after)
        if change.before not in nothing or change.after not in nothing
    ]


def find_revision(incident_id: int, number: int) -> Revision:
    """Return one revision without checking access. Raises NotFound."""
    row = None
    if number <= MAX_INTEGER:
        row = db.session.scalar(
            select(Revision).where(Revision.incident_id == incident_id, Revision.number == number)
        )
    if row is None:
        raise NotFound(
            Message("Incident {incident_id} has no version {number}.", incident_id=incident_id, number=number)
        )
    return row


def _previous_number(incident_id: int, number: int) -> int:
    earlier = select(Revision.number).where(Revision.incident_id == incident_id, Revision.number < number)
    return db.session.scalar(earlier.order_by(Revision.number.desc()).limit(1)) or number


def _field(change: FieldChange, diff: WordDiff) -> dict[str, Any]:
    pieces, name = None, change.pointer.rpartition("/")[2]
    if name == "lessons":
        pieces = diff.pieces("\n".join(change.before or ()), "\n".join(change.after or ()))
    elif name in TEXT_FIELDS:
        pieces = diff.pieces(change.before or "", change.after or "")
    words = None if pieces is None else [piece._asdict() for piece in pieces]
    return {**change._asdict(), "words": words}


def _present(row: Revision) -> dict[str, Any]:
    return {
        "number": row.number,
        "operation": row.operation,
        "author": row.author,
        "comment": row.comment,
        "at": iso(row.at),
        "snapshot": row.snapshot,
    }
