"""The precedents of a draft: incidents that it resembles, and why. A precedent is not a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.permissions import audiences_for
from kb.search.analysis import is_stopword, normalize
from kb.search.concepts import AMBIGUOUS_WEIGHT
from kb.search.engine import PrecedentQuery
from kb.search.query import Group, SearchQuery
from kb.search.word_forms import entry_form
from kb.services.infrastructure.runtime import engine
from kb.services.search.hit_content import language_for, summary_for, texts_of
from kb.services.search.visible_hits import find_visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.guards.analysis import AnalyzedDraft
    from kb.services.search.visible_hits import SearchOutcome, VisibleHit

MAX_PRECEDENTS = 5
"""How many precedents a check reports."""

ENOUGH_ALONE = frozenset({"placeholder", "domestic-violence", "consent", "sex"})
"""The concepts that make a precedent strong by themselves."""

STRONG_PIECES = 2
"""How many independent pieces of evidence make a precedent strong."""

STRONG_WORD_SCORE = 8.0
"""The score that words alone must reach to make a precedent strong."""


def precedent_query(draft: AnalyzedDraft, implied: Collection[str]) -> PrecedentQuery:
    """What the precedents of a draft are looked for by; `implied` are the concepts of its findings."""
    concepts = {
        concept: sum(1.0 if touch.clear else AMBIGUOUS_WEIGHT for touch in touches)
        for concept, touches in draft.touched.items()
    }
    for concept in implied:
        concepts[concept] = max(1.0, concepts.get(concept, 0.0))
    return PrecedentQuery(words=tuple(telling_words(draft)), concepts=concepts)


def telling_words(draft: AnalyzedDraft) -> Iterator[str]:
    """The words of a draft that may say something of it: no stopwords, numbers or words of all marketing."""
    table = draft.concept_table
    parts = (part for tag in draft.hashtags if len(tag.words) > 1 for part in tag.words)
    for word in (*(word.text for word in draft.words), *parts):
        normal = normalize(word)
        is_ordinary = len(normal) < 2 or normal[:1].isdigit() or is_stopword(normal)
        if not is_ordinary and entry_form(word) not in table.stopwords:
            yield word


def find_precedents(actor: Actor, query: PrecedentQuery, limit: int = MAX_PRECEDENTS) -> SearchOutcome:
    """The incidents that share most with a draft, of those that the actor may see. Raises Unavailable."""
    search = SearchQuery(root=Group(), audiences=audiences_for(actor), limit=limit)
    return find_visible(actor, lambda: engine().precedents(query, search))


def is_strong(hit: VisibleHit, draft: AnalyzedDraft, implied: Collection[str]) -> bool:
    """Whether an incident shares enough with a draft: two independent pieces of evidence, one of them of a
    sensitive subject or a finding; or one concept that is enough alone; or many rare words.

    One word is one piece, however many concepts it touches.
    """
    shared = set(hit.shared_concepts)
    if shared & ENOUGH_ALONE & ({*implied} | _clear(draft)) or hit.word_score >= STRONG_WORD_SCORE:
        return True
    table = draft.concept_table.concepts
    grave = {key for key in shared if table[key].risky or key in implied}
    if not grave:
        return False
    pieces: set[object] = {touch.span for key in shared for touch in draft.touched.get(key, ())}
    pieces |= {key for key in shared & {*implied} if key not in draft.touched}
    pieces |= {word.span for word in draft.words if word.text in hit.shared_words}
    return len(pieces) >= STRONG_PIECES


def _clear(draft: AnalyzedDraft) -> set[str]:
    """The concepts that a draft touches clearly."""
    return {key for key, touches in draft.touched.items() if any(touch.clear for touch in touches)}


def present(hit: VisibleHit, strength: str, draft: AnalyzedDraft, languages: Sequence[str]) -> dict[str, Any]:
    """A precedent as a check reports it."""
    language = language_for(hit.content, languages)
    summary = summary_for(hit.content, languages)
    return {
        "incident": summary,
        "strength": strength,
        "score": round(hit.score, 3),
        "why": _reasons(hit, summary, draft),
        "lessons": [
            {"id": lesson_id, "text": text, "language": language}
            for lesson_id, text in zip(
                hit.content["texts"][language]["lessons"],
                texts_of(hit.content, language, "lessons"),
                strict=True,
            )
        ],
        "outcome": next(iter(texts_of(hit.content, language, "outcome")), ""),
        "cost": hit.content["impacts"],
    }


def _reasons(hit: VisibleHit, summary: Mapping[str, Any], draft: AnalyzedDraft) -> dict[str, Any]:
    """What an incident shares with a draft: words, concepts, how it failed, the platform."""
    table = draft.concept_table.concepts
    modes = {mode for key in hit.shared_concepts for mode in table[key].failure_modes}
    platform = draft.draft.platform
    return {
        "words": list(hit.shared_words),
        "themes": list(hit.shared_concepts),
        "failure_modes": [mode for mode in summary["failure_modes"] if mode in modes],
        "platform": platform if platform in summary["platforms"] else None,
    }
