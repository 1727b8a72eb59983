"""An incident, as an article: what happened, how it ended, why, what to do instead, and who says so."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for

from kb.domain.guard import LESSON_PREFIX
from kb.domain.incident import Status, Visibility
from kb.domain.language import candidate_languages, primary_subtag
from kb.domain.workflow import Step
from kb.errors import Unavailable
from kb.guards.definition import to_guard
from kb.pages.incidents.incident_facts import facts
from kb.pages.incidents.incident_timeline import Event, timeline
from kb.pages.incidents.linked_data import linked_data, open_graph_locale
from kb.pages.incidents.passed_check import passed_check_of
from kb.pages.language import interface_language, text_languages
from kb.pages.messages import _l
from kb.pages.words.guard_words import title
from kb.pages.words.incident_words import (
    CONFIDENCES,
    GUARD_EFFECTS,
    IMPACTS,
    SOURCES,
    STATUSES,
    TEAM_ONLY,
    amount,
    language_name,
)
from kb.pages.words.term_labels import Terms
from kb.schemas.links import incident_url
from kb.services.check.guard_writing.attaching import may_put_guards
from kb.services.incidents.changes.history import may_read_history
from kb.services.incidents.changes.proposals import list_open_proposals
from kb.services.incidents.editing import may_edit
from kb.services.incidents.read import get_incident
from kb.services.review.transitions import list_steps
from kb.services.search.similar import find_similar
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText
    from kb.services.check.guard_texts import LocalText

_RELATED = 4
_MAX_SIMILAR = 12
"""How many similar incidents are examined for shared terms or words worth showing."""

_SHARED_WORDS = 3
_MIN_SHARED_WORDS = 2
_MIN_WORD_LENGTH = 4

_SECTIONS: Mapping[str, LazyText] = {
    "outcome": _l("How it ended"),
    "cause": _l("What led to it"),
    "why_failure": _l("Why it counts as a failure"),
    "alternative": _l("What could have been done instead"),
}
"""The texts below the summary, with their headings, in the order of the page."""

_WORDS = {
    "confidences": CONFIDENCES,
    "guard_effects": GUARD_EFFECTS,
    "amount": amount,
    "language_name": language_name,
}


class TextSection(NamedTuple):
    """A heading and the paragraphs below it. `name` is the field, which is also its anchor."""

    name: str
    heading: str
    paragraphs: list[str]


class SimilarIncident(NamedTuple):
    """A similar incident, with the terms and words that both share."""

    incident: Mapping[str, Any]
    terms: list[str]
    words: list[str]


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/incidents/<int:incident_id>", view_func=incident_page)
    blueprint.add_url_rule("/incidents/<int:incident_id>-<slug>", view_func=incident_slug_page)


@with_permission_check
def incident_page(incident_id: int) -> str:
    """Show an incident: what happened, why it is a failure, what to do instead.

    `?in=he` chooses the language of its texts, but not that of the interface.
    """
    actor, languages = current_actor(), _languages()
    incident = get_incident(actor, incident_id, languages)
    has_history = may_read_history(actor, incident_id)
    terms = Terms()
    url = url_for("pages.incident_page", incident_id=incident_id, lang=None, _external=True)
    return render_template(
        "incident.html",
        incident=incident,
        category=terms.label("category", incident["category"]),
        facts=facts(incident, terms),
        summary=_paragraphs(incident["summary"]),
        texts=_texts(incident),
        other_impacts=_without_figure(incident),
        timeline=_timeline(incident, terms),
        guard_titles=_guard_titles(incident),
        note=_note(incident),
        collection_title=terms.collection(incident["collection"]) if incident["collection"] else None,
        related=_related(incident_id, text_languages()),
        has_history=has_history,
        proposals=list_open_proposals(actor, incident_id) if has_history else (),
        edit_url=_edit_url(incident) if has_history and may_edit(actor, incident_id) else None,
        may_reopen=incident["status"] == Status.WITHDRAWN and Step.REOPEN in list_steps(actor, incident_id),
        may_put_guards=may_put_guards(actor, incident_id),
        passed=passed_check_of(incident),
        permanent_url=url,
        data_url=f"{incident_url(incident_id)}?{urlencode({'lang': incident['language']})}",
        linked_data=linked_data(incident, url) if _is_public(incident) else None,
        og_locale=open_graph_locale(incident["language"]),
        impacts=_translated(IMPACTS),
        sources=_translated(SOURCES),
        **_WORDS,
    )


@with_permission_check
def incident_slug_page(incident_id: int, slug: str) -> ResponseReturnValue:  # noqa: ARG001 (the id is enough)
    """Redirect from a URL with a title in it to the permanent one."""
    url = url_for("pages.incident_page", incident_id=incident_id, lang=None)
    query = urlencode([*request.args.items(multi=True)])
    return redirect(f"{url}{'?' if query else ''}{query}", 301)


def _languages() -> list[str]:
    asked = request.args.get("in")
    return [asked, *text_languages()] if asked else text_languages()


def _is_public(incident: Mapping[str, Any]) -> bool:
    return bool(incident["status"] == Status.PUBLISHED and incident["visibility"] == Visibility.ORGANIZATION)


def _edit_url(incident: Mapping[str, Any]) -> str:
    is_original = incident["language"] == incident["original_language"]
    shown = {} if is_original else {"in": incident["language"]}
    return url_for("pages.incident_edit_page", incident_id=incident["id"], **shown)


def _note(incident: Mapping[str, Any]) -> str | None:
    """Describe who can see an incident, and why, if it is not public."""
    if incident["status"] in STATUSES:
        return str(STATUSES[incident["status"]])
    return None if _is_public(incident) else str(TEAM_ONLY)


def _translated(words: Mapping[str, LazyText]) -> dict[str, str]:
    """Translate each word once, however many impacts or sources of a kind there are."""
    return {kind: str(word) for kind, word in words.items()}


def _texts(incident: Mapping[str, Any]) -> list[TextSection]:
    return [
        TextSection(name, str(heading), _paragraphs(incident[name]))
        for name, heading in _SECTIONS.items()
        if incident[name]
    ]


def _without_figure(incident: Mapping[str, Any]) -> list[str]:
    """Return the kinds of cost without a figure on record."""
    kinds = [impact["kind"] for impact in incident["impacts"] if impact["amount"] is None]
    return [str(IMPACTS[kind]) for kind in dict.fromkeys(kinds)]


def _guard_titles(incident: Mapping[str, Any]) -> dict[int, LocalText]:
    """Return the titles of the guards on lessons, by lesson id."""
    guarded = (lesson for lesson in incident["lessons"] if lesson["guard"])
    keys = ((lesson, f"{LESSON_PREFIX}{lesson['id']}") for lesson in guarded)
    return {lesson["id"]: title(to_guard(key, lesson["guard"])) for lesson, key in keys}


def _timeline(incident: Mapping[str, Any], terms: Terms) -> list[Event]:
    return timeline(incident, lambda kind: terms.label("response", kind))


def _paragraphs(text: str) -> list[str]:
    return [paragraph for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph]


def _related(incident_id: int, languages: list[str]) -> list[SimilarIncident]:
    """Return the most similar incidents that share presentable terms or words.

    Empty while the index is unavailable: the article is shown without them.
    """
    try:
        found = find_similar(current_actor(), incident_id, languages, limit=_MAX_SIMILAR)["items"]
    except Unavailable:
        return []
    related = (_with_reason(item) for item in found)
    return list(islice((each for each in related if each.terms or each.words), _RELATED))


def _with_reason(item: Mapping[str, Any]) -> SimilarIncident:
    """Return a similar incident with its shared terms; with shared words, too, if there are few terms."""
    terms = [term["label"] for term in item["shared_terms"]]
    words = _readable(item["shared_words"])
    says_more = len(terms) < 2 and len(words) >= _MIN_SHARED_WORDS
    return SimilarIncident(item["incident"], terms, words if says_more else [])


def _readable(words: list[str]) -> list[str]:
    """Return the first words that are in the language of the interface and long enough to be informative."""
    language = primary_subtag(interface_language())
    own = (word for word in words if len(word) >= _MIN_WORD_LENGTH and language in candidate_languages(word))
    return list(islice(own, _SHARED_WORDS))
