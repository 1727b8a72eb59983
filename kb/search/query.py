"""A search query, independent of any engine: a tree of words, phrases and conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.domain.filters import IncidentFilter
from kb.domain.links import link_key
from kb.domain.sorting import ALL_BOOSTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kb.domain.sorting import ListOrder

MAX_CLAUSES = 50
"""Maximum number of words and conditions in a query, to bound its cost. The rest is ignored."""

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
    "source": "sources",
    "sources": "sources",
    "evidence": "severity_evidence",
    "severity_evidence": "severity_evidence",
    "audience": "audience",
}
"""Maps each name that may precede a colon in a query to a text field."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed, to match in one field, or in any if `field` is None."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent words in this order, to match in one field, or in any single one if `field` is None."""

    words: tuple[str, ...]
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix, typed before an asterisk, to match in one field, or in any if `field` is None."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Compound:
    """Words that were typed together, without a space: `AT&T`, `T-Mobile`, `9/11`.

    It matches the words as a phrase or, ranked lower, any of them.
    """

    text: str
    words: tuple[str, ...]
    field: str | None = None


@dataclass(frozen=True, slots=True)
class TermCondition:
    """Matches documents that are classified by a term of the taxonomy or by one of its `former` keys."""

    namespace: str
    key: str
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DateCondition:
    """Matches incidents that may have occurred before one day or after another."""

    before: date | None = None
    after: date | None = None


@dataclass(frozen=True, slots=True)
class SourceCondition:
    """Matches incidents that cite an address in any spelling, by its link key."""

    key: str
    url: str = field(compare=False)

    @classmethod
    def of(cls, url: str) -> SourceCondition:
        """The condition for an address as it was copied."""
        return cls(link_key(url), url)


@dataclass(frozen=True, slots=True)
class Group:
    """A boolean query: all of `must`, none of `must_not`, any of `should`.

    With a required word, `should` is optional and only improves the rank. Conditions (`is_condition`)
    restrict what the words match. A group with only `must_not` matches all other documents; an empty one
    matches all.
    """

    must: tuple[Node, ...] = ()
    should: tuple[Node, ...] = ()
    must_not: tuple[Node, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.must or self.should or self.must_not)


Condition = TermCondition | DateCondition | SourceCondition

Node = Word | Prefix | Compound | Phrase | Condition | Group


def is_condition(node: Node) -> bool:
    """Whether a node restricts a search rather than being searched for."""
    if isinstance(node, Group):
        return (
            not node.must and not node.must_not and bool(node.should) and all(map(is_condition, node.should))
        )
    return isinstance(node, Condition) or node.field == "organization"


def required_name(node: Node) -> str | None:
    """The name of a clause that is required even without a sign: a condition, or alternatives of one name."""
    match node:
        case TermCondition():
            return node.namespace
        case DateCondition():
            return "after" if node.before is None else "before"
        case SourceCondition():
            return "source"
        case Group():
            names = {required_name(clause) for clause in node.should}
            return names.pop() if len(names) == 1 and not node.must and not node.must_not else None
    return node.field if is_condition(node) else None


def depth(group: Group) -> int:
    """The nesting depth of the groups in a group."""
    inner = [node for node in (*group.must, *group.should, *group.must_not) if isinstance(node, Group)]
    return max((1 + depth(node) for node in inner), default=0)


def has_words(root: Group) -> bool:
    """Whether a query has words to search for, not only conditions."""
    return any(
        has_words(node) if isinstance(node, Group) else not is_condition(node)
        for node in (*root.must, *root.should)
    )


def all_required(group: Group) -> Group:
    """A copy of a query in which all words are required."""
    return Group((*group.must, *group.should), (), group.must_not)


def word_count(node: Node) -> int:
    """How many clauses a leaf counts for: the number of its words."""
    return len(node.words) if isinstance(node, (Phrase, Compound)) else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """One search: the query tree, and what to return.

    Hits that match well come first. By default, hits are ranked by the number of words they match, then by
    relevance. For a sentence (`kb.search.sentences`), they are ranked by the total weight of shared words and
    `concepts` (a weight by concept); without words, latest first. `sort` overrides this order; titles sort as
    readers of `languages` see them. `audiences` limits hits and statistics to what the caller may see (None:
    everything); `facets` (of FACETS) are those to count; `today` is the reference date of the recency boost;
    `replaced` maps keys of retired terms, by facet, to those that replace them; `seen` are the ids of hits on
    earlier pages, which the page leaves out but the total includes; `correct` allows a spelling correction of
    words that match nothing; `explain` adds an explanation to each hit.
    """

    root: Group
    filter: IncidentFilter = field(default_factory=IncidentFilter)
    audiences: frozenset[str] | None = None
    facets: tuple[str, ...] = ()
    boosts: frozenset[str] = ALL_BOOSTS
    today: date | None = None
    limit: int = 10
    offset: int = 0
    seen: frozenset[int] = frozenset()
    replaced: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sort: ListOrder | None = None
    languages: tuple[str, ...] = ()
    correct: bool = True
    concepts: Mapping[str, float] = field(default_factory=dict)
    explain: bool = False
