"""The seam between the knowledge base and a search engine: what goes in, what comes out, what it must do."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from kb.search.highlight import NO_HIGHLIGHTS, HighlightTerms

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

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
}
"""The fields that are searched, and how much a match in each counts."""

SCHEMA_VERSION = 4
"""Raise it when documents or their analysis change: an index of another version is rebuilt."""


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """An incident as an engine sees it.

    `texts` maps each searched field to its (language, text) pairs; `terms` each namespace to keys;
    `audiences` are the groups that may see it; `stored` is JSON of what is shown of it.
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
    stored: bytes = b""

    def digest(self) -> int:
        """64 bits of all that the engine was told: two documents are equal where these are."""
        return int.from_bytes(
            blake2b(
                repr([getattr(self, name) for name in self.__slots__]).encode("utf-8", "surrogatepass"),
                digest_size=8,
            ).digest(),
            "little",
        )


@dataclass(frozen=True, slots=True)
class Position:
    """How far an index has followed: the `seq` of the last change that it holds, and of which database."""

    database_id: str
    seq: int


class Hit(NamedTuple):
    """An incident that was found; the score is comparable within one page of results only.

    `stored` is what was to be shown with it, `explanation` the shares of its score where they were asked for,
    `shared` the words that a similar incident has in common.
    """

    id: int
    score: float
    stored: bytes = b""
    explanation: Mapping[str, Any] | None = None
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """A page of hits, the best first, of the index as it was at a position.

    `total` is exact; `facets` maps each namespace that was asked for to (key, count) pairs, the most frequent
    first; `highlight_terms` are the analyzed terms of the query; `corrected` is the query that was answered,
    where it is not the one that was asked.
    """

    position: Position
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    highlight_terms: HighlightTerms = NO_HIGHLIGHTS
    corrected: Group | None = None


class IndexUnusableError(Exception):
    """The index is missing, damaged, or of another schema: it has to be rebuilt."""


class IndexBusyError(Exception):
    """Another writer holds the index, and went on holding it."""


class SearchEngine(Protocol):
    """What every engine must do, wherever it keeps its index.

    Searches may come from many threads and processes while one writes.
    """

    def state(self) -> Hashable:
        """What stays equal as long as every query has the answer that it had. Raises IndexUnusableError."""

    def search(self, query: SearchQuery) -> ResultPage:
        """Answer a query. Raises IndexUnusableError."""

    def similar(self, incident_id: int, texts: Iterable[tuple[str, str]], query: SearchQuery) -> ResultPage:
        """Incidents that share the telling words of one, whose (language, text) pairs are given.

        Of the query count the filter, the audiences and the page. Raises IndexUnusableError.
        """

    def suggest(self, words: Sequence[str], query: SearchQuery) -> ResultPage:
        """Incidents whose title or organization has all these words, the last as a beginning.

        Of the query count the filter, the audiences and the limit. Raises IndexUnusableError.
        """

    def status(self) -> dict[str, Any]:
        """Facts about the index for its operator. Raises IndexUnusableError."""

    def position(self) -> Position:
        """How far the index has followed, and which database. Raises IndexUnusableError."""

    def apply(self, documents: Iterable[IndexDocument], deletions: Collection[int], seq: int) -> None:
        """Add or replace documents, delete others by id, and move to `seq`, durably.

        Searches that begin afterwards see all of it. After an error, the same call mends what it left behind.
        Raises IndexUnusableError.
        """


@runtime_checkable
class EmbeddedSearchEngine(SearchEngine, Protocol):
    """An engine whose index is a folder of this installation, which writes, verifies and rebuilds it itself.

    One writer at a time: `apply` and `rebuild` are called while `writing` only, and commit all or nothing.
    """

    def writing(self, *, timeout: float) -> AbstractContextManager[None]:
        """Be the only writer meanwhile. Raises IndexBusyError after `timeout` seconds."""

    def check(self) -> None:
        """Raise IndexUnusableError unless the index can be read, and is as it was written."""

    def digests(self) -> dict[int, int]:
        """By incident, the digest of the document that the index holds. Raises IndexUnusableError."""

    def optimize(self) -> None:
        """Merge segments where that makes searches faster. May take a while."""

    def rebuild(self, database_id: str, batches: Iterable[tuple[Collection[IndexDocument], int]]) -> None:
        """Replace the index by one of these batches of (documents, seq), which come from one database."""
