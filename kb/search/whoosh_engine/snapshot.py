"""One state of the index, open for reading, and the answer to a query from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from whoosh import query as wq

from kb.search.analysis import is_hebrew, normalize, query_terms, without_stopwords
from kb.search.engine import TEXT_WEIGHTS, Hit, ResultPage
from kb.search.hebrew import EXPANSION_WEIGHT, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kb.domain.filters import IncidentFilter
    from kb.search.query import SearchQuery

_LAST_HEBREW = "ת".encode() + b"\xff"

_TEXT_FIELDS = {f"text_{name}": weight for name, weight in TEXT_WEIGHTS.items()}


_MOST_DOCSETS = 200
"""How many sets of documents a snapshot remembers."""


@dataclass
class Snapshot:
    """One state of the index, for the thread that opened it: readers are not safe to share.

    `docsets` remembers which documents carry a term, for the masks that every search has in common.
    """

    build: str
    generation: int
    searcher: Any
    hebrew: Callable[[Any], Vocabulary]
    docsets: dict[tuple[str, str], frozenset[int]] = field(default_factory=dict)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of its texts."""
        return tuple(tag.decode() for tag in self.searcher.reader().lexicon("language"))

    def documents(self, name: str, value: str) -> frozenset[int]:
        """The documents with a term."""
        if (name, value) not in self.docsets:
            if len(self.docsets) >= _MOST_DOCSETS:
                self.docsets.clear()
            reader = self.searcher.reader()
            there = (name, value) in reader
            self.docsets[name, value] = frozenset(reader.postings(name, value).all_ids() if there else ())
        return self.docsets[name, value]


def read_hebrew(searcher: Any) -> Vocabulary:
    """The Hebrew words of an index. The alphabet is one run of code points, so that the rest is skipped."""
    reader, words = searcher.reader(), set()
    for name in _TEXT_FIELDS:
        for field_name, word in reader.terms_from(name, "א"):
            if field_name != name or word > _LAST_HEBREW:
                break
            words.add(word.decode())
    return Vocabulary(words)


def answer(snapshot: Snapshot, query: SearchQuery) -> ResultPage:
    """All hits are scored: Whoosh's shortcut for the best k loses some (see docs/search.md)."""
    weighted = _weighted_terms(snapshot, query.words)
    mask = _mask(snapshot, query.filter, query.audiences)
    clauses = list(_clauses(snapshot, weighted))
    if not query.words:
        found = [(1.0, docnum) for docnum in mask]
    elif clauses and mask:  # Whoosh takes an empty mask for none
        found = snapshot.searcher.search(wq.Or(clauses), limit=None, filter=mask).top_n
    else:
        found = []
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
    languages = snapshot.languages or ("en",)
    weighted: dict[str, float] = {}
    for word in without_stopwords(query_words):
        exact = query_terms(word, languages)
        normal = normalize(word)
        forms = snapshot.hebrew(snapshot.searcher).forms(normal) if is_hebrew(normal) else ()
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


def _mask(snapshot: Snapshot, wanted: IncidentFilter, audiences: frozenset[str] | None) -> set[int]:
    """The documents that count at all: those that the filter and the caller's audiences let through."""

    def any_of(name: str, values: Iterable[object]) -> set[int]:
        return set().union(*(snapshot.documents(name, str(value)) for value in values))

    # Every incident has a status, and the marker has none.
    mask = any_of("status", wanted.statuses)
    if audiences is not None:
        mask &= any_of("audience", audiences)
    for namespace, keys in wanted.terms.items():
        mask &= any_of(f"term_{namespace}", keys)
    if wanted.organization_key is not None:
        mask &= any_of("organization", [wanted.organization_key])
    for name, values in (("language", wanted.languages), ("kind", wanted.kinds), ("tag", wanted.tags)):
        if values:
            mask &= any_of(name, values)
    if wanted.severities is not None:
        mask &= any_of("severity", wanted.severities)
    for days in _ranges(wanted):
        mask &= set(snapshot.searcher.docs_for_query(days))
    return mask


def _ranges(wanted: IncidentFilter) -> Iterator[wq.NumericRange]:
    if wanted.first is not None:
        yield wq.NumericRange("last_day", wanted.first.toordinal(), None)
    if wanted.last is not None:
        yield wq.NumericRange("first_day", None, wanted.last.toordinal())


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
