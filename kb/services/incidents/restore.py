"""Restoring an incident to what an earlier revision said."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kb.domain.dates import UNKNOWN_DATE, parse_partial_date
from kb.domain.field_diff import partial_date
from kb.domain.incident import TEXT_FIELDS, Operation
from kb.domain.permissions import Action, Actor, is_public
from kb.domain.taxonomy import CLASSIFICATIONS, SECONDARY_CATEGORIES
from kb.models import db
from kb.services.core import idempotency
from kb.services.core.authorization import Versions, require
from kb.services.core.incident_lookup import find_for_change
from kb.services.core.presenters import detail
from kb.services.core.unit_of_work import unit_of_work
from kb.services.core.write_result import WriteResult
from kb.services.incidents.edit import content_of, discard_changes, record_content
from kb.services.incidents.facts import write_facts
from kb.services.incidents.history import find_revision
from kb.services.incidents.lessons import restore_lessons
from kb.services.incidents.texts import write_texts
from kb.services.review.four_eyes import unapproved_authors
from kb.services.search import sync
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.models import Incident

_MOMENTS = ("posted_at", "acknowledged_at", "removed_at")
_PLAIN = ("kind", "visibility", "severity", "confidence", "organization", "tags", "industry")


def restore_incident(
    actor: Actor, incident_id: int, versions: Versions | None, number: int, comment: str | None
) -> WriteResult:
    """Write the content of revision `number` into an incident, as a new version.

    Its status stays. So do translations that were added since; they become outdated if the original changes.
    Raises NotFound, Forbidden, PreconditionMissing, StaleVersion, Conflict or InvalidInput.
    """
    require(actor, Action.EDIT)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.EDIT, incident_id, versions)
        was_public = is_public(incident.status, incident.visibility)
        state = find_revision(incident_id, number).snapshot
        authors = unapproved_authors(incident, until=number)
        before = content_of(incident)
        with db.session.no_autoflush:
            _write_state(incident, state)
            changed = before != content_of(incident)
        if changed:
            comment = comment or f"Restored from version {number}."
            record_content(
                work,
                actor,
                incident,
                Operation.RESTORED,
                comment,
                was_public=was_public,
                words_of=authors,
            )
        else:
            discard_changes(incident)
        body = idempotency.keep(detail(incident), incident_id=incident.id)
    return WriteResult(body, created=False, searchable=sync.catch_up(work.seq))


def _write_state(incident: Incident, state: Mapping[str, Any]) -> None:
    write_facts(incident, _facts(state), TermLookup())
    version = incident.version + 1
    outdated = {tag for tag, text in incident.texts.items() if text.version < incident.original.version}
    texts = {incident.language: state, **state["translations"]}
    for language, text in texts.items():
        write_texts(incident, language, {name: text[name] for name in TEXT_FIELDS}, version)
    restore_lessons(incident, {language: text["lessons"] for language, text in texts.items()}, version)
    current = incident.original.version
    for language, text in state["translations"].items():
        # A translation is outdated again if it was outdated in the snapshot. Snapshots of early releases have
        # no `text_version`: then it is outdated if it is so now.
        text_version = state.get("text_version")
        is_outdated = language in outdated if text_version is None else text["version"] < text_version
        incident.texts[language].version = current - 1 if is_outdated else current


def _facts(state: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a snapshot as the input of `write_facts`."""
    occurred_on = partial_date(state)
    return {
        **{name: state[name] for name in _PLAIN},
        **{name: state[name] for name in (*CLASSIFICATIONS, SECONDARY_CATEGORIES, "category")},
        **{name: datetime.fromisoformat(state[name]) if state[name] else None for name in _MOMENTS},
        "occurred_on": UNKNOWN_DATE if occurred_on is None else parse_partial_date(occurred_on),
        "sources": [{**item, "published_on": _day(item["published_on"])} for item in state["sources"]],
        "responses": [{**item, "at": _day(item["at"])} for item in state["responses"]],
        "impacts": [{**item} for item in state["impacts"]],
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
