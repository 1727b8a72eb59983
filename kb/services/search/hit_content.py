"""What a search shows of an incident: written into the index with it, so that a hit needs no further reading.

The database is asked all the same, for each hit, whether it is still at that version and may be shown.
Figures: docs/decisions/0014.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import TEXT_FIELDS
from kb.domain.language import choose_language
from kb.schemas.links import incident_url
from kb.search.engine import TEXT_WEIGHTS
from kb.search.highlight import SEPARATOR, highlight_all, highlight_first
from kb.services.core.presenters import summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb.models import Incident, Term
    from kb.search.highlight import HighlightTerms

_OWN = ("organization", "tags")
"""The searched fields that no language changes: they count as the original's."""

_TRANSLATED = tuple(field for field in TEXT_WEIGHTS if field in TEXT_FIELDS or field == "lessons")


def to_stored(incident: Incident) -> dict[str, Any]:
    """An incident in all its languages, JSON-ready: by language its summary and its texts; its terms' names.

    The texts of a language are one string, which is highlighted in one pass (figures in docs/decisions/0027);
    `fields` names the field of each.
    """
    return {
        "version": incident.version,
        "language": incident.language,
        "texts": {language: _in_language(incident, language) for language in incident.languages},
        "names": _names(incident),
    }


def _in_language(incident: Incident, language: str) -> dict[str, Any]:
    pairs = list(_texts(incident, language))
    return {
        "summary": {**summary(incident, [language]), "url": incident_url(incident.id)},
        "fields": [field for field, _ in pairs],
        "joined": SEPARATOR.join(text for _, text in pairs),
    }


def _texts(incident: Incident, language: str) -> Iterator[tuple[str, str]]:
    """Each text that is searched, with its field: those of the language, and what is the original's own."""
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


def _terms(incident: Incident) -> list[Term]:
    """What it is classified by, and how it was answered."""
    answers = dict.fromkeys(response.term for response in incident.responses)
    return [*(link.term for link in incident.term_links), *answers]


def _names(incident: Incident) -> dict[str, str]:
    """By language, how people call its terms: labels in all languages, and aliases."""
    names: dict[str, list[str]] = {}
    for term in _terms(incident):
        for language, name in (*term.labels.items(), *(("en", alias) for alias in term.aliases)):
            names.setdefault(language, []).append(name)
    return {language: SEPARATOR.join(found) for language, found in names.items()}


def stored_language(shown: dict[str, Any], wanted: Sequence[str]) -> str:
    """The first wanted language that an incident exists in, else the original's."""
    return choose_language(wanted, list(shown["texts"]), shown["language"])


def stored_summary(shown: dict[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    """The summary of an incident in that language."""
    found: dict[str, Any] = shown["texts"][stored_language(shown, wanted)]["summary"]
    return found


def searched_texts(shown: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """The (language, text) pairs of each searched field, those of the original first."""
    found: dict[str, list[tuple[str, str]]] = {field: [] for field in TEXT_WEIGHTS}
    for language, texts in shown["texts"].items():
        for field, text in zip(texts["fields"], texts["joined"].split(SEPARATOR), strict=True):
            found[field].append((language, text))
    for language, names in shown["names"].items():
        found["terms"] += [(language, name) for name in names.split(SEPARATOR)]
    return found


class Highlighter:
    """Finds the passages of a hit that match, all of them or the first one."""

    def __init__(self, terms: HighlightTerms, *, only_first: bool = False) -> None:
        self._terms = terms
        self._only_first = only_first
        self._highlight = highlight_first if only_first else highlight_all

    def passages(self, shown: dict[str, Any], language: str) -> dict[str, str]:
        """By field, the passage that matches: in the language shown, else in another that there is.

        Or that of the first field only, those of the text before its organization, its tags and its terms.
        """
        if not self._terms:
            return {}
        found: dict[str, str] = {}
        original, texts = shown["language"], shown["texts"]
        for tag in dict.fromkeys([language, *texts]):
            found |= self._texts(texts[tag], tag)
            if found.keys() - _OWN or (found and self._only_first):
                break
        if found and self._only_first:
            return found
        if original not in (tag, language):
            own = self._texts(texts[original], original)
            found |= {field: own[field] for field in _OWN if field in own}
        names = self._first_name(shown["names"])
        return found if names is None else {**found, "terms": names}

    def _texts(self, texts: dict[str, Any], language: str) -> dict[str, str]:
        """By field, the first of its texts in a language that matches."""
        found: dict[str, str] = {}
        for number, passage in self._highlight(texts["joined"], language, self._terms).items():
            found.setdefault(texts["fields"][number], passage)
        return found

    def _first_name(self, names: dict[str, str]) -> str | None:
        """The first of the names of terms that matches."""
        for language, joined in names.items():
            for passage in highlight_first(joined, language, self._terms).values():
                return passage
        return None
