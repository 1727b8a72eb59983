"""Resolve the terms that a query names, such as `category:offensive`."""

from __future__ import annotations

from kb.search.query import TermCondition
from kb.services.taxonomy.lookup import TermLookup


class TermResolver:
    """Resolves the terms that a query names. The taxonomy is read when the first one is named."""

    def __init__(self) -> None:
        self._terms: TermLookup | None = None

    def __call__(self, namespace: str, name: str) -> TermCondition | None:
        if self._terms is None:
            self._terms = TermLookup()
        term = self._terms.get(namespace, name)
        if term is None:
            return None
        key, *former = self._terms.keys_meaning(namespace, term.key)
        return TermCondition(namespace, key, tuple(former))
