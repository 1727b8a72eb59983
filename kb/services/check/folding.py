"""Fold findings that say nearly the same about the same words into the most severe one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.guard import LESSON_PREFIX, GuardType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.guard import Severity
    from kb.guards.clean_text import Span
    from kb.guards.ruleset import Finding

FOLDED_TYPES = frozenset({GuardType.THEMES, GuardType.PLACEHOLDER})
"""Types whose guards report the same fault in several ways: terror and a sale, a disaster and an offer.

Phrases and patterns are not folded: a team's advice may differ even if their words overlap.
"""

_LINK_OR_MARK = frozenset({GuardType.LINK, GuardType.PLACEHOLDER})

_FOLDABLE = FOLDED_TYPES | _LINK_OR_MARK


def fold(findings: Sequence[Finding]) -> list[int | None]:
    """For each finding, return the number (from 1) of the one that it is folded into; None if it is not.

    Findings fold if they have the same type, one of FOLDED_TYPES, and their spans overlap, or if one is
    a placeholder that begins where the other's link begins. They fold into the most severe one; ties go to a
    lesson's finding, which comes with a story, then to the first. A finding that repeats a lesson's folds
    into it, whatever its type.
    """
    of_lessons = {content(each) for each in findings if is_of_lesson(each)}
    foldable = [
        number
        for number, each in enumerate(findings)
        if each.guard.type in _FOLDABLE or content(each) in of_lessons
    ]
    numbers = sorted(foldable, key=lambda number: _rank(findings[number]))
    folded_into: list[int | None] = [None] * len(findings)
    standing: list[int] = []
    for number in numbers:
        graver = next((other for other in standing if _overlap(findings[number], findings[other])), None)
        if graver is None:
            standing.append(number)
        else:
            folded_into[number] = graver + 1
    return folded_into


def content(finding: Finding) -> tuple[GuardType, Span | None, Severity]:
    """The fields by which a finding of a guard in a file and one of a lesson's guard count as the same."""
    return finding.guard.type, finding.match.span, finding.guard.severity


def is_of_lesson(finding: Finding) -> bool:
    """Whether a finding comes from a guard of a lesson."""
    return finding.guard.key.startswith(LESSON_PREFIX)


def _rank(finding: Finding) -> tuple[int, bool]:
    return finding.guard.severity.rank, not is_of_lesson(finding)


def _overlap(one: Finding, other: Finding) -> bool:
    """Whether a finding says nearly the same as another that stands."""
    if is_of_lesson(other) and not is_of_lesson(one) and content(one) == content(other):
        return True
    first, second = one.guard.type, other.guard.type
    if first == second:
        return first in FOLDED_TYPES and _share_text(one.match.span, other.match.span)
    if first in _LINK_OR_MARK and second in _LINK_OR_MARK:
        # Their ends may differ by a punctuation mark after the link.
        return bool(one.match.span and other.match.span and one.match.span.start == other.match.span.start)
    return False


def _share_text(one: Span | None, other: Span | None) -> bool:
    return one is not None and other is not None and one.start < other.end and other.start < one.end
