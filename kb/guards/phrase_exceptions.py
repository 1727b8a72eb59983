"""The phrases in which a guard on words finds nothing, in any form of their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.guards.clean_text import Span
from kb.guards.errors import GuardError
from kb.search.phrase_table import MAX_ENTRY_WORDS, PhraseTable, entry_of
from kb.search.word_forms import candidate_forms, entry_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.guards.analysis import AnalyzedDraft


class PhraseExceptions:
    """Phrases that take away what is found in them. Immutable."""

    def __init__(self, phrases: Iterable[str], name: str = "except") -> None:
        """Take the phrases of a parameter. Raises GuardError for one that has no word or too many."""
        self._table: PhraseTable[bool] = PhraseTable(candidates=candidate_forms)
        for position, phrase in enumerate(phrases):
            entry = entry_of(phrase)
            if not 1 <= len(entry) <= MAX_ENTRY_WORDS:
                message = f"{phrase!r} must have one to {MAX_ENTRY_WORDS} words."
                raise GuardError(message, f"/parameters/{name}/{position}")
            self._table.put(tuple(map(entry_form, entry)), True)
        self._first_terms = self._table.first_terms

    def spans(self, draft: AnalyzedDraft) -> list[Span]:
        """Where the phrases are in a draft."""
        starts = {place for term in self._first_terms & draft.terms for place in draft.places[term]}
        return [span for start in sorted(starts) for span in self._spans_at(start, draft)]

    def _spans_at(self, start: int, draft: AnalyzedDraft) -> Iterator[Span]:
        """The phrases that begin with a word."""
        units = draft.units[start : start + MAX_ENTRY_WORDS]
        for first, end, _ in self._table.spans([unit.text if unit else "" for unit in units]):
            if first == 0 and (begin := units[0]) and (last := units[end - 1]):
                yield Span(begin.span.start, last.span.end)
