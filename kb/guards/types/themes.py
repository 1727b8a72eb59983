"""The type `themes`: concepts that do not go together, such as a war and a joke, mourning and a discount."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import and_, itemgetter, or_
from typing import TYPE_CHECKING, NamedTuple

from kb.caches import text_cache
from kb.guards.clean_text import Span
from kb.guards.errors import GuardError
from kb.guards.matcher import Match
from kb.guards.opening_hours import PRODUCT, is_of_notice
from kb.guards.phrase_lists import PhraseList, overlaps_any
from kb.guards.quotations import quoted_words
from kb.messages import Message
from kb.search.phrase_table import entry_of, lookup_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.guards.analysis import AnalyzedDraft, Touch
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable

MAX_LISTS = 4
"""Maximum number of lists of concepts in a guard."""

MAX_DISTANCE = 100
"""Maximum number of words between concepts that a guard may allow."""

_SCOPES = ("sentence", "post", "distance")
_DEFAULT_DISTANCE = 10
_BESIDE = 3
"""Maximum number of words between the words of the first list and a phrase beside them."""

_MAX_KNOWN_TEXTS = 1_000
"""Number of cached lookup keys: the same few texts are compared again and again."""

_MAX_ANCHORS = 100
_MAX_NEIGHBORS = 5
"""Limits for long, repetitive texts: how many touches of the first list, and around each, are tried."""


def parse_themes(parameters: Parameters, concepts: ConceptTable) -> ThemesMatcher:
    """Read the parameters of a guard on concepts that do not go together. Raises GuardError.

    - `all_of`: lists of concepts; one of each list must be touched, each by different words. The first list
      should have the graver concepts.
    - `none_of`: concepts that suppress the finding if the draft touches them anywhere by clear words.
    - `within`: a `sentence` (the default), the whole `post`, or a `distance` of at most `distance` words.
    - `clear`: true (the default) if at least one of the concepts must be touched by unambiguous words;
      `clear_only` are concepts whose ambiguous words never count.
    - `except`: phrases in which nothing is found; `unless`: phrases that suppress all findings in a draft,
      such as those of a helpline or a collection for victims.
    - `near`: phrases of which one must be beside the words of the first list, such as `faster than`;
      `unless_near`: phrases beside which those words do not count, such as `museum`.
    """
    keys = concepts.concepts.keys()
    groups = parameters.groups("all_of", keys)
    if not groups:
        message = Message("Write at least one list of concepts: [[war, weapons], [joke]].")
        raise GuardError(message, "/parameters/all_of")
    if len(groups) > MAX_LISTS:
        message = Message(
            "There are {count} lists; at most {most} are allowed.",
            count=len(groups),
            most=MAX_LISTS,
        )
        raise GuardError(message, "/parameters/all_of")
    within = parameters.choice("within", _SCOPES, _SCOPES[0])
    distance = parameters.number("distance", _DEFAULT_DISTANCE, least=1, most=MAX_DISTANCE)
    return ThemesMatcher(
        groups=tuple(map(frozenset, groups)),
        none_of=frozenset(parameters.choices("none_of", keys)),
        clear_only=frozenset(parameters.choices("clear_only", keys)),
        within=within,
        distance=distance if within == "distance" else None,
        needs_clear=parameters.flag("clear", default=True),
        exceptions=PhraseList(parameters.texts("except")),
        unless=PhraseList(parameters.texts("unless"), "unless"),
        near=PhraseList(near, "near") if (near := parameters.texts("near")) else None,
        unless_near=PhraseList(parameters.texts("unless_near"), "unless_near"),
    )


class _Combination(NamedTuple):
    """One touch of each group, in group order, whether they are in several sentences, and the length of the
    text from the first to the last word.

    `span` is that text; across sentences, it is the touch of the first group.
    """

    is_split: bool
    length: int
    touches: tuple[Touch, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ThemesMatcher:
    """Finds where a draft touches a concept of each group."""

    groups: tuple[frozenset[str], ...]
    none_of: frozenset[str]
    clear_only: frozenset[str]
    within: str
    distance: int | None
    needs_clear: bool
    exceptions: PhraseList
    unless: PhraseList
    near: PhraseList | None
    unless_near: PhraseList

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The closest combinations, which do not overlap: one per sentence, or one per post.

        `{words}` in a message are the words that touch the concepts, each in quotation marks.
        """
        if any(group.isdisjoint(draft.touched) for group in self.groups):
            return
        combinations = sorted(self._combinations(draft), key=itemgetter(0, 1))
        if not combinations or self._is_excluded(draft):
            return
        for combination in sorted(self._separate(combinations), key=lambda each: each.span):
            words = [_as_sent(touch, draft) for touch in sorted(combination.touches)]
            yield Match(combination.span, {"words": quoted_words(words)})

    def _is_excluded(self, draft: AnalyzedDraft) -> bool:
        touches = (touch for concept in self.none_of for touch in draft.touched.get(concept, ()))
        return any(touch.clear for touch in touches) or bool(self.unless.spans(draft))

    def _separate(self, combinations: Iterable[_Combination]) -> list[_Combination]:
        """Drop combinations that overlap an earlier one, and all but one per sentence or post."""
        separate: list[_Combination] = []
        spans: list[Span] = []
        sentences: set[int] = set()
        for combination in combinations:
            sentence = combination.touches[0].sentence
            if overlaps_any(combination.span, spans):
                continue
            if self.within == "sentence" and sentence in sentences:
                continue
            separate.append(combination)
            spans.append(combination.span)
            sentences.add(sentence)
            if self.within == "post":
                break
        return separate

    def _combinations(self, draft: AnalyzedDraft) -> Iterator[_Combination]:
        """For each touch of the first group, the combination with the nearest ones of the other groups."""
        sentences: int | None = None
        if self.within == "sentence":
            masks = draft.once(_sentence_masks)
            sentences = reduce(and_, (_joint_mask(masks, group) for group in self.groups))
            if not sentences:
                return
        elif self.distance is not None and not self._come_near(draft, self.distance):
            return
        groups = [self._touches(draft, group, sentences) for group in self.groups]
        found = self._by_anchor(groups, draft)
        if not found and len(groups[0]) <= _MAX_ANCHORS and max(map(len, groups)) <= _MAX_NEIGHBORS:
            return  # as in most texts: skip the search for exceptions
        if exceptions := self.exceptions.spans(draft):
            groups = [
                [touch for touch in group if not overlaps_any(touch.span, exceptions)] for group in groups
            ]
            found = self._by_anchor(groups, draft)
        for touches in map(found.__getitem__, self._anchors([*found], draft)):
            cover = _cover(touches)
            is_split = len({touch.sentence for touch in touches}) > 1
            span = touches[0].span if is_split else cover
            yield _Combination(is_split, cover.end - cover.start, touches, span)

    def _by_anchor(
        self, groups: Sequence[Sequence[Touch]], draft: AnalyzedDraft
    ) -> dict[Touch, tuple[Touch, ...]]:
        """For each touch of the first group that has any, the combination with the nearest other touches."""
        extended = (
            next(self._extended((anchor,), groups[1:], draft), None) for anchor in groups[0][:_MAX_ANCHORS]
        )
        return {touches[0]: touches for touches in extended if touches is not None}

    def _come_near(self, draft: AnalyzedDraft, distance: int) -> bool:
        """Prefilter: whether words of each further list are near words of the first, as in few texts."""
        masks = draft.once(_word_masks)
        first, *others = (_joint_mask(masks, group) for group in self.groups)
        after = _after(first, distance)
        return all(after & other or _after(other, distance) & first for other in others)

    def _anchors(self, touches: list[Touch], draft: AnalyzedDraft) -> list[Touch]:
        """The touches next to a phrase of `near`, and not next to one of `unless_near`."""
        if not touches:  # as in nearly all texts: skip the search for phrases
            return touches
        excusing = self.unless_near.spans(draft)
        required = None if self.near is None else self.near.spans(draft)
        if not excusing and required is None:
            return touches
        return [
            touch
            for touch in touches
            if not _is_beside(touch, excusing, draft)
            and (required is None or _is_beside(touch, required, draft))
        ]

    def _touches(self, draft: AnalyzedDraft, group: frozenset[str], sentences: int | None) -> list[Touch]:
        """The touches of a list of concepts, in order, in all sentences or in the sentences of a bit mask."""
        if sentences is None:
            return draft.once(_sorted_touches, group, group & self.clear_only)
        return _sorted_touches(draft, group, group & self.clear_only, sentences)

    def _extended(
        self, touches: tuple[Touch, ...], groups: Sequence[Sequence[Touch]], draft: AnalyzedDraft
    ) -> Iterator[tuple[Touch, ...]]:
        """Combinations that extend some touches by one of each further group."""
        if not groups:
            if not self.needs_clear or any(touch.clear for touch in touches):
                yield touches
            return
        for touch in self._nearest(groups[0], touches[0], draft):
            if all(self._goes_with(touch, other, draft) for other in touches):
                yield from self._extended((*touches, touch), groups[1:], draft)

    def _nearest(self, touches: Sequence[Touch], anchor: Touch, draft: AnalyzedDraft) -> list[Touch]:
        """The touches that are near enough to an anchor, nearest first."""
        index = bisect_left(touches, anchor)
        around = [
            touch
            for touch in touches[max(0, index - _MAX_NEIGHBORS) : index + _MAX_NEIGHBORS]
            if self._is_near(touch, anchor, draft)
        ]
        return sorted(around, key=lambda touch: _gap(touch.span, anchor.span))

    def _is_near(self, touch: Touch, other: Touch, draft: AnalyzedDraft) -> bool:
        if self.within == "sentence":
            return touch.sentence == other.sentence
        return self.distance is None or _gap_in_words(touch, other, draft) <= self.distance

    def _goes_with(self, touch: Touch, other: Touch, draft: AnalyzedDraft) -> bool:
        """Whether a touch is near enough to another one, and independent of it: made of other words."""
        is_apart = touch.word >= other.end or other.word >= touch.end
        return is_apart and self._is_near(touch, other, draft) and _key(touch.text) != _key(other.text)


