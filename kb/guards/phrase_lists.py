"""Expressions and phrases in the parameters of guards, which allow, require or suppress findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.guards.clean_text import Span, clean
from kb.guards.errors import GuardError
from kb.messages import Message
from kb.search.phrase_table import MAX_ENTRY_WORDS, PhraseTable, beginnings_of, entry_of
from kb.search.word_forms import candidate_forms, entry_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.parameters import Parameters
    from kb.search.phrase_table import Entry


@dataclass(frozen=True, slots=True)
class ExpressionList:
    """Expressions including their signs, in any case and spacing: `TK Maxx`, `{{ name }}`."""

    expressions: tuple[str, ...] = ()

    def spans(self, draft: AnalyzedDraft) -> list[Span]:
        """Where the expressions occur in a draft."""
        if not self.expressions:
            return []
        text = draft.clean.spaced
        return [
            text.span(start + 1, start + len(expression) - 1)
            for expression in self.expressions
            for start in _occurrences(expression, text.text)
        ]


class PhraseList:
    """Phrases in any regular form of their words. Immutable."""

    def __init__(self, phrases: Iterable[str], name: str = "except") -> None:
        """Take the phrases of the parameter `name`. Raises GuardError (`phrase_entries`)."""
        self._table: PhraseTable[bool] = PhraseTable(candidates=candidate_forms)
        keys = [tuple(map(entry_form, entry)) for entry in phrase_entries(phrases, name)]
        for key in keys:
            self._table.put(key, True)
        self._beginnings = beginnings_of(keys)

    def spans(self, draft: AnalyzedDraft) -> list[Span]:
        """Where the phrases occur in a draft."""
        if not self._beginnings:  # as in most guards
            return []
        return [draft.span_of(start, end) for start, end, _ in draft.phrases(self._table, self._beginnings)]


def phrase_entries(phrases: Iterable[str], name: str) -> Iterator[Entry]:
    """The words of each phrase of the parameter `name`. Raises GuardError for a phrase with no words, or with
    more than MAX_ENTRY_WORDS."""
    for position, phrase in enumerate(phrases):
        entry = entry_of(phrase)
        if not 1 <= len(entry) <= MAX_ENTRY_WORDS:
            message = Message(
                "{phrase!r} must have one to {most} words. For others, use a pattern.",
                phrase=phrase,
                most=MAX_ENTRY_WORDS,
            )
            raise GuardError(message, f"/parameters/{name}/{position}")
        yield entry


def excepted_expressions(parameters: Parameters) -> ExpressionList:
    """Read the expressions under `except`, whose matches do not count. Raises GuardError."""
    return ExpressionList(tuple(clean(text).spaced.text for text in parameters.texts("except")))


def overlaps_any(span: Span, others: list[Span]) -> bool:
    """Whether a span overlaps any of the others."""
    return any(span.start < other.end and other.start < span.end for other in others)


def _occurrences(expression: str, text: str) -> Iterator[int]:
    start = text.find(expression)
    while start >= 0:
        yield start
        start = text.find(expression, start + 1)
