"""Look up terms of the taxonomy by what people type: keys, aliases or labels."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache

from sqlalchemy import select

from kb.domain.spelling import closest_match
from kb.domain.text import fold
from kb.errors import FieldError
from kb.messages import Message
from kb.models import Term, db

_SPACES = re.compile(r"[\s_-]+")


class TermLookup:
    """All terms, found by key, alias or label regardless of case, accents, spaces and underscores.

    `find` collects errors instead of raising the first, so that a client sees all of them at once.
    """

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, Term]] = defaultdict(dict)
        self._names: dict[str, dict[str, Term]] = defaultdict(dict)
        for term in db.session.scalars(select(Term).order_by(Term.namespace, Term.position)):
            self._keys[term.namespace][term.key] = term
        # A key wins over an alias, and an alias over a label, of another term.
        for names in (lambda term: [term.key], lambda term: term.aliases, lambda term: term.labels.values()):
            for namespace, terms in self._keys.items():
                for term in terms.values():
                    for name in names(term):
                        self._names[namespace].setdefault(_known_name_key(name), term)
        self.errors: list[FieldError] = []

    def find(self, namespace: str, key: str, pointer: str) -> Term | None:
        """The term, or its replacement if it is retired. None for an unknown one, which is added to `errors`
        with a JSON pointer or the name of a parameter."""
        term = self.get(namespace, key)
        if term is None:
            self.errors.append(FieldError(pointer, self._describe_unknown(namespace, key)))
        return term

    def get(self, namespace: str, key: str) -> Term | None:
        """The term, or its replacement if it is retired; None for an unknown one."""
        term = self._names[namespace].get(_name_key(key))
        if term is not None and term.retired and term.replaced_by:
            term = self._keys[namespace].get(term.replaced_by, term)
        return term

    def _describe_unknown(self, namespace: str, key: str) -> Message:
        suggestion = closest_match(_name_key(key), self._names[namespace])
        if suggestion is None:
            return Message(
                "There is no {namespace} {key!r}. GET /taxonomy/{namespace} lists them.",
                namespace=namespace,
                key=key[:100],
            )
        match = self._names[namespace][suggestion].key
        return Message(
            "There is no {namespace} {key!r}. Did you mean {match!r}?",
            namespace=namespace,
            key=key[:100],
            match=match,
        )


def _name_key(name: str) -> str:
    return _SPACES.sub("-", fold(name).strip())


_known_name_key = lru_cache(maxsize=4_096)(_name_key)
"""The same for the names of terms, of which there are some hundreds. What people type is of any length."""