def _sorted_touches(
    draft: AnalyzedDraft, concepts: frozenset[str], clear_only: frozenset[str], sentences: int | None = None
) -> list[Touch]:
    """Where a draft touches any of the concepts, in order; concepts of `clear_only` only by clear words.

    A product in a notice of opening hours does not count, unless the notice sells.
    """
    lists = [
        _touches_of(draft, concept, clear_only=concept in clear_only, sentences=sentences)
        for concept in concepts & draft.touched.keys()
    ]
    return [*lists[0]] if len(lists) == 1 else sorted({*chain.from_iterable(lists)})


def _touches_of(
    draft: AnalyzedDraft, concept: str, *, clear_only: bool, sentences: int | None
) -> Sequence[Touch]:
    touches: Sequence[Touch] = draft.touched[concept]
    if sentences is not None:
        touches = [touch for touch in touches if sentences >> touch.sentence & 1]
    if clear_only:
        touches = [touch for touch in touches if touch.clear]
    if concept == PRODUCT:
        touches = [touch for touch in touches if not is_of_notice(touch, draft)]
    return touches


def _sentence_masks(draft: AnalyzedDraft) -> dict[str, int]:
    """For each concept, the sentences of a draft that touch it, as a bit mask."""
    return {
        concept: reduce(or_, (1 << touch.sentence for touch in touches))
        for concept, touches in draft.touched.items()
    }


