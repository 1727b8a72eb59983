"""The query language: what a person types becomes a query tree. Nothing that is typed is an error.

    words  "a phrase"  +must  -not  title:word  org:name  category:term  before:2018  after:2018-05  ( )

What can't be parsed is taken as words. An organization, a term and a date are required; several of one name
in a group mean any of them. An unclosed parenthesis closes at the end; a stray one is as if it weren't there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from kb.domain.dates import parse_partial_date
from kb.domain.taxonomy import NAMESPACES
from kb.search.analysis import MAX_WORD, normalize, words
from kb.search.query import FIELD_NAMES, MAX_CLAUSES, Group, HasTerm, Node, Occurred, Phrase, Word

MAX_CHARACTERS = 10_000
"""What is typed beyond these is not read."""

MAX_DEPTH = 8
"""Parentheses nested deeper are as if they weren't there."""

Resolve = Callable[[str, str], str | None]
"""The key of a term, from its namespace and what a person called it; None for one that is not known."""

_ORGANIZATION = FIELD_NAMES["org"]
_BEFORE, _AFTER = "before", "after"
_FIELDS = frozenset(FIELD_NAMES.values())
_REQUIRED = frozenset((*NAMESPACES, _ORGANIZATION, _BEFORE, _AFTER))
_NAMES = {**FIELD_NAMES, **{name: name for name in _REQUIRED}, "mode": "failure_mode"}
_SHORT = {_ORGANIZATION: "org", "tags": "tag", "why_failure": "why"}

