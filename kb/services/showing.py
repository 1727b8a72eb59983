"""What a search shows of an incident: written into the index with it, so that a hit needs no further reading.

The database is asked all the same, for each hit, whether it is still at that version and may be shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import TEXT_FIELDS
from kb.domain.language import choose_language
from kb.search.engine import TEXT_WEIGHTS
from kb.search.highlight import highlight_all
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


def searched_texts(
    shown: dict[str, Any], field: str, language: str | None = None
) -> Iterator[tuple[str, str]]:
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


class Highlighter:
    """Finds the passages of the hits of one page; what several of them share is looked at once."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._names: dict[tuple[tuple[str, str], ...], str | None] = {}

    def passages(self, shown: dict[str, Any], language: str) -> dict[str, str]:
        """By field, the passage that matches: in the language shown, else in another that there is."""
        if not self._wanted.forms:
            return {}
        found: dict[str, str] = {}
        original = shown["language"]
        own = ("organization", "tags")
        for tag in dict.fromkeys([language, *shown["facts"]["languages"]]):
            # Looked at with the texts of their language, at the price of one.
            texts = self._texts(shown, (*TRANSLATED, *own) if tag == original else TRANSLATED, tag)
            found |= texts
            if texts.keys() - set(own):
                break
        if original not in (tag, language):
            found |= self._texts(shown, own, original)
        names = self._of_names(tuple(searched_texts(shown, "terms")))
        return found if names is None else {**found, "terms": names}

    def _texts(self, shown: dict[str, Any], fields: Sequence[str], language: str) -> dict[str, str]:
        """By field, the first of its texts in a language that matches."""
        pairs = [(field, text) for field in fields for _, text in searched_texts(shown, field, language)]
        passages = highlight_all([text for _, text in pairs], language, self._wanted)
        found: dict[str, str] = {}
        for (field, _), passage in zip(pairs, passages, strict=True):
            if passage is not None:
                found.setdefault(field, passage)
        return found

    def _of_names(self, pairs: tuple[tuple[str, str], ...]) -> str | None:
        """The first of the names of terms that matches."""
        if pairs not in self._names:
            self._names[pairs] = None
            for language in dict.fromkeys(tag for tag, _ in pairs):
                names = [name for tag, name in pairs if tag == language]
                found = highlight_all(names, language, self._wanted)
                self._names[pairs] = next((passage for passage in found if passage is not None), None)
                if self._names[pairs] is not None:
                    break
        return self._names[pairs]
