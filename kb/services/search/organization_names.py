"""Expand searches by organization: `org:name` finds an organization by any of its names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kb.domain.organization import organization_key, without_legal_form
from kb.search.query import MAX_CLAUSES, Compound, Group, Node, Phrase, Word
from kb.search.words import words
from kb.services.taxonomy.organizations import other_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_Name = Word | Phrase | Compound

_FIELD = "organization"


def with_other_names(root: Group) -> Group:
    """Expand each full name in a query of an organization with aliases, to find its other names, too.

    A part of a name, as in `org:acme` for Acme Israel, is not expanded.
    """
    keys = {organization_key(_text(leaf)) for leaf in _names(root)}
    names = other_names(keys) if keys else {}
    return _Expansion(names).group(root) if names else root


def _names(node: Node) -> Iterator[_Name]:
    """Yield the leaves of a query that name an organization."""
    if isinstance(node, Group):
        for clause in (*node.must, *node.should, *node.must_not):
            yield from _names(clause)
    elif isinstance(node, (Word, Phrase, Compound)) and node.field == _FIELD:
        yield node


def _text(leaf: _Name) -> str:
    return " ".join(leaf.words) if isinstance(leaf, Phrase) else leaf.text


class _Expansion:
    """Adds names to the clauses of a query, up to MAX_CLAUSES words."""

    def __init__(self, names: Mapping[str, tuple[str, ...]]) -> None:
        self._names = names
        self._remaining = MAX_CLAUSES

    def group(self, group: Group) -> Group:
        """Replace the names in a group by their alternatives."""
        return replace(
            group,
            must=tuple(map(self._node, group.must)),
            should=tuple(map(self._node, group.should)),
            must_not=tuple(map(self._node, group.must_not)),
        )

    def _node(self, node: Node) -> Node:
        if isinstance(node, Group):
            return self.group(node)
        if not isinstance(node, (Word, Phrase, Compound)) or node.field != _FIELD:
            return node
        alternatives: dict[Node, None] = {node: None}
        for name in self._names.get(organization_key(_text(node)), ()):
            found = tuple(words(without_legal_form(name)))
            if found and len(found) <= self._remaining:
                self._remaining -= len(found)
                alternatives[Phrase(found, _FIELD) if len(found) > 1 else Word(found[0], _FIELD)] = None
        return Group(should=tuple(alternatives)) if len(alternatives) > 1 else node
