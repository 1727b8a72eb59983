"""What terms are called in the language of the reader."""

from __future__ import annotations

from functools import cached_property

from kb.pages.language import text_languages
from kb.services.taxonomy.listing import label
from kb.services.taxonomy.lookup import TermLookup


class Terms:
    """The labels of terms in the reader's language. The taxonomy is read when the first one is named."""

    @cached_property
    def _lookup(self) -> TermLookup:
        return TermLookup()

    def label(self, namespace: str, key: str) -> str:
        """The label of a term; its key if there is no such term any more."""
        term = self._lookup.get(namespace, key)
        return key if term is None else label(term.labels, text_languages())
