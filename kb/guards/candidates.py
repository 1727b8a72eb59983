"""Select the guards of a ruleset that may find something in a draft; the others do not run."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from kb.guards.patterns.pattern_set import PatternSet
from kb.guards.types.approval import ApprovalMatcher
from kb.guards.types.date import DateMatcher
from kb.guards.types.hashtag import HashtagMatcher
from kb.guards.types.link import LinkMatcher
from kb.guards.types.open_invitation import OpenInvitationMatcher
from kb.guards.types.pattern import PatternMatcher
from kb.guards.types.phrase import PhraseMatcher
from kb.guards.types.placeholder import PlaceholderMatcher
from kb.guards.types.themes import ThemesMatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.matcher import Matcher
    from kb.search.phrase_table import Beginnings

Number = int
"""The position of a matcher in its ruleset."""


_MAX_PATTERN_SETS = 4
"""How many sets of patterns are kept for further rulesets. Each takes a tenth of a second to compile."""


class CandidateIndex:
    """An index of matchers by what a draft must have for them to find something. Immutable.

    A phrase matcher needs the first two words of a phrase; a themes matcher a concept of its first list; a
    date or approval matcher one of its concepts, if it has any; a pattern the literals of a match. One pass
    over the draft finds all of these. Matchers of hashtags, links or requests need at least one of them.
    """

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        self._beginnings = _Beginnings()
        self._by_concept: defaultdict[str, list[Number]] = defaultdict(list)
        self._by_mark: defaultdict[str, list[Number]] = defaultdict(list)
        self._by_need: defaultdict[Callable[[AnalyzedDraft], bool], list[Number]] = defaultdict(list)
        self._others: list[Number] = []
        patterns: dict[Number, str] = {}
        for number, matcher in enumerate(matchers):
            match matcher:
                case PhraseMatcher():
                    self._beginnings.add(matcher.beginnings, number)
                case PatternMatcher():
                    patterns[number] = matcher.pattern
                case ThemesMatcher():
                    _add(self._by_concept, matcher.groups[0], number)
                case DateMatcher() | ApprovalMatcher() if matcher.concepts:
                    _add(self._by_concept, matcher.concepts, number)
                case PlaceholderMatcher() if not matcher.reads_sentences:
                    self._by_need[_is_unfinished].append(number)
                    _add(self._by_mark, matcher.marks, number)
                case HashtagMatcher():
                    self._by_need[_has_hashtags].append(number)
                case OpenInvitationMatcher() if not matcher.reads_sentences:
                    self._by_need[_has_requests].append(number)
                case LinkMatcher() if matcher.needs_link:
                    self._by_need[_has_links].append(number)
                case _:
                    self._others.append(number)
        self._pattern_numbers = tuple(patterns)
        self._patterns = _pattern_set(tuple(patterns.values()))

    def numbers(self, draft: AnalyzedDraft) -> list[Number]:
        """The numbers of the matchers to run on a draft, in order."""
        found = {*self._others, *self._beginnings.numbers(draft)}
        draft.pause()
        for concept in self._by_concept.keys() & draft.touched.keys():
            found.update(self._by_concept[concept])
        draft.pause()
        for mark, numbers in self._by_mark.items():
            if mark in draft.clean.lower:
                found.update(numbers)
        for has_need, numbers in self._by_need.items():
            if has_need(draft):
                found.update(numbers)
            draft.pause()
        if self._pattern_numbers:
            matching = self._patterns.candidates(draft.clean.spaced.text)
            found.update(self._pattern_numbers[index] for index in matching)
        return sorted(found)


@lru_cache(maxsize=_MAX_PATTERN_SETS)
def _pattern_set(patterns: tuple[str, ...]) -> PatternSet:
    """Compile patterns together, once for rulesets with the same ones: most changes are of other guards."""
    return PatternSet(patterns)


class _Beginnings:
    """An index of matchers by the first two terms of their phrases."""

    def __init__(self) -> None:
        self._single: defaultdict[str, set[Number]] = defaultdict(set)
        self._double: defaultdict[str, defaultdict[str, set[Number]]] = defaultdict(lambda: defaultdict(set))

    def add(self, beginnings: Beginnings, number: Number) -> None:
        """Add a number under the beginnings of its phrases."""
        for first, seconds in beginnings.items():
            if seconds is None:
                self._single[first].add(number)
            else:
                for second in seconds:
                    self._double[first][second].add(number)

    def numbers(self, draft: AnalyzedDraft) -> Iterator[Number]:
        """The numbers of matchers whose phrases may begin in a draft, with repetitions."""
        occurrences, following = draft.occurrences, draft.following
        for term in self._single.keys() & occurrences.keys():
            yield from self._single[term]
        for term in self._double.keys() & occurrences.keys():
            seconds = self._double[term]
            for unit in occurrences[term]:
                for second in following[unit]:
                    yield from seconds.get(second, ())


def _add(index: defaultdict[str, list[Number]], keys: Iterable[str], number: Number) -> None:
    for key in keys:
        index[key].append(number)


def _is_unfinished(draft: AnalyzedDraft) -> bool:
    return bool(draft.unfinished)


def _has_hashtags(draft: AnalyzedDraft) -> bool:
    return bool(draft.hashtags)


def _has_links(draft: AnalyzedDraft) -> bool:
    return bool(draft.links or draft.draft.links)


def _has_requests(draft: AnalyzedDraft) -> bool:
    return bool(draft.requests)
