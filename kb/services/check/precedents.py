"""The precedents of a draft: the incidents that it resembles, and why. A precedent is not a finding."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from kb.caches import word_cache
from kb.domain.guard import GuardType, Severity
from kb.domain.permissions import audiences_for
from kb.guards.days.selected_days import SelectedDays
from kb.observances.table import observances
from kb.search.analysis import is_hebrew, is_stopword, normalize
from kb.search.engine import PrecedentQuery
from kb.search.query import Group, SearchQuery
from kb.search.word_lists import word_list
from kb.services.infrastructure.runtime import engine
from kb.services.search.hit_content import language_for, summary_for, texts_of
from kb.services.search.visible_hits import find_visible, kept_content
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kb.domain.guard import Guard
    from kb.domain.permissions import Actor
    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.example_drafts import Resemblance
    from kb.guards.ruleset import Finding
    from kb.services.search.visible_hits import KnownRows, SearchOutcome, VisibleHit

MAX_PRECEDENTS = 5
"""How many precedents a check reports."""

MAX_INFORMATIVE_WORDS = 2_000
"""How many different words of a draft are looked up, from its start. An article of 2,000 words has about half
as many significant ones.
"""

STRONG_PIECES = 2
"""How many independent pieces of evidence make a precedent strong."""

COMMON_CENTIBELS = 300
"""A word more frequent than one in a thousand is insignificant, however few incidents have it."""

IMPLIED_CONCEPTS: Mapping[GuardType, frozenset[str]] = {
    GuardType.PLACEHOLDER: frozenset({"placeholder"}),
    GuardType.LINK: frozenset({"placeholder"}),
    GuardType.OPEN_INVITATION: frozenset({"invitation"}),
    GuardType.ACCOUNT: frozenset({"wrong-account"}),
    GuardType.DATE: frozenset({"memorial"}),
}
"""The concepts that a finding of each type implies, whatever the draft's words."""

IMPLIED_WEIGHT = 3.0
"""The weight of a concept that a finding implies; it is high because it names the draft's fault."""

GUESSED_WEIGHT = 1.5
"""The weight if the finding is a guess by the wording of an invitation: other concepts may be right."""

GUESSED_GAP_WEIGHT = 2.5
"""The weight if the finding is a guess at a gap or a note, which few incidents have."""

IMPLIED_MODE_SHARE = 0.3
"""The weight of an implied concept's failure modes, as a share of its own.

Many incidents touch a concept such as `invitation` in passing; those with the failure mode failed by it.
"""

COMMON_RESEMBLANCE = 0.1
"""The resemblance to an example draft that common words make. Only what exceeds it counts, so that the many
examples of shipped incidents do not outrank a team's own incident that shares a rare word.
"""

_GUESSES: Mapping[str, float] = {
    "wording": GUESSED_WEIGHT,
    "note": GUESSED_GAP_WEIGHT,
    "slip": GUESSED_GAP_WEIGHT,
}
"""The weights of the kinds of `open-invitation` and `placeholder` findings that are guesses."""


def precedent_query(
    draft: AnalyzedDraft,
    implied: Mapping[str, float],
    incidents: Collection[int],
    resembled: Mapping[int, Resemblance],
) -> PrecedentQuery:
    """Make the query for the precedents of a draft.

    `implied` has the concepts that its findings imply, with weights; `incidents` are the incidents whose own
    guards found something, `resembled` the incidents whose example drafts it resembles.
    """
    concepts = {**draft.concept_weights}
    for concept, weight in sorted(implied.items()):
        concepts[concept] = max(weight, concepts.get(concept, 0.0))
    return PrecedentQuery(
        words=tuple(islice(informative_words(draft), MAX_INFORMATIVE_WORDS)),
        concepts=concepts,
        failure_modes=_failure_modes(implied, draft),
        observances=observances_of(draft),
        incidents=tuple(incidents),
        resembled={
            incident: found.score - COMMON_RESEMBLANCE
            for incident, found in resembled.items()
            if found.score > COMMON_RESEMBLANCE
        },
    )