# Direction marks stand inside words that were copied; the others stand between words.
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_HEAD = re.compile(
    r"\s*"
    r"(?:(?<![^\s(])([+\-−])(?=[^\s)+\-−]))?"  # a sign at the beginning of a token, before something
    r"(?:([A-Za-z][A-Za-z_-]*):(?=[^\s)]))?"  # a name, directly before something
)
_CHUNK = re.compile(r"[^\s()]+")
# A quotation mark between two Hebrew letters is gershayim: it belongs to the word.
_CLOSING = {
    opening: re.compile(f"(?<![א-ת])[{closing}]|[{closing}](?![א-ת])")
    for opening, closing in (('"', '"'), ("“", "”"), ("”", "”"), ("„", "“”"), ("״", "״"))
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """How a text was read, as a tree and in the canonical spelling."""

    root: Group
    interpreted: str


def _nothing_known(_namespace: str, _name: str) -> None:
    """Know no term."""


def parse(text: str, resolve: Resolve = _nothing_known) -> Parsed:
    """Read what a person typed; it takes time linear in the first `MAX_CHARACTERS` and never raises."""
    text = _UNPRINTABLE.sub(" ", _DIRECTIONS.sub("", text[:MAX_CHARACTERS]))
    root = _Reader(text, resolve).read()
    return Parsed(root, write(root))


def write(root: Group) -> str:
    """The canonical spelling of a tree that was parsed: parsing it gives the same tree."""
    return " ".join(
        [
            *(_write_required(node, root.must) for node in root.must),
            *(_write(node) for node in root.should),
            *("-" + _write(node) for node in root.must_not),
        ]
    )


@dataclass(slots=True)
class _Open:
    """A group that is being read: its sign, the name before it, and its clauses by what tells them apart.

    Each of `must` holds alternatives; `alternatives` are those of them that collect one name.
    """

    sign: str = ""
    name: str | None = None
    must: list[dict[Hashable, Node]] = field(default_factory=list)
    should: dict[Hashable, Node] = field(default_factory=dict)
    must_not: dict[Hashable, Node] = field(default_factory=dict)
    alternatives: dict[str, dict[Hashable, Node]] = field(default_factory=dict)

    def add(self, sign: str, node: Node) -> bool:
        """Take a clause in; whether it is new."""
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
        if not sign and name is not None:  # a later one of this name is an alternative to this one
            self.alternatives[name] = clauses
        return clauses

    def group(self) -> Group:
        """The group as it stands."""
        must: dict[Hashable, Node] = {}
        for clauses in self.must:
            alternatives = tuple(clauses.values())
            node = alternatives[0] if len(alternatives) == 1 else Group(should=alternatives)
            must.setdefault(_identity(node), node)
        return Group(tuple(must.values()), tuple(self.should.values()), tuple(self.must_not.values()))


class _Reader:
    """Reads a text once from left to right, until it ends or there are enough clauses."""

    def __init__(self, text: str, resolve: Resolve) -> None:
        self.text = text
        self.resolve = resolve
        self.left = MAX_CLAUSES
        self.groups = [_Open()]
        self.too_deep = 0
        # Quotation marks that nothing closes in the rest of the text: looked for once, not at each.
        self.unclosed: set[str] = set()

    def read(self) -> Group:
        position = 0
        while position < len(self.text) and self.left > 0:
            position = self._token(position)
        while len(self.groups) > 1:
            self._close()
        root = self.groups[0].group()
        match root:
            case Group(must=(), should=(Group() as only,), must_not=()):
                return only
        return root

    def _token(self, position: int) -> int:
        """Read one token; where the next begins."""
        head = _HEAD.match(self.text, position)
        assert head is not None
        sign = (head[1] or "").replace("−", "-")
        name = _NAMES.get(head[2].lower().replace("-", "_")) if head[2] else None
        typed = head.start(2) if head[2] else head.end()
        start = head.end() if name else typed
        match self.text[start : start + 1]:
            case "(":
                self._open(sign, name)
                return start + 1
            case ")":
                self._close_typed()
                return start + 1
            case quote if (end := self._closing(quote, start + 1)) is not None:
                self._take(sign, name, self.text[start + 1 : end], quoted=True)
                return end + 1
        chunk = _CHUNK.match(self.text, start)
        if chunk is None:
            return len(self.text)
        if name and not words(chunk.group()) and not self._condition(name, chunk.group()):
            self._take(sign, None, self.text[typed : chunk.end()])
        else:
            self._take(sign, name, chunk.group())
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
            self.too_deep += 1
        else:
            self.groups.append(_Open(sign, name or self.groups[-1].name))

    def _close_typed(self) -> None:
        if self.too_deep:
            self.too_deep -= 1
        elif len(self.groups) > 1:
            self._close()

    def _close(self) -> None:
        """End the innermost group; one of a single clause that is not negated is that clause."""
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

    def _take(self, sign: str, name: str | None, value: str, *, quoted: bool = False) -> None:
        """Take in a value that stands after a sign and a name, or in the group of a name."""
        name = name or self.groups[-1].name
        condition = self._condition(name, value)
        if condition is not None:
            self._add(sign, condition)
            return
        searched = name if name in _FIELDS else None
        if sign or searched or (quoted and name is None):
            leaf = _leaf(_spelled(value, self.left), searched)
            if leaf is not None:
                self._add(sign, leaf)
            return
        for word in _spelled(value):
            if self.left > 0:
                self._add(sign, Word(word))

    def _condition(self, name: str | None, value: str) -> Node | None:
        """The filter that a name and a value mean, if they mean one."""
        if name in NAMESPACES:
            key = self.resolve(name, value)
            return None if key is None else HasTerm(name, key)
        if name not in (_BEFORE, _AFTER):
            return None
        try:
            day = parse_partial_date(value)
        except ValueError:
            return None
        return Occurred(before=day.first) if name == _BEFORE else Occurred(after=day.last)

    def _add(self, sign: str, leaf: Node) -> None:
        if self.groups[-1].add(sign, leaf):
            self.left -= len(leaf.words) if isinstance(leaf, Phrase) else 1


def _spelled(text: str, limit: int | None = None) -> list[str]:
    """The first words of a text, none longer than what is searched for."""
    return [word if len(word) <= MAX_WORD else words(word[:MAX_WORD])[0] for word in words(text)[:limit]]


def _leaf(spelled: list[str], searched: str | None) -> Word | Phrase | None:
    if len(spelled) == 1:
        return Word(spelled[0], searched)
    return Phrase(tuple(spelled), searched) if spelled else None


def _identity(node: Node) -> Hashable:
    """What a clause is kept once by: words that differ in spelling only are the same."""
    return (normalize(node.text), node.field) if isinstance(node, Word) else node


def _required_name(node: Node) -> str | None:
    """The name of a clause that is required without a sign: a filter, or several of one name."""
    match node:
        case HasTerm():
            return node.namespace
        case Occurred():
            return _AFTER if node.before is None else _BEFORE
        case Word() | Phrase():
            return _ORGANIZATION if node.field == _ORGANIZATION else None
    names = {_required_name(clause) for clause in node.should}
    return names.pop() if len(names) == 1 and not node.must and not node.must_not else None


def _write_required(node: Node, must: Iterable[Node]) -> str:
    """A clause of `must`, without a sign where it is read as required anyway and alone by its name."""
    name = _required_name(node)
    namesakes = [other for other in must if name is not None and _required_name(other) == name]
    several = [other for other in namesakes if isinstance(other, Group)]
    if isinstance(node, Group) and several and node is several[0]:
        return write(node)
    return _write(node) if namesakes == [node] else "+" + _write(node)


def _write(node: Node) -> str:
    match node:
        case Word():
            return _field(node.field) + node.text
        case Phrase():
            return f'{_field(node.field)}"{" ".join(node.words)}"'
        case HasTerm():
            bare = _CHUNK.fullmatch(node.key) and node.key[0] not in _CLOSING
            return f"{node.namespace}:{node.key}" if bare else f'{node.namespace}:"{node.key}"'
        case Occurred():
            return f"before:{node.before}" if node.before is not None else f"after:{node.after}"
    return f"({write(node)})"


def _field(name: str | None) -> str:
    return "" if name is None else _SHORT.get(name, name) + ":"
