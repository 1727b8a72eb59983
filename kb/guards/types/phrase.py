"""The type `phrase`: words and phrases in any regular form, or as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.guards.errors import GuardError
from kb.guards.exceptions import Exceptions, overlaps_any, parse_exceptions
from kb.guards.matcher import Match
from kb.guards.quotations import quotations
from kb.search.analysis import normalize
from kb.search.phrase_table import MAX_ENTRY_WORDS, Entry, PhraseTable, entry_of
from kb.search.word_forms import candidate_forms, entry_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable

Spellings = frozenset[Entry]
"""The phrases of one lookup key, as they are written, but for case and marks."""


@dataclass(frozen=True, slots=True)
class PhraseMatcher:
    """Finds phrases in the sentences and hashtags of a draft.

    `first_terms` and `exception_terms` are those that the phrases and the exceptions begin with: most drafts
    have none of them, and are done.
    """

    table: PhraseTable[Spellings]
    first_terms: frozenset[str]
    exception_table: PhraseTable[Spellings]
    exception_terms: frozenset[str]
    exceptions: Exceptions
    exact: bool
    outside_quotes: bool

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The phrases in a draft, in the order of the text; of those that overlap, the first and longest."""
        found = set(_spans(self.table, self.first_terms, draft, exact=self.exact))
        if not found:
            return
        spans = sorted(found, key=lambda span: (span[0], -span[1]))
        excepted = self.exceptions.spans(draft)
        excepted += _spans(self.exception_table, self.exception_terms, draft)
        if self.outside_quotes:
            excepted += quotations(draft.clean)
        end = 0
        for span in spans:
            if span.start >= end and not overlaps_any(span, excepted):
                end = span.end
                yield Match(span)


def parse_phrase(parameters: Parameters, concepts: ConceptTable) -> PhraseMatcher:  # noqa: ARG001
    """Read `phrases`, `except`, `exact` and `outside_quotes`. Raises GuardError."""
    table = _table("phrases", parameters.texts("phrases", required=True))
    exception_table = _table("except", parameters.texts("except"))
    return PhraseMatcher(
        table=table,
        first_terms=table.first_terms,
        exception_table=exception_table,
        exception_terms=exception_table.first_terms,
        exceptions=parse_exceptions(parameters),
        exact=parameters.flag("exact"),
        outside_quotes=parameters.flag("outside_quotes"),
    )


def _table(name: str, phrases: tuple[str, ...]) -> PhraseTable[Spellings]:
    """The phrases by lookup key. Raises GuardError."""
    table: PhraseTable[Spellings] = PhraseTable(candidates=candidate_forms)
    for position, phrase in enumerate(phrases):
        entry = entry_of(phrase)
        if not 1 <= len(entry) <= MAX_ENTRY_WORDS:
            message = f"Write one to {MAX_ENTRY_WORDS} words. For signs and for longer texts, use a pattern."
            raise GuardError(message, f"/parameters/{name}/{position}")
        key = tuple(map(entry_form, entry))
        table.put(key, (table.get(key) or frozenset()) | {_spelling(entry)})
    return table


def _spelling(entry: Entry) -> Entry:
    return tuple(map(normalize, entry))


def _spans(
    table: PhraseTable[Spellings],
    first_terms: frozenset[str],
    draft: AnalyzedDraft,
    *,
    exact: bool = False,
) -> Iterator[Span]:
    """Where the phrases of a table stand in a draft."""
    for start, end, keys in draft.phrases(table, first_terms):
        spelling = _spelling(tuple(unit.text for unit in draft.units[start:end] if unit))
        if not exact or any(spelling in (table.get(key) or ()) for key in keys):
            yield draft.span_of(start, end)
