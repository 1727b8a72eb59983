"""What a search shows of an incident: written into the index with it, so that a hit needs no further reading.

The database is asked all the same, for each hit, whether it is still at that version and may be shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import TEXT_FIELDS
from kb.domain.language import choose_language
from kb.search.engine import TEXT_WEIGHTS
from kb.search.highlight import highlight
from kb.services.views import card

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb.models import Incident, Term
    from kb.search.highlight import Wanted

SHARED = ("organization", "tags", "terms")
"""The searched fields that no language changes."""

TRANSLATED = tuple(field for field in TEXT_WEIGHTS if field not in SHARED)
_SEARCHED_TEXTS = tuple(field for field in TEXT_FIELDS if field in TRANSLATED)


def showable(incident: Incident) -> dict[str, Any]:
    """An incident in all its languages, JSON-ready: its facts, its texts and the names of its terms."""
    facts = card(incident)
    for field in ("title", "summary", "language"):
        facts.pop(field)
    return {
        "version": incident.version,
        "language": incident.language,
        "facts": facts,
        "texts": {
            language: {
                **{field: getattr(text, field) for field in _SEARCHED_TEXTS},
                "lessons": [
                    lesson.texts[language].text for lesson in incident.lessons if language in lesson.texts
                ],
            }
            for language, text in ((tag, incident.texts[tag]) for tag in incident.languages)
        },
        "names": [pair for term in _terms(incident) for pair in _names(term)],
    }


def _terms(incident: Incident) -> list[Term]:
    """What it is classified by, and how it was answered."""
    answers = dict.fromkeys(response.term for response in incident.responses)
    return [*(link.term for link in incident.term_links), *answers]


def _names(term: Term) -> list[tuple[str, str]]:
    """How people call a term: its labels in all languages, and its aliases."""
    return [*term.labels.items(), *(("en", alias) for alias in term.aliases)]


def shown_card(shown: dict[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    """The card of an incident, in the first wanted language that it exists in, else the original's."""
    facts = shown["facts"]
    language = choose_language(wanted, facts["languages"], shown["language"])
    text = shown["texts"][language]
    return {**facts, "title": text["title"], "summary": text["summary"], "language": language}


def searched_texts(shown: dict[str, Any], field: str, language: str | None = None) -> Iterator[tuple[str, str]]:
    """The (language, text) pairs of one searched field, those of the original first; or of one language."""
    facts, original = shown["facts"], shown["language"]
    if field == "organization":
        yield original, facts["organization"]
    elif field == "tags":
        for tag in facts["tags"]:
            yield original, tag
    elif field == "terms":
        for tag, name in shown["names"]:
            yield tag, name
    else:
        for tag, text in shown["texts"].items():
            if language in (None, tag):
                value = text[field]
                for part in value if isinstance(value, list) else (value,):
                    yield tag, part


def passages(shown: dict[str, Any], language: str, wanted: Wanted) -> dict[str, str]:
    """By field, the passage that matches: in the language shown, else in another that the incident has."""
    if not wanted.forms:
        return {}
    found: dict[str, str] = {}
    for tag in dict.fromkeys([language, *shown["facts"]["languages"]]):
        found = _passages(shown, TRANSLATED, tag, wanted)
        if found:
            break
    return {**found, **_passages(shown, SHARED, None, wanted)}


def _passages(
    shown: dict[str, Any], fields: Sequence[str], language: str | None, wanted: Wanted
) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in fields:
        for tag, text in searched_texts(shown, field, language):
            passage = highlight(text, tag, wanted)
            if passage is not None:
                found[field] = passage
                break
    return found
