"""The canonical spelling of a query tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.search.query import (
    Compound,
    DateCondition,
    Group,
    Node,
    Phrase,
    Prefix,
    SourceCondition,
    TermCondition,
    Word,
    is_condition,
    required_name,
)
from kb.search.syntax import OR, SHORT_NAMES, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterable


def unparse(root: Group) -> str:
    """The canonical spelling of a parsed tree: parsing it gives the same tree."""
    excluded = ("-" + _unparse(node) for node in root.must_not)
    alternatives = [_unparse(node) for node in root.should]
    if any(map(is_condition, root.should)) and required_name(root) is None:  # optional, due to OR
        required: Iterable[str] = ("+" + _unparse(node) for node in root.must)
        alternatives = [f" {OR} ".join(alternatives)]
    else:
        required = (_unparse_required(node, root.must) for node in root.must)
    return " ".join([*required, *alternatives, *excluded])


def _unparse_required(node: Node, must: Iterable[Node]) -> str:
    """A clause of `must`, without a sign if it is required anyway and the only one of its name."""
    name = required_name(node)
    namesakes = [other for other in must if name is not None and required_name(other) == name]
    several = [other for other in namesakes if isinstance(other, Group)]
    if isinstance(node, Group) and several and node is several[0]:
        return " ".join(map(_unparse, node.should))
    return _unparse(node) if namesakes == [node] else "+" + _unparse(node)


def _unparse(node: Node) -> str:
    match node:
        case TermCondition():
            return f"{node.namespace}:{_value(node.key)}"
        case DateCondition():
            return f"before:{node.before}" if node.before is not None else f"after:{node.after}"
        case SourceCondition():
            return f"source:{_value(node.url)}"
        case Group():
            return f"({unparse(node)})"
    name = "" if node.field is None else SHORT_NAMES.get(node.field, node.field) + ":"
    return name + _unparse_words(node)


def _unparse_words(node: Word | Prefix | Compound | Phrase) -> str:
    match node:
        case Word():
            return _value(node.text)
        case Prefix():
            return node.text + "*"
        case Compound():
            return node.text
    return f'"{" ".join(node.words)}"'


def _value(text: str) -> str:
    """Quote a text if it would otherwise be parsed as something else."""
    return text if is_plain(text) else f'"{text}"'
