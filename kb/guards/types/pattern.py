"""The type `pattern`: a regular expression (RE2) over the words and signs of a draft.

The text that it matches is in lower case, with single spaces around each word and each run of one sign, also
at both ends: ` buy 2 , get 1 ! `. So ` sale ` matches the whole word, in Hebrew as well. Case is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.guards.matcher import Match
from kb.guards.patterns.pattern_set import MAX_PATTERN_LENGTH, compile_pattern
from kb.guards.phrase_lists import ExpressionList, PhraseList, excepted_expressions, overlaps_any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import re2

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable


@dataclass(frozen=True, slots=True)
class PatternMatcher:
    """Finds the matches of a pattern, without the spaces at their ends."""

    compiled: re2._Regexp
    exceptions: ExpressionList
    unless: PhraseList

    @property
    def pattern(self) -> str:
        """The pattern as written."""
        pattern: str = self.compiled.pattern
        return pattern

    @property
    def is_anchored(self) -> bool:
        """Whether it may be anchored to the start or end of a text. An escaped `^` or `$` counts, too."""
        return any(anchor in self.pattern.replace("[^", "[") for anchor in ("^", "$", r"\A", r"\z"))

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The matches in a draft, in text order."""
        text = draft.clean.spaced
        excepted: list[Span] | None = None
        for match in self.compiled.finditer(text.text):
            found = match.group()
            start = match.start() + len(found) - len(found.lstrip())
            end = match.start() + len(found.rstrip())
            if start >= end:
                continue
            if excepted is None:
                if self.unless.spans(draft):
                    return
                excepted = self.exceptions.spans(draft)
            span = text.span(start, end)
            if not overlaps_any(span, excepted):
                yield Match(span)


def parse_pattern(parameters: Parameters, concepts: ConceptTable) -> PatternMatcher:  # noqa: ARG001
    """Read `pattern`, `except`, and `unless`: phrases that suppress all findings. Raises GuardError."""
    pattern = parameters.text("pattern", most=MAX_PATTERN_LENGTH)
    return PatternMatcher(
        compile_pattern(pattern),
        excepted_expressions(parameters),
        PhraseList(parameters.texts("unless"), "unless"),
    )
