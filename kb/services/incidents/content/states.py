"""Write a whole state of an incident, a snapshot, into its rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kb.domain.dates import MOMENTS, UNKNOWN_DATE, parse_partial_date
from kb.domain.field_diff import partial_date
from kb.domain.incident import TEXT_FIELDS
from kb.domain.taxonomy import CLASSIFICATIONS, SECONDARY_CATEGORIES
from kb.domain.three_way_merge import outdated_translations
from kb.models import Incident, db
from kb.services.core.presenters import snapshot
from kb.services.incidents.content.facts import write_facts
from kb.services.incidents.content.lessons import restore_lessons
from kb.services.incidents.content.texts import write_texts
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = ("kind", "visibility", "severity", "confidence", "organization", "tags", "industry")

_COPIED = (
    "id",
    "slug",
    "external_id",
    "status",
    "language",
    "team_id",
    "team",
    "author",
    "duplicate_of_id",
    "collection_id",
    "collection",
    "created_at",
    "updated_at",
    "published_at",
    "version",
)
"""Columns that a snapshot does not restore, since no edit changes them."""


def detached_copy(incident: Incident, state: Mapping[str, Any] | None = None) -> Incident:
    """Copy an incident outside any session, so that nothing written to the copy is ever stored.

    The copy has the content of `state`, by default the incident's own. A state with moments out of order is
    copied unchanged.
    """
    state = snapshot(incident) if state is None else state
    outdated = outdated_translations(state)
    with db.session.no_autoflush:
        copy = Incident(**{name: getattr(incident, name) for name in _COPIED})
        write_state(copy, state, check=False)
    # With the incident's version, so that a write to the copy shows which translations it makes outdated.
    for language, text in copy.texts.items():
        text.version = incident.version - (language in outdated)
    return copy


def write_state(incident: Incident, state: Mapping[str, Any], *, check: bool = True) -> None:
    """Write the content of a snapshot into an incident.

    Translations that the snapshot does not have stay, and become outdated if the original changes. Raises
    InvalidInput for unknown terms and, with `check`, for moments before `posted_at`.
    """
    write_facts(incident, _facts(state), TermLookup(), check=check)
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
        # Snapshots of earlier versions lack it.
        **({"extra": state["extra"]} if "extra" in state else {}),
        **{name: state[name] for name in (*CLASSIFICATIONS, SECONDARY_CATEGORIES, "category")},
        **{name: datetime.fromisoformat(state[name]) if state[name] else None for name in MOMENTS},
        "occurred_on": UNKNOWN_DATE if occurred_on is None else parse_partial_date(occurred_on),
        "sources": [{**item, "published_on": _day(item["published_on"])} for item in state["sources"]],
        "responses": [{**item, "at": _day(item["at"])} for item in state["responses"]],
        "impacts": [{**item} for item in state["impacts"]],
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
