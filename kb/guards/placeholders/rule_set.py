"""Rules for unfinished text, matched together."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from kb.guards.patterns.pattern_set import PatternSet
from kb.guards.placeholders import (
    asides,
    assistant_replies,
    blanks,
    day_ranges,
    dummy_text,
    enclosed_notes,
    hebrew_notes,
    impossible_values,
    marks,
    merge_fields,
    mixed_occasions,
    notes,
    review_notes,
    rows_of_signs,
    tool_leftovers,
    weekdays,
)
from kb.guards.placeholders.mentions import is_mentioned
from kb.guards.placeholders.shipped_forms import shipped_forms, slip_forms
from kb.guards.placeholders.site import Site
from kb.pauses import no_pause

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb.guards.placeholders.site import Rule, Surroundings
    from kb.pauses import Pause

_MAX_SITES = 300
"""Maximum number of sites examined per rule: a text with more is not a post, and would take long."""


class Sites(NamedTuple):
    """What the rules of a set find: sites that look unfinished, and slips, which are less certain."""

    unfinished: list[Site]
    slips: list[Site]


class RuleSet:
    """Rules prefiltered together in few passes; those that may match are then run one by one."""

    def __init__(self, rules: Sequence[Rule], slips: Sequence[Rule] = (), name: str = "") -> None:
        self._rules = (*rules, *slips)
        self._first_slip = len(rules)
        self._set = PatternSet([rule.pattern for rule in self._rules], ignore_case=False, name=name)

    def sites(self, surroundings: Surroundings, pause: Pause = no_pause) -> Sites:
        """The sites that look unfinished, and the slips, in no order; with a pause after each rule."""
        found = Sites([], [])
        for number in self._set.matches(surroundings.text):
            kind = found.unfinished if number < self._first_slip else found.slips
            kind += self._sites_of(number, surroundings)
            pause()
        return found

    def _sites_of(self, number: int, surroundings: Surroundings) -> Iterator[Site]:
        compiled = self._set.compiled(number, surroundings.text)
        check = self._rules[number].check
        group = compiled.groupindex.get("site", 0)
        for match in islice(compiled.finditer(surroundings.text), _MAX_SITES):
            start, end = match.span(group if match.start(group) >= 0 else 0)
            site = Site(surroundings, start, end, match.groups())
            if (check is None or check(site)) and not is_mentioned(site):
                yield site


@cache
def shipped_rules() -> RuleSet:
    """The shipped rules for unfinished text and for slips. One set takes one pass for both."""
    modules = (
        merge_fields,
        marks,
        blanks,
        dummy_text,
        notes,
        hebrew_notes,
        enclosed_notes,
        asides,
        assistant_replies,
        review_notes,
        tool_leftovers,
        rows_of_signs,
    )
    modules_of_slips = (impossible_values, day_ranges, weekdays, mixed_occasions)
    slips = (*slip_forms(), *(rule for module in modules_of_slips for rule in module.SLIPS))
    return RuleSet(
        [*(rule for module in modules for rule in module.RULES), *shipped_forms()], slips, "unfinished"
    )
