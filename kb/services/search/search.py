"""Search: present the hits that the actor may see."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.language import languages_for
from kb.models import Term, db
from kb.observances.days import observances_between
from kb.observances.table import observances
from kb.pauses import Pauses
from kb.search.highlight import NO_HIGHLIGHTS
from kb.search.unparse import unparse
from kb.services.core.collection_titles import collection_titles
from kb.services.search.finding import find, seen_ids
from kb.services.search.highlighter import Highlighter, Passage
from kb.services.search.hit_content import language_for, texts_of
from kb.services.search.query_notes import QueryNote, query_notes
from kb.services.search.seen_hits import MAX_SEEN, encode_seen
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.search.engine import Position
    from kb.services.search.finding import SearchRequest
    from kb.services.search.visible_hits import SearchOutcome, VisibleHit


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A hit: the incident's summary, its passages by field, and with `explain`, the details of its score.

    `lesson` is the incident's first lesson in the language of the summary, if the request asks for it.
    """

    incident: dict[str, Any]
    score: float
    relevant: bool
    passages: dict[str, Passage]
    explanation: Mapping[str, Any] | None
    lesson: str | None = None

    @property
    def highlights(self) -> dict[str, str]:
        """The passages by field, as HTML."""
        return {field: passage.html for field, passage in self.passages.items()}


@dataclass(frozen=True, slots=True)
class FacetCount:
    """The number of hits with a term, a severity, or a text in a language, or that may date from a year."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """A page of results.

    `interpreted` is the query that was answered; `did_you_mean` is the query with corrected spelling, which
    was answered if `corrected`. `notes` are about conditions of the query that were read as words.
    `searchable` is False for a text without words. Of the `total`, `relevant` hits match well.
    `next` is the cursor of the following page; None on the last one, and for pages by offset.
    `position` is the change as of which the results are valid; None while the index lags behind the database.
    """

    query: str
    interpreted: str
    did_you_mean: str | None
    corrected: bool
    notes: tuple[QueryNote, ...]
    searchable: bool
    total: int
    relevant: int
    hits: tuple[SearchHit, ...]
    next: str | None
    facets: Mapping[str, tuple[FacetCount, ...]]
    position: Position | None

    def as_dict(self) -> dict[str, Any]:
        """The page in JSON form, with fields in the order of `SearchPageSchema`, without links."""
        return {
            "query": self.query,
            "interpreted": self.interpreted,
            "did_you_mean": self.did_you_mean,
            "corrected": self.corrected,
            "notes": [note.as_dict() for note in self.notes],
            "searchable": self.searchable,
            "total": self.total,
            "relevant": self.relevant,
            "items": [_hit_dict(hit) for hit in self.hits],
            "next": self.next,
            "facets": {
                namespace: [asdict(count) for count in counts] for namespace, counts in self.facets.items()
            },
        }


def search(actor: Actor, request: SearchRequest) -> SearchResults:
    """Find the incidents that match the text and pass the filter; without a text, all that pass the filter.

    Raises Unavailable while the index is being rebuilt, and InvalidInput for a cursor of another search.
    """
    pause = Pauses(time.thread_time)
    answer = find(actor, request)
    pause()  # to mark and explain 100 hits may take as long as to find them
    parsed, outcome, page = answer.parsed, answer.outcome, answer.outcome.page
    languages = languages_for(request.languages, request.text)
    return SearchResults(
        query=request.text,
        interpreted=parsed.interpreted if page.interpreted is None else unparse(page.interpreted),
        did_you_mean=unparse(answer.correction) if answer.correction is not None else None,
        corrected=answer.corrected,
        notes=query_notes(answer.typed.invalid),
        searchable=bool(parsed.root) or not request.text.strip(),
        total=outcome.total,
        relevant=min(page.relevant, outcome.total),
        hits=_present_hits(request, outcome, languages),
        next=_next_cursor(request, outcome),
        facets={
            key: _label_counts(key, page.facets.get(key, ()), languages)
            for key in dict.fromkeys(request.facets)
        },
        position=outcome.position if outcome.position == page.position else None,
    )


def _next_cursor(request: SearchRequest, outcome: SearchOutcome) -> str | None:
    if request.offset or not outcome.hits or not outcome.page.remaining:
        return None
    seen = seen_ids(request) | {hit.id for hit in outcome.hits}
    return encode_seen(request.key, seen) if len(seen) <= MAX_SEEN else None


def _present_hits(
    request: SearchRequest, outcome: SearchOutcome, languages: Sequence[str]
) -> tuple[SearchHit, ...]:
    terms, named = outcome.page.highlight_terms, outcome.page.observances
    if request.highlight == "none":
        terms, named = NO_HIGHLIGHTS, ()
    highlighter = Highlighter(terms, only_first=request.highlight == "first")
    return tuple(
        _present(hit, languages, highlighter, named, has_lesson=place < request.lessons)
        for place, hit in enumerate(outcome.hits)
    )


def _present(
    hit: VisibleHit,
    languages: Sequence[str],
    highlighter: Highlighter,
    named: Sequence[str],
    *,
    has_lesson: bool,
) -> SearchHit:
    language = language_for(hit.content, languages)
    summary = hit.content["texts"][language]["summary"]
    passages = highlighter.passages(hit.content, language)
    if named and (day := _observance_on(summary, named, language)):
        passages["occurred_on"] = Passage(f"<mark>{escape(day)}</mark>", language)
    lesson = next(iter(texts_of(hit.content, language, "lessons")), None) if has_lesson else None
    return SearchHit(summary, hit.score, hit.relevant, passages, hit.explanation, lesson)


def _observance_on(summary: Mapping[str, Any], named: Sequence[str], language: str) -> str | None:
    """The name of an observance that the query names and the incident happened on."""
    if summary["occurred_precision"] != "day":
        return None
    day = date.fromisoformat(str(summary["occurred_on"]))
    key = next((key for key in observances_between(day, day) if key in named), None)
    return None if key is None else label(observances()[key].names, [language])


def _hit_dict(hit: SearchHit) -> dict[str, Any]:
    """A hit in JSON form, with `explanation` only if requested."""
    fields = {
        "incident": hit.incident,
        "score": hit.score,
        "relevant": hit.relevant,
        "highlights": hit.highlights,
    }
    return fields if hit.explanation is None else {**fields, "explanation": hit.explanation}


def _label_counts(
    facet: str, counts: Sequence[tuple[str, int]], languages: Sequence[str]
) -> tuple[FacetCount, ...]:
    if facet == "collection":
        names = collection_titles(languages) if counts else {}
    else:
        rows = db.session.execute(select(Term.key, Term.labels).where(Term.namespace == facet))
        names = {key: label(texts, languages) for key, texts in rows}
    return tuple(FacetCount(key, names.get(key, key), count) for key, count in counts)
