"""The phrases in which a guard on words finds nothing, in any form of their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.guards.clean_text import Span
from kb.guards.errors import GuardError
from kb.search.phrase_table import MAX_ENTRY_WORDS, PhraseTable, entry_of, lookup_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb.guards.analysis import AnalyzedDraft


class PhraseExceptions:
    """Phrases that take away what is found in them. Immutable."""

    def __init__(self, phrases: Iterable[str], name: str = "except") -> None:
        """Take the phrases of a parameter. Raises GuardError for one that has no word or too many."""
        self._table: PhraseTable[bool] = PhraseTable(other_suffixes=True)
        for position, phrase in enumerate(phrases):
            entry = entry_of(phrase)
            if not 1 <= len(entry) <= MAX_ENTRY_WORDS:
                message = f"{phrase!r} must have one to {MAX_ENTRY_WORDS} words."
                raise GuardError(message, f"/parameters/{name}/{position}")
            self._table.put(lookup_key(entry), True)

    def spans(self, draft: AnalyzedDraft) -> list[Span]:
        """Where the phrases are in a draft."""
        if not len(self._table):
            return []
        units = draft.units
        places = self._table.spans([unit.text if unit else "" for unit in units])
        return [
            Span(first.span.start, last.span.end)
            for start, end, _ in places
            if (first := units[start]) and (last := units[end - 1])
        ]
