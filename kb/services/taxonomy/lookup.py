"""Look up terms of the taxonomy by user input: keys, aliases or labels."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Text, cast, select
from sqlalchemy.orm import make_transient_to_detached

from kb.domain.spelling import closest_match
from kb.domain.taxonomy import replacements
from kb.domain.text import fold
from kb.errors import FieldError
from kb.messages import Message
from kb.models import Term, db
from kb.models.prepared_select import PreparedSelect

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_SPACES = re.compile(r"[\s_-]+")
_MAX_LISTED = 50
"""How many keys the error for an unknown term lists; the taxonomy that is shipped has 33 in a namespace."""


_COLUMNS = tuple(Term.__table__.columns)
_ID = [column.name for column in _COLUMNS].index("id")

_TERMS = select(Term).order_by(Term.namespace, Term.position)

_UNDECODED = _TERMS.with_only_columns(
    *(cast(column, Text) if isinstance(column.type, JSON) else column for column in _COLUMNS)
)
_ROWS = PreparedSelect(lambda _: _UNDECODED)
_ROWS_OF = PreparedSelect(lambda ids: _UNDECODED.where(Term.id.in_(ids)))
"""Select the stored terms, and some of them, without decoding their JSON."""


class _Names:
    """The terms by namespace and key, and by namespace and name, as read with `rows`."""

    def __init__(self, rows: Sequence[Any], terms: Sequence[Term]) -> None:
        self.rows = rows
        by_id = {term.id: term for term in terms}
        self.by_row = {row: by_id[row[_ID]] for row in rows}
        self.by_key: dict[str, dict[str, Term]] = defaultdict(dict)
        self.by_name: dict[str, dict[str, Term]] = defaultdict(dict)
        for term in terms:
            self.by_key[term.namespace][term.key] = term
        # A key wins over an alias, and an alias over a label, of another term.
        for names in (lambda term: [term.key], lambda term: term.aliases, lambda term: term.labels.values()):
            for namespace, known in self.by_key.items():
                for term in known.values():
                    for name in names(term):
                        self.by_name[namespace].setdefault(_name_key(name), term)
        self.replacements = {
            namespace: replacements(
                (key, term.replaced_by if term.retired else None) for key, term in known.items()
            )
            for namespace, known in self.by_key.items()
        }


class _Cache:
    """The names of the terms as last read, shared by all threads of a process."""

    def __init__(self) -> None:
        self._latest = _Names((), ())

    def current(self) -> _Names:
        """The names as the transaction sees them: rows are read every time, but decoded only on change."""
        rows = _ROWS.rows_in(db.session.connection(), ())
        names = self._latest
        if names.rows != rows:
            names = self._latest = _Names(rows, [_detached(term) for term in db.session.scalars(_TERMS)])
        return names

    def committed(self, ids: Collection[int]) -> dict[int, Term]:
        """Some terms by id, as they are committed now: read every time, but decoded only on change."""
        rows = _ROWS_OF.rows([*ids])
        names = self._latest
        if not names.by_row.keys() >= {*rows}:
            db.session.rollback()  # its transaction may be older
            names = self.current()
        return {term.id: term for row in rows if (term := names.by_row.get(row)) is not None}


_cache = _Cache()


def committed_terms(ids: Collection[int]) -> dict[int, Term]:
    """Terms by id as they are committed, detached from any session.

    A term that somebody else changes at the same time is left out. Not for use in a writing transaction: the
    session's is rolled back if it may be too old.
    """
    return _cache.committed(ids)


def _detached(term: Term) -> Term:
    """A copy that is detached from any session."""
    copy = Term(**{column.key: getattr(term, column.key) for column in _COLUMNS})
    make_transient_to_detached(copy)
    return copy


class TermLookup:
    """All terms, found by key, alias or label regardless of case, accents, spaces and underscores.

    `find` collects errors instead of raising the first, so that a client sees all of them at once. A lookup
    may be made before the transaction that uses it. Its terms belong to the session unless it is not
    `attached`: then only their keys and ids may be read, which is faster.
    """

    def __init__(self, *, attached: bool = True) -> None:
        names = _cache.current()
        self._is_attached = attached
        self._keys, self._names = names.by_key, names.by_name
        self.replacements: Mapping[str, Mapping[str, str]] = names.replacements
        """The replacements of retired terms, by namespace and key."""
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
        term = self._names.get(namespace, {}).get(_name_key(key))
        if term is None:
            return None
        current = self.replacements[namespace].get(term.key, term.key)
        found = self._keys[namespace][current]
        return db.session.merge(found, load=False) if self._is_attached else found

    def keys_meaning(self, namespace: str, key: str) -> tuple[str, ...]:
        """The keys under which incidents have a term: its own, then the keys of terms that it replaced."""
        replaced = self.replacements.get(namespace, {})
        current = replaced.get(key, key)
        return (current, *(old for old, new in replaced.items() if new == current))

    def closest_key(self, namespace: str, name: str) -> str | None:
        """The key of the term with the name most similar to one; None if none is similar enough."""
        names = self._names.get(namespace, {})
        near = closest_match(_name_key(name), names)
        return None if near is None else names[near].key

    def _describe_unknown(self, namespace: str, key: str) -> Message:
        match = self.closest_key(namespace, key)
        if match is None:
            return Message(
                "There is no {namespace} {key!r}. There are: {names}.",
                namespace=namespace,
                key=key[:100],
                names=", ".join(self._listed(namespace)),
            )
        return Message(
            "There is no {namespace} {key!r}. Did you mean {match!r}?",
            namespace=namespace,
            key=key[:100],
            match=match,
        )

    def _listed(self, namespace: str) -> list[str]:
        """The keys of a namespace, without retired ones; the first, and an ellipsis, if there are many."""
        keys = [key for key, term in self._keys.get(namespace, {}).items() if not term.retired]
        return [*keys[:_MAX_LISTED], "…"] if len(keys) > _MAX_LISTED else keys


def _name_key(name: str) -> str:
    return _SPACES.sub("-", fold(name).strip())
