"""Find the hits of a search: parse the text, query the engine, and try other readings if nothing fits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import orjson

from kb.domain.filters import IncidentFilter
from kb.domain.language import languages_for
from kb.domain.permissions import Action, Actor, audiences_for
from kb.domain.sorting import ALL_BOOSTS
from kb.models.base import utc_now
from kb.search.engine import ResultPage
from kb.search.keyboard import retyped
from kb.search.known_words import KnownWords
from kb.search.parser import ParsedQuery, parse
from kb.search.query import SearchQuery, all_required, has_words
from kb.search.sentences import is_sentence, sentence_words
from kb.services.core.authorization import require
from kb.services.infrastructure.runtime import concepts, engine
from kb.services.search.organization_names import with_other_names
from kb.services.search.seen_hits import decode_seen
from kb.services.search.term_resolver import TermResolver
from kb.services.search.visible_hits import SearchOutcome, find_visible
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Hashable

    from kb.domain.sorting import ListOrder
    from kb.search.query import Group
    from kb.services.search.visible_hits import Read

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


class Answer(NamedTuple):
    """The results for `parsed`, which is another reading of the text if it found nothing good as `typed`.

    `correction` was answered if `corrected`, else is offered.
    """

    typed: ParsedQuery
    parsed: ParsedQuery
    outcome: SearchOutcome
    correction: Group | None
    corrected: bool


def find_ids(actor: Actor, request: SearchRequest) -> list[int]:
    """The ids of the hits of a request, in one search however many they are.

    Raises Unavailable while the index is being rebuilt, and InvalidInput for a cursor of another search.
    """
    return [hit.id for hit in find(actor, request, read=None).outcome.hits]


def find(actor: Actor, request: SearchRequest, *, read: Read | None = orjson.loads) -> Answer:
    """Search for the text; if that finds nothing good, without its addresses, or retyped.

    `read` decodes the stored contents of hits, as in `find_visible`. Raises Unavailable and InvalidInput.
    """
    require(actor, Action.READ)
    typed = parsed = _parse(request.text)
    outcome = _find(actor, request, parsed, read)
    if parsed.has_bare_address and not outcome.total:
        parsed, outcome = _find_without_addresses(actor, request, read) or (parsed, outcome)
    page = outcome.page
    if not parsed.has_bare_address and request.correct and (page.corrected or not page.relevant):
        found = _find_retyped(actor, request, read)
        if found is not None:
            parsed, outcome = found
            return Answer(typed, parsed, outcome, parsed.root, corrected=True)
    return Answer(typed, parsed, outcome, page.correction, page.corrected)


def _parse(text: str) -> ParsedQuery:
    parsed = parse(text, TermResolver())
    return replace(parsed, root=with_other_names(parsed.root))


def seen_ids(request: SearchRequest) -> frozenset[int]:
    """The ids of the hits before the cursor of a request. Raises InvalidInput for that of another search."""
    return frozenset() if request.cursor is None else decode_seen(request.key, request.cursor)


def _find(actor: Actor, request: SearchRequest, parsed: ParsedQuery, read: Read | None) -> SearchOutcome:
    query = _engine_query(actor, request, parsed)

    def ask() -> ResultPage:
        # A text without a single word, "?!", matches nothing; an empty one matches everything.
        if parsed.root or not request.text.strip():
            return engine().search(query)
        return ResultPage.empty(engine().position())

    return find_visible(actor, ask, read)


def _find_without_addresses(
    actor: Actor, request: SearchRequest, read: Read | None
) -> tuple[ParsedQuery, SearchOutcome] | None:
    """Search for the text, perhaps a draft with a link, without its addresses, if it has other words."""
    parsed = parse(request.text, TermResolver(), bare_addresses=False)
    return (parsed, _find(actor, request, parsed, read)) if has_words(parsed.root) else None


def _find_retyped(
    actor: Actor, request: SearchRequest, read: Read | None
) -> tuple[ParsedQuery, SearchOutcome] | None:
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
    outcome = _find(actor, one_hit, with_all_words, None)
    is_as_typed = outcome.page.interpreted in (None, with_all_words.root)
    if not outcome.total or not (is_as_typed or _LISTED_WORDS.is_known(text, ())):
        return None
    return parsed, _find(actor, request, parsed, read)


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
        seen=seen_ids(request),
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
