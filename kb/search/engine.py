"""The interface of a search engine: the documents it indexes, the results it returns, the protocol itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from kb.search.highlight import NO_HIGHLIGHTS, HighlightTerms

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from kb.search.query import Group, SearchQuery

TEXT_WEIGHTS = {
    "title": 3.0,
    "organization": 2.5,
    "summary": 2.0,
    "tags": 2.0,
    "terms": 2.0,
    "lessons": 1.5,
    "cause": 1.0,
    "outcome": 1.0,
    "why_failure": 1.0,
    "alternative": 1.0,
    "severity_evidence": 0.5,
    "audience": 0.5,
    "sources": 0.5,
}
"""The text fields, and the weight of a match in each."""

SCHEMA_VERSION = 17
"""Increment it when documents, their analysis or the index format change: older indexes are rebuilt."""


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """An incident as a search engine indexes it.

    `texts` maps each text field to its (language, text) pairs; `terms` each namespace to keys; `audiences`
    are the groups that may see it; `titles` are the (language, sort key) pairs of its titles, the original's
    first; `observances` and `concepts` are the keys of the observances on its date and of the concepts that
    its texts and terms touch; `collection` is the key of its collection, if any; `sources` are the keys of
    the links that it cites; `stored` is returned with each hit, as JSON.
    """

    id: int
    texts: Mapping[str, tuple[tuple[str, str], ...]]
    terms: Mapping[str, tuple[str, ...]]
    audiences: tuple[str, ...]
    organization_key: str
    languages: tuple[str, ...]
    status: str
    kind: str
    tags: tuple[str, ...]
    severity: int | None
    first_day: date
    last_day: date
    titles: tuple[tuple[str, str], ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    observances: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    collection: str | None = None
    sources: tuple[str, ...] = ()
    stored: bytes = b""

    def digest(self) -> int:
        """A 64-bit hash of the whole document, to compare the index with the database."""
        return int.from_bytes(
            blake2b(
                repr([getattr(self, name) for name in self.__slots__]).encode("utf-8", "surrogatepass"),
                digest_size=8,
            ).digest(),
            "little",
        )


@dataclass(frozen=True, slots=True)
class Position:
    """A point in a database's change feed.

    `seq` is the last change that an index contains, or that the database has committed.
    """

    database_id: str
    seq: int


class Hit(NamedTuple):
    """An incident that matched. Scores are comparable within one page only.

    `relevant` is whether it matches the query well. `stored` is the stored content of its document;
    `explanation` explains its score, if requested. `shared_words` are the words that a similar incident
    shares, or the informative words that a precedent shares. For a precedent, `shared_concepts` and
    `shared_observances` are those that the draft has too, and `word_score` is the part of the score that
    comes from words.
    """

    id: int
    score: float
    stored: bytes = b""
    explanation: Mapping[str, Any] | None = None
    shared_words: tuple[str, ...] = ()
    shared_concepts: tuple[str, ...] = ()
    word_score: float = 0.0
    relevant: bool = True
    shared_observances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecedentQuery:
    """The query for precedents of a draft.

    `words` are its informative words, as written; `concepts` maps each concept that it touches to its weight,
    `failure_modes` each failure mode that its findings suggest; `observances` are the keys of the observances
    on its publication day; `incidents` are the ids of incidents whose own guards matched it, which come
    first; `resembled` maps incidents whose example drafts it resembles to the similarity, from 0 to 2.
    """

    words: tuple[str, ...]
    concepts: Mapping[str, float]
    failure_modes: Mapping[str, float] = field(default_factory=dict)
    observances: tuple[str, ...] = ()
    incidents: tuple[int, ...] = ()
    resembled: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """The query for incidents similar to a given one.

    `texts` are its (language, text) pairs, whose most informative words are used; `names` are the names of
    its organization, whose words count little. `keywords` maps a (field, value) pair of a keyword field, such
    as `concept` or `term_failure_mode`, to its weight relative to a word of the same rarity.
    """

    texts: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, str], ...] = ()
    keywords: Mapping[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """A page of hits, best first, from the index as it was at a position.

    `total` is exact; `relevant` is the number of hits that match well, and `remaining` the number after this
    page. `facets` maps each requested facet to (key, count) pairs, the most frequent first; `highlight_terms`
    are the analyzed terms of the query, and `observances` the keys of those that it names. `interpreted` is
    the query tree that was answered, with the translations and names that its words matched by; None on an
    empty page. `correction` is the query with its spelling corrected, if there is a correction; `corrected`
    tells whether that was answered.
    """

    position: Position
    total: int
    relevant: int = 0
    hits: tuple[Hit, ...]
    remaining: int = 0
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    highlight_terms: HighlightTerms = NO_HIGHLIGHTS
    observances: tuple[str, ...] = ()
    interpreted: Group | None = None
    correction: Group | None = None
    corrected: bool = False

    @classmethod
    def empty(cls, position: Position) -> ResultPage:
        """A page without hits."""
        return cls(position=position, total=0, hits=())


class WordForms(NamedTuple):
    """The case-folded forms of words in the index, and the stored content of incidents.

    `forms` maps each word to its forms, the nearest first, then hashtags that contain it. Forms may come from
    hidden incidents, so show only those in incidents that the reader may see. `stored` maps incidents to
    content.
    """

    forms: Mapping[str, Sequence[str]]
    stored: Mapping[int, bytes]


class IndexUnusableError(Exception):
    """The index is missing, damaged, or of another schema: it must be rebuilt."""


class IndexBusyError(Exception):
    """Another writer held the lock of the index for longer than the timeout."""


class SearchEngine(Protocol):
    """The operations of every engine, wherever it keeps its index.

    Searches may come from many threads and processes while one writes.
    """

    def state(self) -> Hashable:
        """A value that changes whenever the results of any query may. Raises IndexUnusableError."""

    def search(self, query: SearchQuery) -> ResultPage:
        """The page of results of a query. Raises IndexUnusableError."""

    def similar(self, incident_id: int | None, likeness: Likeness, query: SearchQuery) -> ResultPage:
        """Incidents that share the most and rarest words and keywords with one; each with the shared words.

        `incident_id` is that incident, which is left out, or None if it is not indexed. Only the filter, the
        audiences and the page of the query are used. Raises IndexUnusableError.
        """

    def near_duplicates(
        self, incident_id: int | None, texts: Iterable[tuple[str, str]], query: SearchQuery
    ) -> ResultPage:
        """Incidents that share most of the words of the given (language, text) pairs, in any language.

        The score of a hit is the share of the words' total weight that it matches, from 0 to 1;
        `shared_words` are the words that it has, or a translation of them. It finds fewer word forms than
        `similar`, but is faster on an index that has just changed. `incident_id` is the incident that the
        texts are from, which is left out, or None if it is not indexed. Only the filter, the audiences and
        the limit of the query are used. Raises IndexUnusableError.
        """

    def precedents(self, draft: PrecedentQuery, query: SearchQuery) -> ResultPage:
        """Incidents that share concepts or informative words with a draft.

        Only the filter, the audiences and the page of the query are used. Raises IndexUnusableError.
        """

    def word_forms(
        self, words: Iterable[str], incidents: Iterable[int], audiences: frozenset[str] | None
    ) -> WordForms:
        """The forms in which the index has words, and what it stores of the incidents that the audiences may
        see. Raises IndexUnusableError.
        """

    def suggest(self, words: Sequence[str], query: SearchQuery) -> ResultPage:
        """Incidents whose title or organization has all these words, the last one as a prefix.

        Only the filter, the audiences and the limit of the query are used. Raises IndexUnusableError.
        """

    def status(self) -> dict[str, Any]:
        """Facts about the index for its operator: at least `documents` and `languages`.

        Others depend on the engine. Raises IndexUnusableError.
        """

    def position(self) -> Position:
        """The position of the index. Raises IndexUnusableError."""

    def apply(self, documents: Iterable[IndexDocument], deletions: Collection[int], seq: int) -> None:
        """Add or replace documents, delete others by id, and move to `seq`, durably.

        Searches that begin afterwards see all of it. After an error, the same call can be repeated.
        Raises IndexUnusableError.
        """


@runtime_checkable
class EmbeddedSearchEngine(SearchEngine, Protocol):
    """An engine whose index is a local folder that the application itself writes, verifies and rebuilds.

    One writer at a time: call `apply` and `rebuild` only within `writing`; each commits all or nothing.
    """

    def writing(self, *, timeout: float) -> AbstractContextManager[None]:
        """Hold the write lock. Raises IndexBusyError after `timeout` seconds."""

    def check(self) -> None:
        """Verify that the index can be read and is unmodified. Raises IndexUnusableError."""

    def digests(self) -> dict[int, int]:
        """The digest of each indexed document, by incident. Raises IndexUnusableError."""

    def close(self) -> None:
        """Close the files of the index, before a fork. The next query reopens them."""

    def optimize(self) -> None:
        """Merge segments where that speeds up searches, and remove leftovers of killed processes.

        May take a while.
        """

    def rebuild(
        self,
        database_id: str,
        batches: Iterable[tuple[Collection[IndexDocument], int]],
        concepts_digest: str = "",
    ) -> None:
        """Replace the index by a new one, built from (documents, seq) batches of one database.

        `concepts_digest` identifies the concepts that the documents were made with; it is stored with the
        index.
        """

    def recover(self, database_id: str) -> bool:
        """Re-adopt an existing index of this database that no pointer references.

        Return whether there is one. If so, the caller must check it before relying on it. Call it within
        `writing`.
        """

    def concepts_digest(self) -> str:
        """The digest that `rebuild` was given, or an empty string. Raises IndexUnusableError."""