def _failure_modes(implied: Mapping[str, float], draft: AnalyzedDraft) -> dict[str, float]:
    """The failure modes that mark an incident with an implied concept, with weights."""
    table = draft.concept_table.concepts
    modes: dict[str, float] = {}
    for concept, weight in implied.items():
        for mode in table[concept].failure_modes:
            modes[mode] = max(weight * IMPLIED_MODE_SHARE, modes.get(mode, 0.0))
    return modes


@word_cache(20_000)
def _is_ordinary(word: str) -> bool:
    """Whether a word is insignificant in any draft: a number, a stopword, or common in English or Hebrew."""
    normal = normalize(word)
    return len(normal) < 2 or normal[:1].isdigit() or is_stopword(normal) or _is_common(normal)


def _is_common(word: str) -> bool:
    """Whether a normalized word is too common in English or Hebrew to characterize a text."""
    listed = word_list("he" if is_hebrew(word) else "en")
    frequency = listed.centibels(word) if listed else None
    return frequency is not None and frequency < COMMON_CENTIBELS


def observances_of(draft: AnalyzedDraft) -> tuple[str, ...]:
    """The keys of the observances on which a draft is published, or which it names."""
    days = _every_day()
    rows = [
        *days.of_publication(draft.draft),
        *(row for _, rows in days.named_each(draft.named_days, draft.draft) for row in rows),
    ]
    return tuple(dict.fromkeys(row.key for row in rows))


@lru_cache(maxsize=1)
def _every_day() -> SelectedDays:
    return SelectedDays(keys=frozenset(observances()), others=(), evening=None)


def informative_words(draft: AnalyzedDraft) -> Iterator[str]:
    """Yield the different significant words of a draft, including the words of split hashtags."""
    marketing = draft.concept_table.stopwords
    for word, terms in dict(zip(draft.unit_texts, draft.forms, strict=True)).items():
        if terms and not _is_ordinary(word) and terms[0] not in marketing:
            yield word


def find_precedents(actor: Actor, query: PrecedentQuery, known: KnownRows | None = None) -> SearchOutcome:
    """Find the incidents that share most with a draft and that the actor may see. Raises Unavailable.

    `known` caches the rows read for recent drafts.
    """
    search = SearchQuery(root=Group(), audiences=audiences_for(actor), limit=MAX_PRECEDENTS)
    return find_visible(actor, lambda: engine().precedents(query, search), kept_content, known)


def implied_concepts(findings: Iterable[Finding], draft: AnalyzedDraft) -> dict[str, float]:
    """The concepts that findings imply by their type, with weights. Notes imply none."""
    implied: dict[str, float] = {}
    for finding in findings:
        if finding.guard.severity is Severity.NOTE:
            continue
        weight = _weight_of(finding.guard)
        for concept in IMPLIED_CONCEPTS.get(finding.guard.type, frozenset()):
            if concept in draft.concept_table.concepts:
                implied[concept] = max(weight, implied.get(concept, 0.0))
    return implied


def _weight_of(guard: Guard) -> float:
    """The weight of the concepts that a guard's findings imply; less if it looks only for guesses."""
    kinds = {*guard.parameters.get("kinds", ()), guard.parameters.get("kind")} - {None}
    return max((_GUESSES.get(kind, IMPLIED_WEIGHT) for kind in kinds), default=IMPLIED_WEIGHT)


def combined_concepts(findings: Iterable[Finding], draft: AnalyzedDraft) -> set[str]:
    """The sensitive concepts in findings of theme guards. Notes have none.

    The marketing move beside them, such as a discount, is left out, since many incidents have it.
    """
    table = draft.concept_table.concepts
    guards = (finding.guard for finding in findings if finding.guard.severity is not Severity.NOTE)
    return {
        key
        for guard in guards
        if guard.type is GuardType.THEMES
        for group in guard.parameters.get("all_of", ())
        for key in group
        if key in draft.touched and table[key].risky
    }


def clear_concepts(draft: AnalyzedDraft) -> frozenset[str]:
    """The concepts that a draft touches in words that have no other sense."""
    return frozenset(key for key, touches in draft.touched.items() if any(touch.clear for touch in touches))


