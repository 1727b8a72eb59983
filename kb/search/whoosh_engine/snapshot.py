"""One state of the index, open for reading, and the answer to a query from it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from whoosh import query as wq

from kb.search.analysis import is_hebrew, normalize, query_terms, without_stopwords
from kb.search.engine import TEXT_WEIGHTS, Hit, ResultPage
from kb.search.hebrew import EXPANSION_WEIGHT, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.domain.filters import IncidentFilter
    from kb.search.query import SearchQuery

_TEXT_FIELDS = {f"text_{name}": weight for name, weight in TEXT_WEIGHTS.items()}


class Lexicon(NamedTuple):
    """What all readers of one state share: its languages, and its Hebrew words."""

    languages: tuple[str, ...]
    hebrew: Vocabulary


class Snapshot(NamedTuple):
    """One state of the index; the searcher belongs to the thread that opened it."""

    build: str
    generation: int
    searcher: Any
    lexicon: Lexicon


def read_lexicon(searcher: Any) -> Lexicon:
    """Collect the languages and the Hebrew words of an index."""
    reader = searcher.reader()
    words = {word.decode() for name in _TEXT_FIELDS for word in reader.lexicon(name)}
    return Lexicon(tuple(tag.decode() for tag in reader.lexicon("language")), Vocabulary(words))


def answer(snapshot: Snapshot, query: SearchQuery) -> ResultPage:
    """All hits are scored: Whoosh's shortcut for the best k loses some (see docs/search.md)."""
    weighted = _weighted_terms(snapshot, query.words)
    if query.words:
        wanted: Any = wq.Or(list(_clauses(snapshot, weighted))) if weighted else wq.NullQuery
    else:
        wanted = wq.Every("id")
    mask = wq.And(list(_masks(query.filter, query.audiences)))
    found = snapshot.searcher.search(wanted, limit=None, filter=mask).top_n
    reader = snapshot.searcher.reader()
    ids, first_days = reader.column_reader("id"), reader.column_reader("first_day")
    # The tie-break does not depend on where a document happens to stand in the index.
    ranked = sorted((-score, -first_days[docnum], ids[docnum]) for score, docnum in found)
    page = ranked[query.offset : query.offset + query.limit]
    return ResultPage(
        total=len(ranked),
        hits=tuple(Hit(int(incident_id), -negative) for negative, _, incident_id in page),
        facets=_facets(snapshot, query.facets, [docnum for _, docnum in found]),
        matched=frozenset(weighted),
    )


def _weighted_terms(snapshot: Snapshot, query_words: tuple[str, ...]) -> dict[str, float]:
    """The index terms that the words stand for, each with its weight: 1, or less for a form of the word."""
    languages = snapshot.lexicon.languages or ("en",)
    weighted: dict[str, float] = {}
    for word in without_stopwords(query_words):
        exact = query_terms(word, languages)
        normal = normalize(word)
        forms = snapshot.lexicon.hebrew.forms(normal) if is_hebrew(normal) else ()
        for term in forms:
            weighted.setdefault(term, EXPANSION_WEIGHT)
        weighted.update(dict.fromkeys(exact, 1.0))
    return weighted


def _clauses(snapshot: Snapshot, weighted: dict[str, float]) -> Iterator[wq.Term]:
    reader = snapshot.searcher.reader()
    for term, weight in weighted.items():
        for name, field_weight in _TEXT_FIELDS.items():
            if (name, term) in reader:
                yield wq.Term(name, term, boost=weight * field_weight)


def _masks(wanted: IncidentFilter, audiences: frozenset[str] | None) -> Iterator[Any]:
    """What a document has to satisfy to be counted at all."""
    yield wq.Every("id")
    if audiences is not None:
        yield _any_of("audience", audiences)
    for namespace, keys in wanted.terms.items():
        yield _any_of(f"term_{namespace}", keys)
    if wanted.organization_key is not None:
        yield wq.Term("organization", wanted.organization_key)
    for name, values in (
        ("language", wanted.languages),
        ("status", wanted.statuses),
        ("kind", wanted.kinds),
        ("tag", wanted.tags),
    ):
        if values:
            yield _any_of(name, values)
    if wanted.severities is not None:
        yield _any_of("severity", map(str, wanted.severities))
    if wanted.first is not None:
        yield wq.NumericRange("last_day", wanted.first.toordinal(), None)
    if wanted.last is not None:
        yield wq.NumericRange("first_day", None, wanted.last.toordinal())


def _any_of(name: str, values: Iterable[str]) -> Any:
    terms = [wq.Term(name, str(value)) for value in values]
    return wq.Or(terms) if terms else wq.NullQuery


def _facets(
    snapshot: Snapshot, namespaces: tuple[str, ...], docnums: list[int]
) -> dict[str, tuple[tuple[str, int], ...]]:
    if not namespaces:
        return {}
    counts: dict[str, Counter[str]] = {namespace: Counter() for namespace in namespaces}
    for docnum in docnums:
        stored = snapshot.searcher.stored_fields(docnum)
        for namespace, counter in counts.items():
            counter.update(stored.get(f"term_{namespace}", ()))
    return {
        namespace: tuple(sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])))
        for namespace, counter in counts.items()
    }
