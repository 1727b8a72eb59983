"""Queries as a person types them, read with a few known terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.search.parser import ParsedQuery, parse
from kb.search.query import Group, Node, TermCondition, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

TERMS = {
    ("category", "tone-deaf"): "tone-deaf",
    ("category", "tone deaf"): "tone-deaf",
    ("category", "גזענות"): "racism",
    ("category", "racism"): "racism",
    ("failure_mode", "no-review"): "no-review",
    ("platform", "tiktok"): "tiktok",
}


def resolve(namespace: str, name: str) -> TermCondition | None:
    key = TERMS.get((namespace, name.lower()))
    return None if key is None else TermCondition(namespace, key)


def read(text: str) -> ParsedQuery:
    return parse(text, resolve)


def org(name: str) -> Word:
    return Word(name, "organization")


def leaves(node: Node) -> Iterator[Node]:
    if not isinstance(node, Group):
        yield node
        return
    for clause in (*node.must, *node.should, *node.must_not):
        yield from leaves(clause)


def deepest(written: str) -> int:
    depth = most = 0
    for character in written:
        depth += (character == "(") - (character == ")")
        most = max(most, depth)
    return most
