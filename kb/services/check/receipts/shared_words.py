"""The words that a draft shares with its precedents, as the precedents spell them.

A receipt without text must not keep the draft's own spelling of a word.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.incident import TEXT_FIELDS
from kb.domain.language import primary_subtag
from kb.models import Incident, IncidentTag, IncidentText, Lesson, LessonText, Source
from kb.models.prepared import PreparedSelect
from kb.search.analysis import index_term, is_hebrew, normalize
from kb.search.english_spelling import spellings
from kb.search.folding import plain_spellings, varies
from kb.search.word_forms import candidate_forms
from kb.search.words import tags_with_parts, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    Texts = Mapping[str, Sequence[str]]
    """Texts of an incident by language (a primary subtag)."""

MAX_CHARACTERS = 20_000
"""How much of each text of a precedent is searched, since the largest have millions of characters."""

_BEGINNING = 2
"""How many letters inflected forms and spellings of an English word have in common, at least."""

# The texts by which precedents are found: docs/check.md
_STATEMENTS = (
    PreparedSelect(
        lambda ids: (
            select(
                IncidentText.incident_id,
                IncidentText.language,
                *(getattr(IncidentText, field) for field in TEXT_FIELDS if field != "outcome"),
            )
            .where(IncidentText.incident_id.in_(ids))
            .order_by(IncidentText.incident_id, IncidentText.language)
        )
    ),
    PreparedSelect(
        lambda ids: (
            select(Lesson.incident_id, LessonText.language, LessonText.text)
            .join(LessonText, LessonText.lesson_id == Lesson.id)
            .where(Lesson.incident_id.in_(ids))
            .order_by(Lesson.incident_id, Lesson.position, LessonText.language)
        )
    ),
    PreparedSelect(
        lambda ids: (
            select(IncidentTag.incident_id, Incident.language, IncidentTag.tag)
            .join(Incident, Incident.id == IncidentTag.incident_id)
            .where(IncidentTag.incident_id.in_(ids))
            .order_by(IncidentTag.incident_id, IncidentTag.tag)
        )
    ),
    PreparedSelect(
        lambda ids: (
            select(Source.incident_id, Incident.language, Source.title, Source.publisher)
            .join(Incident, Incident.id == Source.incident_id)
            .where(Source.incident_id.in_(ids))
            .order_by(Source.incident_id, Source.position)
        )
    ),
)


def with_precedents_spelling(precedents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Precedents of a result, in which `why.words` are spelled as in the incident.

    A word is left out if the incident no longer has it in any form.
    """
    listed = [*precedents]
    texts = _texts_of([item["incident"]["id"] for item in listed if item["why"]["words"]])
    return [
        {
            **item,
            "why": {
                **item["why"],
                "words": spelled_as_in(texts.get(item["incident"]["id"], {}), item["why"]["words"]),
            },
        }
        for item in listed
    ]


def _texts_of(ids: Collection[int]) -> Mapping[int, Texts]:
    """The texts of incidents by which precedents are found, by incident and language."""
    found: defaultdict[int, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for statement in _STATEMENTS if ids else ():
        for incident, language, *texts in statement.rows([*ids]):
            found[incident][primary_subtag(language)] += filter(None, texts)
    return found


def spelled_as_in(texts: Texts, shared: Sequence[str]) -> list[str]:
    """Words as these texts spell them, in the nearest form that one has; words in none are left out."""
    nearest: dict[str, tuple[int, str]] = {}
    for language, parts in texts.items():
        words_by_term = _by_term(shared, language)
        beginnings = {term[:_BEGINNING] for term in words_by_term}
        for own in _distinct_words(parts):
            if own.isascii() and own[:_BEGINNING].lower() not in beginnings:
                continue
            for term, distance in _terms(own, language).items():
                for word, further in words_by_term.get(term, ()):
                    if word not in nearest or distance + further < nearest[word][0]:
                        nearest[word] = distance + further, own
    return [*dict.fromkeys(nearest[word][1] for word in shared if word in nearest)]


def _by_term(shared: Iterable[str], language: str) -> Mapping[str, Sequence[tuple[str, int]]]:
    """The words of a draft, with distances, by the terms under which a text of a language may have them."""
    words_by_term: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for word in shared:
        for spelling in (word, *spellings(normalize(word))):
            for term, distance in _terms(spelling, language).items():
                words_by_term[term].append((word, distance))
    return words_by_term


def _terms(word: str, language: str) -> dict[str, int]:
    """The terms of a word in a text of a language, each with the distance from the word as written.

    Besides its index term, they are its spelling without accents, and in Hebrew the word without particles
    and endings.
    """
    terms = {normalize(word): 0}
    if is_hebrew(word):
        for distance, form in candidate_forms(word):
            terms.setdefault(form, 1 + distance)
        return terms
    for plain in (word, *(plain_spellings(word) if varies(word) else ())):
        terms.setdefault(index_term(plain, language), 1)
    return terms


def _distinct_words(texts: Iterable[str]) -> Iterable[str]:
    """The different words of texts, and of their hashtags, in order."""
    found: dict[str, None] = {}
    for text in texts:
        beginning = text[:MAX_CHARACTERS]
        found |= dict.fromkeys(words(beginning))
        found |= dict.fromkeys(part for _, parts in tags_with_parts(beginning) for part in parts)
    return found
