"""The type `placeholder`: text that is not finished, in any language.

Invisible characters and look-alike letters do not hide it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

import re2

from kb.guards.clean_text import clean
from kb.guards.exceptions import Exceptions, overlaps_any, parse_exceptions
from kb.guards.matcher import Match
from kb.guards.pattern_set import PatternSet
from kb.guards.placeholders import (
    asides,
    assistant_replies,
    blanks,
    enclosed_notes,
    hebrew_notes,
    marks,
    merge_fields,
    notes,
    review_notes,
    tool_leftovers,
)
from kb.guards.placeholders.site import Rule, Site, Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable


_MAX_SITES = 300
"""How many sites of one rule are examined: a text with more is no post, and would take long."""


@dataclass(frozen=True, slots=True)
class PlaceholderMatcher:
    """Finds merge fields, marks of what is missing and notes to colleagues, and a team's own marks."""

    rule_sets: tuple[_RuleSet, ...]
    exceptions: Exceptions

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """What is unfinished in a draft, in the order of the text; what overlaps counts as one."""
        surroundings = Surroundings(draft.clean.text, bool(draft.draft.links))
        spans = sorted(
            draft.clean.span(site.start, site.end)
            for rules in self.rule_sets
            for site in rules.sites(surroundings)
        )
        if spans:
            excepted = self.exceptions.spans(draft)
            yield from map(Match, _merged(span for span in spans if not overlaps_any(span, excepted)))


class _RuleSet:
    """Rules whose patterns are matched in one pass; those that match are then run for their sites."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules
        self._set = PatternSet([rule.pattern for rule in rules], ignore_case=False)

    def sites(self, surroundings: Surroundings) -> Iterator[Site]:
        """The sites that look unfinished."""
        for number in self._set.matches(surroundings.text):
            compiled, check = self._set.compiled(number), self._rules[number].check
            group = compiled.groupindex.get("site", 0)
            for match in islice(compiled.finditer(surroundings.text), _MAX_SITES):
                start, end = match.span(group if match.start(group) >= 0 else 0)
                site = Site(surroundings, start, end, match.groups())
                if check is None or check(site):
                    yield site


@cache
def _shipped_rules() -> _RuleSet:
    modules = (
        merge_fields,
        marks,
        blanks,
        notes,
        hebrew_notes,
        enclosed_notes,
        asides,
        assistant_replies,
        review_notes,
        tool_leftovers,
    )
    return _RuleSet(tuple(rule for module in modules for rule in module.RULES))


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order, those that overlap as one."""
    last: Span | None = None
    for span in spans:
        if last is not None and span.start < last.end:
            last = last._replace(end=max(last.end, span.end))
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def parse_placeholder(parameters: Parameters, concepts: ConceptTable) -> PlaceholderMatcher:  # noqa: ARG001
    """Read `marks`, a team's own marks as they are written, and `except`. Raises GuardError."""
    rule_sets = [_shipped_rules()]
    if own_marks := parameters.texts("marks"):
        rule_sets.append(_RuleSet(tuple(map(_own_mark, own_marks))))
    return PlaceholderMatcher(tuple(rule_sets), parse_exceptions(parameters))


def _own_mark(text: str) -> Rule:
    """A mark as it is written: capitals count if it has some."""
    mark = clean(text).text.strip()
    pattern = re2.escape(mark)
    return Rule(pattern if mark != mark.lower() else f"(?i:{pattern})", _is_whole)


def _is_whole(site: Site) -> bool:
    """Whether it is not a part of a longer word."""
    found = site.found
    return not (found[0].isalnum() and site.before[-1:].isalnum()) and not (
        found[-1].isalnum() and site.after[:1].isalnum()
    )