def gravest_first(draft: AnalyzedDraft, concepts: Iterable[str]) -> list[str]:
    """Sort concepts: the sensitive subjects before the moves of marketing, both in the order of the draft."""
    table = draft.concept_table.concepts

    def rank(key: str) -> tuple[bool, int, str]:
        starts = [touch.span.start for touch in draft.touched.get(key, ()) if touch.clear]
        return not table[key].risky, min(starts, default=len(draft.draft.text)), key

    return sorted(concepts, key=rank)


def is_strong(
    hit: VisibleHit, draft: AnalyzedDraft, found: Collection[str], examples: Collection[int]
) -> bool:
    """Whether an incident shares enough with a draft: a concept of a finding, or STRONG_PIECES independent
    pieces of evidence, one of them on a sensitive subject.

    A piece is a distinct set of words that clearly touches a shared concept. A concept that only the day
    implies is one with the day itself, or with something that the draft says: many incidents touch it.
    `examples` are the incidents whose example drafts the draft resembles.
    """
    shared = set(hit.shared_concepts)
    table = draft.concept_table.concepts
    spans = {
        key: frozenset(touch.span for touch in draft.touched[key] if touch.clear)
        for key in shared & draft.touched.keys()
    }
    pieces = {touched for touched in spans.values() if touched}
    of_findings = shared.intersection(found)
    if not of_findings <= IMPLIED_CONCEPTS[GuardType.DATE] or any(map(spans.get, of_findings)):
        return True
    if of_findings and (pieces or hit.shared_words or hit.shared_observances or hit.id in examples):
        return True
    grave = any(touched and table[key].risky for key, touched in spans.items())
    return grave and len(pieces) >= STRONG_PIECES


def present(
    hit: VisibleHit,
    strength: str,
    draft: AnalyzedDraft,
    languages: Sequence[str],
    *,
    implied: Collection[str] = (),
    guards: Sequence[str] = (),
    example: str | None = None,
) -> dict[str, Any]:
    """Present a precedent as a check reports it.

    `implied` has the concepts that the draft's findings imply, `guards` are the keys of the incident's own
    guards that found something, `example` is the example draft that the draft resembles, if any.
    """
    summary = summary_for(hit.content, languages)
    return {
        "incident": summary,
        "strength": strength,
        "score": round(hit.score, 3),
        "why": {
            **_reasons(hit, summary, draft, languages, implied),
            "guards": [*guards],
            "example": example,
        },
        **story_of(hit.content, languages),
    }


def story_of(content: dict[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """The lessons, the outcome and the cost of an incident, in the reader's language.

    `content` is the result of `hit_content.to_stored`.
    """
    language = language_for(content, languages)
    return {
        "lessons": [
            {"id": lesson_id, "text": text, "language": language}
            for lesson_id, text in zip(
                content["texts"][language]["lessons"],
                texts_of(content, language, "lessons"),
                strict=True,
            )
        ],
        "outcome": next(iter(texts_of(content, language, "outcome")), ""),
        "cost": content["impacts"],
    }


def _reasons(
    hit: VisibleHit,
    summary: Mapping[str, Any],
    draft: AnalyzedDraft,
    languages: Sequence[str],
    implied: Collection[str],
) -> dict[str, Any]:
    """What an incident shares with a draft: words, concepts, failure modes, the platform.

    Only concepts that the draft clearly touches or that its findings imply are listed, since a word with
    another sense tells a reader nothing.
    """
    table = draft.concept_table.concepts
    told = draft.once(clear_concepts) | {*implied}
    shared = gravest_first(draft, [key for key in hit.shared_concepts if key in told])
    modes = {mode for key in shared for mode in table[key].failure_modes}
    platform = draft.draft.platform
    return {
        "words": list(hit.shared_words),
        "themes": shared,
        "labels": {key: label(table[key].labels, languages) for key in shared if table[key].labels},
        "failure_modes": [mode for mode in summary["failure_modes"] if mode in modes],
        "platform": platform if platform in summary["platforms"] else None,
    }
