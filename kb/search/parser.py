"""The query language: parses what a person types into a query tree. No input is an error.

    words  "a phrase"  +must  -not  beginning*  AT&T  title:word  org:name  category:term  before:2018  ( )
    https://example.com/story
    a AND b  a OR b  NOT c

Anything that cannot be parsed is treated as words. An organization, term, date or source is required; several
of one name in a group are alternatives. A web address is a source, with or without the name. An unclosed
parenthesis closes at the end; a stray one is ignored. An operator without operands is a word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from kb.domain.dates import parse_partial_date
from kb.domain.taxonomy import NAMESPACES
from kb.messages import Message, message_of
from kb.search.addresses import find_address, has_scheme, read_source
from kb.search.chunks import cut, read_chunk
from kb.search.clauses import NEGATED, OpenGroup
from kb.search.query import (
    FIELD_NAMES,
    MAX_CLAUSES,
    Compound,
    DateCondition,
    Group,
    Node,
    Phrase,
    SourceCondition,
    TermCondition,
    Word,
    depth,
    word_count,
)
from kb.search.syntax import (
    AFTER,
    BEFORE,
    CHUNK,
    HEAD,
    LEFT_ALONE,
    NAMES,
    NOT,
    OPERATOR,
    OPERATORS,
    SOURCE,
    clean,
    find_closing_quote,
    opening_quote,
)
from kb.search.unparse import unparse
from kb.search.words import words

MAX_CHARACTERS = 10_000
"""Maximum length of a query, in characters; the rest is ignored."""

MAX_DEPTH = 8
"""Parentheses nested deeper than this are ignored, and so are operators that make deeper groups."""

Resolve = Callable[[str, str], TermCondition | None]
"""Resolves a namespace and a name, as typed, to the condition for a term; None for an unknown term."""

_FIELDS = frozenset(FIELD_NAMES.values())


class InvalidCondition(NamedTuple):
    """A condition that was read as words, since it names no term, or no date: `category:nope`.

    `reason` says what is wrong with a date.
    """

    name: str
    value: str
    reason: Message | None


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A parsed query: the tree, its canonical spelling, and the distinct invalid conditions.

    `has_bare_address` is True if it contains an address without `source:` or a sign, which may not have been
    meant to restrict the words around it.
    """

    root: Group
    interpreted: str
    has_bare_address: bool = field(default=False, compare=False)
    invalid: tuple[InvalidCondition, ...] = field(default=(), compare=False)


def _resolve_nothing(_namespace: str, _name: str) -> None:
    """Resolve to no term."""


def parse(text: str, resolve: Resolve = _resolve_nothing, *, bare_addresses: bool = True) -> ParsedQuery:
    """Parse a typed query, in time linear in its length (at most `MAX_CHARACTERS`). Never raises.

    Without `bare_addresses`, an address without `source:` is left out, and anything that only may be one is
    parsed as words.
    """
    text = clean(text[:MAX_CHARACTERS])
    parser = _Parser(text, resolve, bare_addresses=bare_addresses)
    root = parser.parse()
    if depth(root) > MAX_DEPTH:
        parser = _Parser(text, resolve, operators={}, bare_addresses=bare_addresses)
        root = parser.parse()
    return ParsedQuery(root, unparse(root), parser.has_bare_address, tuple(parser.invalid))


