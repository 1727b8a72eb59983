"""The phrases in which a guard on words finds nothing, in any form of their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.guards.errors import GuardError
from kb.search.phrase_table import MAX_ENTRY_WORDS, PhraseTable, entry_of
from kb.search.word_forms import candidate_forms, entry_form

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span


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
        return [draft.span_of(start, end) for start, end, _ in draft.phrases(self._table, self._first_terms)]
