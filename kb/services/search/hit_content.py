"""The content of a hit: the part of an incident that the index stores, to present hits without a query.

See docs/decisions/0014 for the time that this saves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import TEXT_FIELDS
from kb.domain.language import choose_language
from kb.search.engine import TEXT_WEIGHTS
from kb.search.highlight import SEPARATOR
from kb.services.core.presenters import impacts, summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from kb.models import Incident, Term

_TRANSLATED = tuple(field for field in TEXT_WEIGHTS if field in TEXT_FIELDS or field == "lessons")


def to_stored(incident: Incident) -> dict[str, Any]:
    """The content of an incident in all its languages, JSON-ready.

    `texts` maps a language to the summary and the searched texts, `names` maps it to the names of the
    incident's terms. The texts of a language are joined into one string, which is highlighted in one pass
    (docs/decisions/0027); `fields` has the field of each text, and `lessons` the ids of the lessons among
    them. `impacts`, `responses` and `minutes` tell what an incident cost and how it was handled.
    """
    return {
        "version": incident.version,
        "language": incident.language,
        "impacts": impacts(incident),
        "responses": list(dict.fromkeys(response.term.key for response in incident.responses)),
        "minutes": {
            "acknowledge": _minutes(incident.posted_at, incident.acknowledged_at),
            "remove": _minutes(incident.posted_at, incident.removed_at),
        },
        "texts": {language: _in_language(incident, language) for language in incident.languages},
        "names": _term_names(incident),
    }


def _minutes(start: datetime | None, end: datetime | None) -> int | None:
    """The minutes between two times; None unless both are known."""
    return None if start is None or end is None else round((end - start).total_seconds() / 60)


def language_for(content: dict[str, Any], languages: Sequence[str]) -> str:
    """The first of the reader's languages that the incident exists in, else the original's."""
    return choose_language(languages, list(content["texts"]), content["language"])


def summary_for(content: dict[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """The incident's summary in the language of `language_for`."""
    chosen: dict[str, Any] = content["texts"][language_for(content, languages)]["summary"]
    return chosen


def texts_of(content: dict[str, Any], language: str, field: str) -> list[str]:
    """The texts of a field in one of the incident's languages."""
    texts = content["texts"][language]
    pairs = zip(texts["fields"], texts["joined"].split(SEPARATOR), strict=True)
    return [text for name, text in pairs if name == field]


def searched_texts(content: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """The (language, text) pairs of each searched field, the original language first."""
    pairs: dict[str, list[tuple[str, str]]] = {field: [] for field in TEXT_WEIGHTS}
    for language, texts in content["texts"].items():
        for field, text in zip(texts["fields"], texts["joined"].split(SEPARATOR), strict=True):
            pairs[field].append((language, text))
    for language, names in content["names"].items():
        pairs["terms"] += [(language, name) for name in names.split(SEPARATOR)]
    return pairs


def _in_language(incident: Incident, language: str) -> dict[str, Any]:
    pairs = list(_texts(incident, language))
    return {
        "summary": summary(incident, [language]),
        "lessons": [lesson.id for lesson in incident.lessons if language in lesson.texts],
        "fields": [field for field, _ in pairs],
        "joined": SEPARATOR.join(text for _, text in pairs),
    }


def _texts(incident: Incident, language: str) -> Iterator[tuple[str, str]]:
    """The (field, text) pairs of a language. Untranslated fields belong to the original's language."""
    for field in _TRANSLATED:
        if field == "lessons":
            for lesson in incident.lessons:
                if language in lesson.texts:
                    yield field, lesson.texts[language].text
        elif text := getattr(incident.texts[language], field):
            yield field, text
    if language == incident.language:
        yield "organization", incident.organization
        for tag in incident.tags:
            yield "tags", tag
        for source in incident.sources:
            yield "sources", source.title
            if source.publisher:
                yield "sources", source.publisher


def _term_names(incident: Incident) -> dict[str, str]:
    """The names of the incident's terms by language: labels, and aliases as English."""
    names: dict[str, list[str]] = {}
    for term in _terms(incident):
        for language, name in (*term.labels.items(), *(("en", alias) for alias in term.aliases)):
            names.setdefault(language, []).append(name)
    return {language: SEPARATOR.join(names_in_language) for language, names_in_language in names.items()}


def _terms(incident: Incident) -> list[Term]:
    """The terms of the incident and its responses."""
    responses = dict.fromkeys(response.term for response in incident.responses)
    return [*(link.term for link in incident.term_links), *responses]
