"""The history of an incident: what each write left behind, what two of them differ in, and the way back."""

from __future__ import annotations

from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, func, select

from kb.domain.dates import UNKNOWN_DATE, iso, parse_partial_date
from kb.domain.field_diff import changed_fields, content, partial_date
from kb.domain.incident import TEXT_FIELDS, Operation
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.taxonomy import CLASSIFICATIONS, SECONDARY_CATEGORIES
from kb.errors import NotFound
from kb.models import Incident, Revision, db
from kb.models.base import LARGEST_INTEGER
from kb.services.core import idempotency
from kb.services.core.authorization import Versions, require
from kb.services.core.incident_lookup import find_for_change, find_in_team
from kb.services.core.presenters import detail
from kb.services.core.unit_of_work import unit_of_work
from kb.services.core.write_result import WriteResult
from kb.services.incidents.content import fill, read_evidence, restore_lessons, write_texts
from kb.services.incidents.edit import content_of, require_for_audience
from kb.services.incidents.word_diff import word_diff
from kb.services.infrastructure.pagination import Page, id_page, read_cursor, whole
from kb.services.review.four_eyes import require_editable, unapproved_authors
from kb.services.search import sync
from kb.services.taxonomy.lookup import Terms

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_CHARACTERS = 2_000_000
"""How much a page of revisions holds, more or less."""

_MOMENTS = ("posted_at", "acknowledged_at", "removed_at")
_PLAIN = ("kind", "visibility", "severity", "confidence", "organization", "tags", "industry")


def list_revisions(actor: Actor, incident_id: int, *, limit: int, cursor: str | None) -> Page:
    """The history of an incident, for its team: the latest write first; fewer than `limit` of large ones."""
    find_in_team(actor, Action.READ_HISTORY, incident_id)
    ours = Revision.incident_id == incident_id
    sizes = select(func.length(cast(Revision.snapshot, Text))).where(ours)
    if cursor is not None:
        sizes = sizes.where(Revision.number < read_cursor(cursor, whole)[0])
    sums = accumulate(db.session.scalars(sizes.order_by(Revision.number.desc()).limit(limit)))
    # One at least, however large.
    fitting = max(1, sum(each <= _MAX_CHARACTERS for each in sums))
    return id_page(
        select(Revision).where(ours), Revision.number, _view, limit=min(limit, fitting), cursor=cursor
    )


def get_revision(actor: Actor, incident_id: int, number: int) -> dict[str, Any]:
    """One state of an incident, for its team. Raises NotFound."""
    find_in_team(actor, Action.READ_HISTORY, incident_id)
    return _view(_find(incident_id, number))


def get_diff(actor: Actor, incident_id: int, first: int | None, last: int | None) -> dict[str, Any]:
    """What two revisions differ in, by field, word by word in texts.

    Without `last` it is the latest, without `first` the one before.
    """
    incident = find_in_team(actor, Action.READ_HISTORY, incident_id)
    last = incident.version if last is None else last
    after = _find(incident_id, last)
    first = _before(incident_id, last) if first is None else first
    before = _find(incident_id, first)
    old, new = content(before.snapshot), content(after.snapshot)
    return {
        "from": first,
        "to": last,
        "fields": [
            _field(pointer, old.get(pointer), new.get(pointer))
            for pointer in changed_fields(before.snapshot, after.snapshot)
        ],
    }


def restore(
    actor: Actor, incident_id: int, versions: Versions | None, number: int, comment: str | None
) -> WriteResult:
    """Make an incident say again what it said in a revision, as a new version.

    Where it stands in the workflow stays, and so do translations that were added since: they are shown as
    outdated where the original says something else by then.
    """
    require(actor, Action.EDIT)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.EDIT, incident_id, versions)
        was_public = is_public(incident.status, incident.visibility)
        state = _find(incident_id, number).snapshot
        before = content_of(incident)
        with db.session.no_autoflush:
            _apply(incident, state)
            changed = before != content_of(incident)
            if not changed:
                for row in (*incident.texts.values(), incident):
                    db.session.expire(row)
            else:
                require_editable(actor, incident)
                require_for_audience(work, actor, incident, was_public)
                note = comment or f"Restored from version {number}."
                words_of = unapproved_authors(incident, until=number)
                work.record(
                    incident,
                    Operation.RESTORED,
                    actor,
                    comment=note,
                    was_public=was_public,
                    words_of=words_of,
                )
        view = idempotency.keep(detail(incident))
    return WriteResult(view, created=False, searchable=sync.catch_up(work.seq))


def _apply(incident: Incident, state: Mapping[str, Any]) -> None:
    day = partial_date(state)
    data = {
        **{name: state[name] for name in _PLAIN},
        **{name: state[name] for name in (*CLASSIFICATIONS, SECONDARY_CATEGORIES, "category")},
        **{name: datetime.fromisoformat(state[name]) if state[name] else None for name in _MOMENTS},
        **read_evidence(state),
        "occurred_on": UNKNOWN_DATE if day is None else parse_partial_date(day),
    }
    fill(incident, data, Terms())
    version = incident.version + 1
    behind = {tag for tag, text in incident.texts.items() if text.version < incident.original.version}
    texts = {incident.language: state, **state["translations"]}
    for language, text in texts.items():
        write_texts(incident, language, {name: text[name] for name in TEXT_FIELDS}, version)
    restore_lessons(incident, {language: text["lessons"] for language, text in texts.items()}, version)
    current = incident.original.version
    for language, text in state["translations"].items():
        # What was a translation of that text is one of it again; what was outdated stays so. Snapshots of
        # earlier versions of ours do not tell: then it stays as it is.
        known = state.get("text_version")
        outdated = language in behind if known is None else text["version"] < known
        incident.texts[language].version = current - 1 if outdated else current


def _before(incident_id: int, number: int) -> int:
    ours = select(Revision.number).where(Revision.incident_id == incident_id, Revision.number < number)
    return db.session.scalar(ours.order_by(Revision.number.desc()).limit(1)) or number


def _find(incident_id: int, number: int) -> Revision:
    row = None
    if number <= LARGEST_INTEGER:
        row = db.session.scalar(
            select(Revision).where(Revision.incident_id == incident_id, Revision.number == number)
        )
    if row is None:
        raise NotFound(f"Incident {incident_id} has no version {number}.")
    return row


def _field(pointer: str, before: Any, after: Any) -> dict[str, Any]:
    words, name = None, pointer.rpartition("/")[2]
    if name == "lessons":
        words = _compared("\n".join(before or ()), "\n".join(after or ()))
    elif name in TEXT_FIELDS:
        words = _compared(before or "", after or "")
    return {"pointer": pointer, "before": before, "after": after, "words": words}


def _compared(before: str, after: str) -> list[dict[str, str]]:
    return [piece._asdict() for piece in word_diff(before, after)]


def _view(row: Revision) -> dict[str, Any]:
    return {
        "number": row.number,
        "operation": row.operation,
        "author": row.author,
        "comment": row.comment,
        "at": iso(row.at),
        "snapshot": row.snapshot,
    }