class _Parser:
    """Parses a text in one pass from left to right, until it ends or MAX_CLAUSES are reached."""

    def __init__(
        self,
        text: str,
        resolve: Resolve,
        operators: dict[str, str] = OPERATORS,
        *,
        bare_addresses: bool,
    ) -> None:
        self.text = text
        self.bare_addresses = bare_addresses
        self.has_bare_address = False
        self.invalid: dict[InvalidCondition, None] = {}
        self.resolve = resolve
        self.operators = operators
        self.remaining = MAX_CLAUSES
        self.groups = [OpenGroup()]
        self.ignored_depth = 0
        # Opening marks without a closing one in the rest of the text, so that each kind is searched for only
        # once.
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
        head = HEAD.match(self.text, position)
        assert head is not None
        name = NAMES.get(head[2].lower().replace("-", "_")) if head[2] else None
        unnamed = head.start(2) if head[2] else head.end()  # where the token begins if it has no name
        start = head.end() if name else unnamed
        if self.text[start : start + 1] == ")":
            self._close_parenthesis()
            return start + 1
        operator = None if head.group().strip() else OPERATOR.match(self.text, start)
        if operator is not None and self._operate(operator.group(), operator.end()):
            return operator.end()
        sign = self._sign(head[1] or "")
        if self.text[start : start + 1] == "(":
            self._open(sign, name)
            return start + 1
        return self._address(sign, name, start) or self._value(sign, name, start, unnamed)

    def _value(self, sign: str, name: str | None, start: int, unnamed: int) -> int:
        """Parse a phrase or a chunk, which begins at `unnamed` without its name; return the offset after
        it."""
        phrase = self._phrase(start)
        if phrase is not None:
            value, end = phrase
            self._add_quoted(sign, name, value)
            return end
        chunk = CHUNK.match(self.text, start)
        if chunk is None:
            return len(self.text)
        if name and not words(chunk.group()) and not self._condition(name, chunk.group()):
            self._add_chunk(sign, None, self.text[unnamed : chunk.end()])
        else:
            self._add_chunk(sign, name, chunk.group())
        return chunk.end()

    def _address(self, sign: str, name: str | None, start: int) -> int | None:
        """Add the web address at this position, and return the offset after it, or None without one."""
        name = name or self.groups[-1].name
        address = find_address(self.text, start) if name in (None, SOURCE) else None
        if address is None:
            return None
        is_bare = not (name or sign)
        if is_bare and not self.bare_addresses:
            return address.end if address.has_scheme else None
        self.has_bare_address |= is_bare
        self._add(sign, SourceCondition.of(address.url))
        return address.end

    def _operate(self, token: str, end: int) -> bool:
        """Apply a token if it is an operator with operands, and return whether it is."""
        operator = self.operators.get(token)
        group = self.groups[-1]
        if operator is None or LEFT_ALONE[operator].match(self.text, end):
            return False
        if operator == NOT:
            group.negates_next = True
            return True
        if not group.run:
            return False
        group.operate(operator)
        return True

    def _sign(self, sign: str) -> str:
        """The sign of the next clause; NOT takes precedence over a sign."""
        group = self.groups[-1]
        negated, group.negates_next = group.negates_next, False
        return NEGATED if negated else sign.replace("−", "-")

    def _phrase(self, start: int) -> tuple[str, int] | None:
        """The text between the quotation marks at this position, and the offset after them."""
        opening = opening_quote(self.text, start)
        if opening is None or opening in self.unclosed:
            return None
        closing = find_closing_quote(opening, self.text, start + len(opening))
        if closing is None:
            self.unclosed.add(opening)
            return None
        return self.text[start + len(opening) : closing.start()], closing.end()

    def _open(self, sign: str, name: str | None) -> None:
        if len(self.groups) > MAX_DEPTH:
            self.ignored_depth += 1
        else:
            self.groups.append(OpenGroup(sign, name or self.groups[-1].name))

    def _close_parenthesis(self) -> None:
        if self.ignored_depth:
            self.ignored_depth -= 1
        elif len(self.groups) > 1:
            self._close()

    def _close(self) -> None:
        """Close the innermost group."""
        closed = self.groups.pop()
        clause = closed.close()
        if clause is not None:
            node, required = clause
            self.groups[-1].run.add(closed.sign, node, required=required)

    def _add_quoted(self, sign: str, name: str | None, value: str) -> None:
        """Add the text that was between quotation marks; it may inherit the name of the group."""
        group_name = name or self.groups[-1].name
        if group_name is None and has_scheme(value) and read_source(value) is not None:
            group_name = SOURCE
        if self._add_condition(sign, group_name, value):
            return
        found = [cut(word) for word in words(value)]
        field = _field(group_name)
        if sign or field or group_name is None:
            self._add_phrase(sign, field, found)
        else:  # the name of an unknown term
            for word in found:
                self._add(sign, Word(word))

    def _add_chunk(self, sign: str, name: str | None, chunk: str) -> None:
        """Add the words of a token without quotation marks; it may inherit the name of the group."""
        name = name or self.groups[-1].name
        if self._add_condition(sign, name, chunk):
            return
        field = _field(name)
        if not sign and field is None:
            for leaf in read_chunk(chunk):
                self._add(sign, leaf)
            return
        leaves = list(islice(read_chunk(chunk, field), 2))
        if len(leaves) == 1 and word_count(leaves[0]) <= self.remaining:
            self._add(sign, leaves[0])
        else:
            self._add_phrase(sign, field, [cut(word) for word in words(chunk)])

    def _add_phrase(self, sign: str, field: str | None, found: list[str]) -> None:
        if len(found) > 1 and self.remaining > 1:
            self._add(sign, Phrase(tuple(found[: self.remaining]), field))
        elif found:
            self._add(sign, Word(found[0], field))

    def _add_condition(self, sign: str, name: str | None, value: str) -> bool:
        condition = self._condition(name, value)
        if condition is not None:
            self._add(sign, condition)
        return condition is not None

    def _condition(self, name: str | None, value: str) -> Node | None:
        """The condition that a name and a value express, if any; an invalid one is noted."""
        if name == SOURCE:
            return read_source(value)
        condition: Node | None = None
        reason = None
        if name in NAMESPACES:
            condition = self.resolve(name, value)
        elif name in (BEFORE, AFTER):
            try:
                condition = _date_condition(name, value)
            except ValueError as error:
                reason = message_of(error)
        else:
            return None
        if condition is None:
            self.invalid[InvalidCondition(name, value, reason)] = None
        return condition

    def _add(self, sign: str, leaf: Node) -> None:
        if self.remaining <= 0:
            return
        if isinstance(leaf, Compound) and word_count(leaf) > self.remaining:
            for word in leaf.words:
                self._add(sign, Word(word, leaf.field))
        elif self.groups[-1].run.add(sign, leaf):
            self.remaining -= word_count(leaf)


def _date_condition(name: str, value: str) -> DateCondition:
    """The condition `before` or `after` a date. Raises ValueError for a value that is none."""
    day = parse_partial_date(value)
    return DateCondition(before=day.first) if name == BEFORE else DateCondition(after=day.last)


def _field(name: str | None) -> str | None:
    return name if name in _FIELDS else None
