"""Search: parse the text, query the engine, present the hits that the actor may see."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from kb.domain.filters import IncidentFilter
from kb.domain.language import languages_for
from kb.domain.permissions import Action, Actor, audiences_for
from kb.domain.sorting import ALL_BOOSTS
from kb.models import Term, db
from kb.models.base import utc_now
from kb.observances.days import observances_between
from kb.observances.table import observances
from kb.search.engine import ResultPage
from kb.search.highlight import NO_HIGHLIGHTS
from kb.search.keyboard import retyped
from kb.search.known_words import KnownWords
from kb.search.parser import ParsedQuery, parse
from kb.search.query import SearchQuery, all_required, has_words
from kb.search.sentences import is_sentence, sentence_words
from kb.search.unparse import unparse
from kb.services.core.authorization import require
from kb.services.core.collection_titles import collection_titles
from kb.services.infrastructure.runtime import concepts, engine
from kb.services.search.highlighter import Highlighter, Passage
from kb.services.search.hit_content import language_for, texts_of
from kb.services.search.organization_names import with_other_names
from kb.services.search.query_notes import QueryNote, query_notes
from kb.services.search.seen_hits import MAX_SEEN, decode_seen, encode_seen
from kb.services.search.term_resolver import TermResolver
from kb.services.search.visible_hits import SearchOutcome, VisibleHit, find_visible
from kb.services.taxonomy.listing import label
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from kb.domain.sorting import ListOrder
    from kb.search.engine import Position
    from kb.search.query import Group

_LISTED_WORDS = KnownWords()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A search request.

    `languages` are the reader's, preferred first; if empty, the language of the text is assumed. `facets`
    are from FACETS. `highlight` selects the passages of each hit: from "all" fields, from the "first" that
    matches, or "none". The first hits, as many as `lessons`, have a lesson. A page begins at `offset`, or
    after the pages that led to a `cursor`. Hits are ordered by relevance unless `sort` is given.
    """

    text: str = ""
    filter: IncidentFilter = field(default_factory=IncidentFilter)
    languages: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    boosts: frozenset[str] = ALL_BOOSTS
    correct: bool = True
    highlight: str = "all"
    lessons: int = 0
    explain: bool = False
    limit: int = 10
    offset: int = 0
    cursor: str | None = None
    sort: ListOrder | None = None

    @property
    def key(self) -> Hashable:
        """Equal for requests that page through the same hits."""
        return (self.text, self.filter.key, self.sort)


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
    require(actor, Action.READ)
    first = _parse(request.text)
    answer = _answer(actor, request, first)
    parsed, outcome, page = answer.parsed, answer.outcome, answer.outcome.page
    languages = languages_for(request.languages, request.text)
    return SearchResults(
        query=request.text,
        interpreted=parsed.interpreted if page.interpreted is None else unparse(page.interpreted),
        did_you_mean=unparse(answer.correction) if answer.correction is not None else None,
        corrected=answer.corrected,
        notes=query_notes(first.invalid),
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


class _Answer(NamedTuple):
    """The results for one reading of the text. `correction` was answered if `corrected`, else is offered."""

    parsed: ParsedQuery
    outcome: SearchOutcome
    correction: Group | None
    corrected: bool


def _answer(actor: Actor, request: SearchRequest, parsed: ParsedQuery) -> _Answer:
    """Search for the text as parsed; if that finds nothing good, without its addresses or retyped."""
    outcome = _find(actor, request, parsed)
    if parsed.has_bare_address and not outcome.total:
        parsed, outcome = _find_without_addresses(actor, request) or (parsed, outcome)
    page = outcome.page
    if not parsed.has_bare_address and request.correct and (page.corrected or not page.relevant):
        found = _find_retyped(actor, request)
        if found is not None:
            parsed, outcome = found
            return _Answer(parsed, outcome, parsed.root, corrected=True)
    return _Answer(parsed, outcome, page.correction, page.corrected)


def _parse(text: str) -> ParsedQuery:
    parsed = parse(text, TermResolver())
    return replace(parsed, root=with_other_names(parsed.root))


def _next_cursor(request: SearchRequest, outcome: SearchOutcome) -> str | None:
    if request.offset or not outcome.hits or not outcome.page.remaining:
        return None
    seen = _seen(request) | {hit.id for hit in outcome.hits}
    return encode_seen(request.key, seen) if len(seen) <= MAX_SEEN else None


def _seen(request: SearchRequest) -> frozenset[int]:
    return frozenset() if request.cursor is None else decode_seen(request.key, request.cursor)


def _find(actor: Actor, request: SearchRequest, parsed: ParsedQuery) -> SearchOutcome:
    query = _engine_query(actor, request, parsed)

    def ask() -> ResultPage:
        # A text without a single word, "?!", matches nothing; an empty one matches everything.
        if parsed.root or not request.text.strip():
            return engine().search(query)
        return ResultPage.empty(engine().position())

    return find_visible(actor, ask)


def _find_without_addresses(actor: Actor, request: SearchRequest) -> tuple[ParsedQuery, SearchOutcome] | None:
    """Search for the text, perhaps a draft with a link, without its addresses, if it has other words."""
    parsed = parse(request.text, TermResolver(), bare_addresses=False)
    return (parsed, _find(actor, request, parsed)) if has_words(parsed.root) else None


def _find_retyped(actor: Actor, request: SearchRequest) -> tuple[ParsedQuery, SearchOutcome] | None:
    """Search for the text as typed in the other keyboard layout, if its words occur together.

    An incident must have all of them, and either exactly as typed or as known words: random letters often
    sound like some name.
    """
    text = retyped(request.text)
    if text is None:
        return None
    parsed = _parse(text)
    with_all_words = ParsedQuery(all_required(parsed.root), parsed.interpreted)
    one_hit = replace(request, correct=False, facets=(), limit=1, offset=0, cursor=None)
    outcome = _find(actor, one_hit, with_all_words)
    is_as_typed = outcome.page.interpreted in (None, with_all_words.root)
    if not outcome.total or not (is_as_typed or _LISTED_WORDS.is_known(text, ())):
        return None
    return parsed, _find(actor, request, parsed)


def _engine_query(actor: Actor, request: SearchRequest, parsed: ParsedQuery) -> SearchQuery:
    return SearchQuery(
        root=parsed.root,
        filter=request.filter,
        audiences=audiences_for(actor),
        facets=tuple(dict.fromkeys(request.facets)),
        boosts=request.boosts,
        today=utc_now().date(),
        correct=request.correct,
        explain=request.explain,
        limit=request.limit,
        offset=request.offset,
        replaced=TermLookup().replacements if request.facets else {},
        seen=_seen(request),
        sort=request.sort,
        languages=languages_for(request.languages, request.text),
        concepts=_concepts_in(parsed.root),
    )


def _concepts_in(root: Group) -> dict[str, float]:
    """The concepts that a query touches, with their weights; empty unless it is a sentence."""
    if not is_sentence(root):
        return {}
    touches: dict[str, list[bool]] = {}
    for hit in concepts().hits(sentence_words(root)):
        touches.setdefault(hit.concept, []).append(hit.clear)
    return concepts().weigh(touches)


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
