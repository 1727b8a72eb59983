"""The query language: parses what a person types into a query tree. No input is an error.

    words  "a phrase"  +must  -not  title:word  org:name  category:term  before:2018  after:2018-05  ( )

What cannot be parsed is treated as words. An organization, a term and a date are required; several of one
name in a group are alternatives. An unclosed parenthesis closes at the end; a stray one is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from kb.domain.dates import parse_partial_date
from kb.domain.taxonomy import NAMESPACES
from kb.domain.text import strip_invisible
from kb.search.analysis import MAX_WORD_LENGTH, normalize
from kb.search.query import FIELD_NAMES, MAX_CLAUSES, DateCondition, Group, Node, Phrase, TermCondition, Word
from kb.search.words import words

MAX_CHARACTERS = 10_000
"""How much of a query is parsed; the rest is ignored."""

MAX_DEPTH = 8
"""Parentheses nested deeper than this are ignored."""

Resolve = Callable[[str, str], str | None]
"""Resolves a namespace and a name, as typed, to the key of a term; None for an unknown term."""

_ORGANIZATION = FIELD_NAMES["org"]
_BEFORE, _AFTER = "before", "after"
_FIELDS = frozenset(FIELD_NAMES.values())
_REQUIRED = frozenset((*NAMESPACES, _ORGANIZATION, _BEFORE, _AFTER))
_NAMES = {**FIELD_NAMES, **{name: name for name in _REQUIRED}, "mode": "failure_mode"}
_SHORT = {_ORGANIZATION: "org", "tags": "tag", "why_failure": "why"}

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_HEAD = re.compile(
    r"\s*"
    r"(?:(?<![^\s(])([+\-−])(?=[^\s)+\-−]))?"  # a sign at the beginning of a token, not followed by a space
    r"(?:([A-Za-z][A-Za-z_-]*):(?=[^\s)]))?"  # a name, not followed by a space
)
_CHUNK = re.compile(r"[^\s()]+")
# A quotation mark between two Hebrew letters is gershayim: part of the word.
_CLOSING = {
    opening: re.compile(f"(?<![א-ת])[{closing}]|[{closing}](?![א-ת])")
    for opening, closing in (('"', '"'), ("“", "”"), ("”", "”"), ("„", "“”"), ("״", "״"))
}


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A parsed query: the tree, and its canonical spelling."""

    root: Group
    interpreted: str


def _resolve_nothing(_namespace: str, _name: str) -> None:
    """Resolve no term."""


def parse(text: str, resolve: Resolve = _resolve_nothing) -> ParsedQuery:
    """Parse what a person typed, in time linear in its length (at most `MAX_CHARACTERS`). Never raises."""
    text = _UNPRINTABLE.sub(" ", strip_invisible(text[:MAX_CHARACTERS]))
    root = _Parser(text, resolve).parse()
    return ParsedQuery(root, unparse(root))


def unparse(root: Group) -> str:
    """The canonical spelling of a parsed tree: parsing it gives the same tree."""
    return " ".join(
        [
            *(_unparse_required(node, root.must) for node in root.must),
            *(_unparse(node) for node in root.should),
            *("-" + _unparse(node) for node in root.must_not),
        ]
    )


@dataclass(slots=True)
class _OpenGroup:
    """A group that is being parsed: its sign, the name before it, and its clauses by identity.

    Each element of `must` holds alternatives; `alternatives` are those elements that collect one name.
    """

    sign: str = ""
    name: str | None = None
    must: list[dict[Hashable, Node]] = field(default_factory=list)
    should: dict[Hashable, Node] = field(default_factory=dict)
    must_not: dict[Hashable, Node] = field(default_factory=dict)
    alternatives: dict[str, dict[Hashable, Node]] = field(default_factory=dict)

    def add(self, sign: str, node: Node) -> bool:
        """Add a clause, and tell whether it is new."""
        name = _required_name(node)
        nodes = node.should if isinstance(node, Group) and name and not sign else (node,)
        clauses = self._clauses(sign, name)
        before = len(clauses)
        for each in nodes:
            clauses.setdefault(_identity(each), each)
        return len(clauses) > before

    def _clauses(self, sign: str, name: str | None) -> dict[Hashable, Node]:
        if sign == "-":
            return self.must_not
        if not sign and name is None:
            return self.should
        if not sign and name in self.alternatives:
            return self.alternatives[name]
        clauses: dict[Hashable, Node] = {}
        self.must.append(clauses)
        if not sign and name is not None:  # later clauses of this name are alternatives to this one
            self.alternatives[name] = clauses
        return clauses

    def group(self) -> Group:
        """The group of the clauses so far."""
        must: dict[Hashable, Node] = {}
        for clauses in self.must:
            alternatives = tuple(clauses.values())
            node = alternatives[0] if len(alternatives) == 1 else Group(should=alternatives)
            must.setdefault(_identity(node), node)
        return Group(tuple(must.values()), tuple(self.should.values()), tuple(self.must_not.values()))


