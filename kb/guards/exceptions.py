"""Exceptions of a guard: expressions in which it finds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.guards.clean_text import Span, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Expressions with their signs, in any case and spacing: `TK Maxx`, `{{ name }}`."""

    expressions: tuple[str, ...] = ()

    def spans(self, draft: AnalyzedDraft) -> list[Span]:
        """Where they stand in a draft."""
        if not self.expressions:
            return []
        text = draft.clean.spaced
        return [
            text.span(start + 1, start + len(expression) - 1)
            for expression in self.expressions
            for start in _places(expression, text.text)
        ]


def parse_exceptions(parameters: Parameters) -> Exceptions:
    """The exceptions under `except`. Raises GuardError."""
    return Exceptions(tuple(clean(text).spaced.text for text in parameters.texts("except")))


def overlaps_any(span: Span, others: list[Span]) -> bool:
    """Whether a part of a text has a character in common with one of some others."""
    return any(span.start < other.end and other.start < span.end for other in others)


def _places(expression: str, text: str) -> Iterator[int]:
    start = text.find(expression)
    while start >= 0:
        yield start
        start = text.find(expression, start + 1)
