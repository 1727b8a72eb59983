"""What a search asks for, independent of any engine: a tree of words, phrases and filters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.domain.boosts import ALL_BOOSTS
from kb.domain.filters import IncidentFilter

if TYPE_CHECKING:
    from datetime import date

MAX_CLAUSES = 50
"""Words, phrases and filters beyond these are not searched for: the cost of a query is bounded."""

FIELD_NAMES = {
    "title": "title",
    "summary": "summary",
    "cause": "cause",
    "outcome": "outcome",
    "lesson": "lessons",
    "lessons": "lessons",
    "why": "why_failure",
    "why_failure": "why_failure",
    "alternative": "alternative",
    "org": "organization",
    "organization": "organization",
    "tag": "tags",
    "tags": "tags",
}
"""What people may write before a colon, and the searched field that it means."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was typed, in one field or (None) in any."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand beside each other in this order, in one field or (None) in any one."""

    words: tuple[str, ...]
    field: str | None = None


@dataclass(frozen=True, slots=True)
class HasTerm:
    """Documents that carry a term of the taxonomy: its namespace and its key."""

    namespace: str
    key: str


@dataclass(frozen=True, slots=True)
class Occurred:
    """Documents that may have occurred before the one day, or after the other."""

    before: date | None = None
    after: date | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Documents with all of `must`, none of `must_not`, and any of `should`.

    Where a word must be, the words that should be are wished for only; conditions (`is_condition`) narrow
    down what the words find. A group of nothing but `must_not` means all other documents; an empty one means
    all.
    """

    must: tuple[Node, ...] = ()
    should: tuple[Node, ...] = ()
    must_not: tuple[Node, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.must or self.should or self.must_not)


Node = Word | Phrase | HasTerm | Occurred | Group


def is_condition(node: Node) -> bool:
    """Whether a node narrows a search down, rather than saying what is looked for."""
    if isinstance(node, Group):
        return (
            not node.must and not node.must_not and bool(node.should) and all(map(is_condition, node.should))
        )
    return isinstance(node, (HasTerm, Occurred)) or node.field == "organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """One search. Those that match more words come first, then those that match better; without words, the
    latest.

    `audiences` masks what the caller may see (None: everything); `facets` are namespaces to count by;
    `today` is what recency is counted from; `correct` lets unknown words be replaced by near ones; `explain`
    asks for the shares of each score.
    """

    root: Group
    filter: IncidentFilter = field(default_factory=IncidentFilter)
    audiences: frozenset[str] | None = None
    facets: tuple[str, ...] = ()
    boosts: frozenset[str] = ALL_BOOSTS
    today: date | None = None
    limit: int = 10
    offset: int = 0
    correct: bool = True
    explain: bool = False