class _Parser:
    """Parses a text in one pass from left to right, until it ends or MAX_CLAUSES are reached."""

    def __init__(self, text: str, resolve: Resolve) -> None:
        self.text = text
        self.resolve = resolve
        self.remaining = MAX_CLAUSES
        self.groups = [_OpenGroup()]
        self.ignored_depth = 0
        # Quotation marks without a closing one in the rest of the text: searched for once, not at each.
        self.unclosed: set[str] = set()

    def parse(self) -> Group:
        position = 0
        while position < len(self.text) and self.remaining > 0:
            position = self._token(position)
        while len(self.groups) > 1:
            self._close()
        root = self.groups[0].group()
        match root:
            case Group(must=(), should=(Group() as only,), must_not=()):
                return only
        return root

    def _token(self, position: int) -> int:
        """Parse one token, and return the offset of the next."""
        head = _HEAD.match(self.text, position)
        assert head is not None
        sign = (head[1] or "").replace("−", "-")
        name = _NAMES.get(head[2].lower().replace("-", "_")) if head[2] else None
        unnamed = head.start(2) if head[2] else head.end()  # where the token begins if it has no name
        start = head.end() if name else unnamed
        match self.text[start : start + 1]:
            case "(":
                self._open(sign, name)
                return start + 1
            case ")":
                self._close_parenthesis()
                return start + 1
            case quote if (end := self._closing(quote, start + 1)) is not None:
                self._add_value(sign, name, self.text[start + 1 : end], quoted=True)
                return end + 1
        chunk = _CHUNK.match(self.text, start)
        if chunk is None:
            return len(self.text)
        if name and not words(chunk.group()) and not self._condition(name, chunk.group()):
            self._add_value(sign, None, self.text[unnamed : chunk.end()])
        else:
            self._add_value(sign, name, chunk.group())
        return chunk.end()

    def _closing(self, quote: str, position: int) -> int | None:
        if quote not in _CLOSING or quote in self.unclosed:
            return None
        closing = _CLOSING[quote].search(self.text, position)
        if closing is None:
            self.unclosed.add(quote)
            return None
        return closing.start()

    def _open(self, sign: str, name: str | None) -> None:
        if len(self.groups) > MAX_DEPTH:
            self.ignored_depth += 1
        else:
            self.groups.append(_OpenGroup(sign, name or self.groups[-1].name))

    def _close_parenthesis(self) -> None:
        if self.ignored_depth:
            self.ignored_depth -= 1
        elif len(self.groups) > 1:
            self._close()

    def _close(self) -> None:
        """Close the innermost group; a group of a single clause that is not negated becomes that clause."""
        closed = self.groups.pop()
        group = closed.group()
        if not group:
            return
        only = (*group.must, *group.should) if not group.must_not else ()
        node = only[0] if len(only) == 1 else group
        sign = closed.sign
        if closed.name in _REQUIRED and _required_name(node) is None and (group.must or group.must_not):
            sign = sign or "+"
        self.groups[-1].add(sign, node)

    def _add_value(self, sign: str, name: str | None, value: str, *, quoted: bool = False) -> None:
        """Add the clauses of a value with a sign and a name; the name may be that of the group."""
        name = name or self.groups[-1].name
        condition = self._condition(name, value)
        if condition is not None:
            self._add(sign, condition)
            return
        field_name = name if name in _FIELDS else None
        if sign or field_name or (quoted and name is None):
            leaf = _leaf(_query_words(value, self.remaining), field_name)
            if leaf is not None:
                self._add(sign, leaf)
            return
        for word in _query_words(value):
            if self.remaining > 0:
                self._add(sign, Word(word))

    def _condition(self, name: str | None, value: str) -> Node | None:
        """The condition that a name and a value express, if any."""
        if name in NAMESPACES:
            key = self.resolve(name, value)
            return None if key is None else TermCondition(name, key)
        if name not in (_BEFORE, _AFTER):
            return None
        try:
            day = parse_partial_date(value)
        except ValueError:
            return None
        return DateCondition(before=day.first) if name == _BEFORE else DateCondition(after=day.last)

    def _add(self, sign: str, leaf: Node) -> None:
        if self.groups[-1].add(sign, leaf):
            self.remaining -= len(leaf.words) if isinstance(leaf, Phrase) else 1


def _query_words(text: str, limit: int | None = None) -> list[str]:
    """The first words of a text, each cut to the length that is indexed."""
    found = words(text)[:limit]
    return [word if len(word) <= MAX_WORD_LENGTH else words(word[:MAX_WORD_LENGTH])[0] for word in found]


def _leaf(query_words: list[str], field_name: str | None) -> Word | Phrase | None:
    if len(query_words) == 1:
        return Word(query_words[0], field_name)
    return Phrase(tuple(query_words), field_name) if query_words else None


def _identity(node: Node) -> Hashable:
    """What makes two clauses the same; words that are normalized alike are."""
    return (normalize(node.text), node.field) if isinstance(node, Word) else node


def _required_name(node: Node) -> str | None:
    """The name of a clause that is required without a sign: a condition, or alternatives of one name."""
    match node:
        case TermCondition():
            return node.namespace
        case DateCondition():
            return _AFTER if node.before is None else _BEFORE
        case Word() | Phrase():
            return _ORGANIZATION if node.field == _ORGANIZATION else None
    names = {_required_name(clause) for clause in node.should}
    return names.pop() if len(names) == 1 and not node.must and not node.must_not else None


def _unparse_required(node: Node, must: Iterable[Node]) -> str:
    """A clause of `must`, without a sign where it is required anyway and the only one of its name."""
    name = _required_name(node)
    namesakes = [other for other in must if name is not None and _required_name(other) == name]
    several = [other for other in namesakes if isinstance(other, Group)]
    if isinstance(node, Group) and several and node is several[0]:
        return unparse(node)
    return _unparse(node) if namesakes == [node] else "+" + _unparse(node)


def _unparse(node: Node) -> str:
    match node:
        case Word():
            return _field(node.field) + node.text
        case Phrase():
            return f'{_field(node.field)}"{" ".join(node.words)}"'
        case TermCondition():
            bare = _CHUNK.fullmatch(node.key) and node.key[0] not in _CLOSING
            return f"{node.namespace}:{node.key}" if bare else f'{node.namespace}:"{node.key}"'
        case DateCondition():
            return f"before:{node.before}" if node.before is not None else f"after:{node.after}"
    return f"({unparse(node)})"


def _field(name: str | None) -> str:
    return "" if name is None else _SHORT.get(name, name) + ":"