def _word_masks(draft: AnalyzedDraft) -> dict[str, int]:
    """For each concept, the words of a draft that touch it, as a bit mask."""
    numbers, masks = draft.units.numbers, {}
    for concept, touches in draft.touched.items():
        mask = 0
        for touch in touches:
            mask |= (2 << numbers[touch.end - 1]) - (1 << numbers[touch.word])
        masks[concept] = mask
    return masks


def _joint_mask(masks: Mapping[str, int], group: frozenset[str]) -> int:
    """The union of the masks of some concepts."""
    return reduce(or_, (masks[concept] for concept in group & masks.keys()), 0)


def _after(mask: int, distance: int) -> int:
    """The words of a mask, and those that follow with at most `distance` words between."""
    reach = 0
    while reach <= distance:
        step = min(reach + 1, distance + 1 - reach)
        mask |= mask << step
        reach += step
    return mask


def _as_sent(touch: Touch, draft: AnalyzedDraft) -> str:
    """The words of a touch as sent, but hashtags split into words: `9/11`, but `Air Strike`."""
    sent = draft.text_at(touch.span)
    return touch.text if "#" in sent or "＃" in sent else sent


def _gap(one: Span, other: Span) -> int:
    return max(one.start - other.end, other.start - one.end, 0)


def _is_beside(touch: Touch, spans: list[Span], draft: AnalyzedDraft) -> bool:
    """Whether one of the sorted spans is beside a touch."""
    index = bisect_left(spans, touch.span)
    around = spans[max(0, index - _MAX_NEIGHBORS) : index + _MAX_NEIGHBORS]
    return any(_words_between(touch.span, span, draft) <= _BESIDE for span in around)


def _gap_in_words(one: Touch, other: Touch, draft: AnalyzedDraft) -> int:
    """The number of words between two touches; negative if they overlap."""
    numbers = draft.units.numbers
    return (
        max(
            numbers[one.word] - numbers[other.end - 1],
            numbers[other.word] - numbers[one.end - 1],
        )
        - 1
    )


def _words_between(one: Span, other: Span, draft: AnalyzedDraft) -> int:
    first, last = (one, other) if one <= other else (other, one)
    starts = draft.words.starts
    return bisect_left(starts, last.start) - bisect_left(starts, first.end)


@text_cache(_MAX_KNOWN_TEXTS)
def _key(text: str) -> tuple[str, ...]:
    """A key shared by the repetitions of a touch's words, in any form."""
    return lookup_key(entry_of(text))


def _cover(touches: Iterable[Touch]) -> Span:
    spans = [touch.span for touch in touches]
    return Span(min(span.start for span in spans), max(span.end for span in spans))
