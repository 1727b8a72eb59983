"""The labels of terms in the language of the reader."""

from __future__ import annotations

from functools import cached_property

from kb.pages.language import text_languages
from kb.services.core.collection_titles import collection_titles
from kb.services.taxonomy.listing import label
from kb.services.taxonomy.lookup import TermLookup


class Terms:
    """The labels of terms, and the titles of collections, in the reader's language.

    Both are loaded lazily, with the first label or title.
    """

    @cached_property
    def _lookup(self) -> TermLookup:
        return TermLookup()

    @cached_property
    def _collections(self) -> dict[str, str]:
        return collection_titles(text_languages())

    def collection(self, key: str) -> str:
        """Return the title of a collection; its key if there is no such collection."""
        return self._collections.get(key, key)

    def label(self, namespace: str, key: str) -> str:
        """Return the label of a term; its key if the term no longer exists."""
        term = self._lookup.get(namespace, key)
        return key if term is None else label(term.labels, text_languages())
