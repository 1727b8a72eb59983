"""The sort values of documents for orders other than relevance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kb.domain.sorting import ListOrder, SortField
from kb.search.whoosh_engine.format.arrays import nbytes
from kb.search.whoosh_engine.format.sort_values import title_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.snapshot import Snapshot

_LAST = np.iinfo(np.int64).max


def sort_values(snapshot: Snapshot, order: ListOrder, languages: Sequence[str]) -> Array:
    """A sort value for each document, the lowest first; documents with an unknown value come last.

    Titles are those that readers of `languages` see.
    """
    values, known = _values(snapshot, order.field, languages)
    directed = -values if order.descending else values
    return np.where(known, directed, _LAST)


def _values(snapshot: Snapshot, field: SortField, languages: Sequence[str]) -> tuple[Array, Array]:
    """The values of the documents, and the mask of those that are known."""
    if field is SortField.OCCURRED_ON:
        return snapshot.first_day.astype(np.int64), snapshot.dated
    if field is SortField.TITLE:
        key = ("titles", tuple(languages))
        ranks = snapshot.masks.get_or_create(key, lambda: _title_ranks(snapshot, languages), nbytes)
        return ranks, np.ones(snapshot.size, bool)
    if field is SortField.SEVERITY:
        values = snapshot.severity.astype(np.int64)
    else:
        values = snapshot.published_at if field is SortField.PUBLISHED_AT else snapshot.updated_at
    return values, values > 0


def _title_ranks(snapshot: Snapshot, languages: Sequence[str]) -> Array:
    """The rank of each document's title among all titles."""
    titles = [title_in(encoded, languages) for encoded in snapshot.titles()]
    ranks = {title: rank for rank, title in enumerate(sorted(set(titles)))}
    return np.fromiter(map(ranks.__getitem__, titles), np.int64, len(titles))
