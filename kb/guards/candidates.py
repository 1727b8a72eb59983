"""Which guards of a ruleset may find something in a draft: the others are not asked."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from kb.guards.pattern_set import PatternSet
from kb.guards.types.pattern import PatternMatcher
from kb.guards.types.phrase import PhraseMatcher
from kb.guards.types.themes import ThemesMatcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.matcher import Matcher


class CandidateIndex:
    """Numbers of matchers, by what a draft must have so that they may find something. Immutable.

    A matcher of phrases needs a term that one of them begins with, one of themes a concept of its first list,
    and one of a pattern a match: all patterns are tried in one pass. Those of other types are always asked.
    """

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        by_term: defaultdict[str, list[int]] = defaultdict(list)
        by_concept: defaultdict[str, list[int]] = defaultdict(list)
        patterns: dict[int, str] = {}
        others: list[int] = []
        for number, matcher in enumerate(matchers):
            if isinstance(matcher, PhraseMatcher):
                _add(by_term, matcher.first_terms, number)
            elif isinstance(matcher, ThemesMatcher):
                _add(by_concept, matcher.groups[0], number)
            elif isinstance(matcher, PatternMatcher):
                patterns[number] = matcher.pattern
            else:
                others.append(number)
        self._by_term: Mapping[str, Sequence[int]] = dict(by_term)
        self._by_concept: Mapping[str, Sequence[int]] = dict(by_concept)
        self._pattern_numbers = tuple(patterns)
        self._patterns = PatternSet([*patterns.values()])
        self._others = others

    def numbers(self, draft: AnalyzedDraft) -> list[int]:
        """The numbers of the matchers to ask about a draft, in order."""
        found = {*self._others}
        for term in self._by_term.keys() & draft.terms:
            found.update(self._by_term[term])
        for concept in self._by_concept.keys() & draft.touched.keys():
            found.update(self._by_concept[concept])
        if self._pattern_numbers:
            matching = self._patterns.matches(draft.clean.spaced.text)
            found.update(self._pattern_numbers[place] for place in matching)
        return sorted(found)


def _add(index: defaultdict[str, list[int]], keys: Iterable[str], number: int) -> None:
    for key in keys:
        index[key].append(number)
