"""The type `phrase`: words and phrases, in any regular inflection or exactly as written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.guards.matcher import Match
from kb.guards.phrase_lists import (
    ExpressionList,
    PhraseList,
    excepted_expressions,
    overlaps_any,
    phrase_entries,
)
from kb.guards.quotations import quotations
from kb.search.analysis import normalize
from kb.search.phrase_table import Beginnings, Entry, PhraseTable, beginnings_of
from kb.search.word_forms import candidate_forms, entry_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable

Spellings = frozenset[Entry]
"""The phrases with one lookup key, as written except for case and marks."""


@dataclass(frozen=True, slots=True)
class PhraseMatcher:
    """Finds phrases in the sentences and hashtags of a draft. `beginnings` is a prefilter for `table`."""

    table: PhraseTable[Spellings]
    beginnings: Beginnings
    exceptions: ExpressionList
    phrase_exceptions: PhraseList
    unless: PhraseList
    exact: bool
    outside_quotes: bool

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The phrases in a draft, in text order; of overlapping ones, the first and longest."""
        found = set(self._spans(draft))
        if not found or self.unless.spans(draft):
            return
        spans = sorted(found, key=lambda span: (span[0], -span[1]))
        excepted = self.exceptions.spans(draft) + self.phrase_exceptions.spans(draft)
        if self.outside_quotes:
            excepted += quotations(draft.clean)
        end = 0
        for span in spans:
            if span.start >= end and not overlaps_any(span, excepted):
                end = span.end
                yield Match(span)

    def _spans(self, draft: AnalyzedDraft) -> Iterator[Span]:
        """Where the phrases occur in a draft."""
        for start, end, keys in draft.phrases(self.table, self.beginnings):
            spelling = _spelling(tuple(draft.unit_texts[start:end]))
            if not self.exact or any(spelling in (self.table.get(key) or ()) for key in keys):
                yield draft.span_of(start, end)


def parse_phrase(parameters: Parameters, concepts: ConceptTable) -> PhraseMatcher:  # noqa: ARG001
    """Read the parameters of a guard on phrases. Raises GuardError.

    - `phrases`: what it finds, in any regular form, or `exact`ly as written.
    - `except`: longer phrases in which nothing is found; `unless`: phrases that suppress all findings in a
      draft, such as those with which it rejects or dates what it cites.
    - `outside_quotes`: true if nothing is found within quotation marks.
    """
    phrases = _spellings(parameters.texts("phrases", required=True))
    table: PhraseTable[Spellings] = PhraseTable(candidates=candidate_forms)
    for key, spellings in phrases.items():
        table.put(key, spellings)
    return PhraseMatcher(
        table=table,
        beginnings=beginnings_of(phrases),
        exceptions=excepted_expressions(parameters),
        phrase_exceptions=PhraseList(parameters.texts("except")),
        unless=PhraseList(parameters.texts("unless"), "unless"),
        exact=parameters.flag("exact"),
        outside_quotes=parameters.flag("outside_quotes"),
    )


def _spellings(phrases: tuple[str, ...]) -> dict[Entry, Spellings]:
    """Group phrases by lookup key. Raises GuardError."""
    spellings: dict[Entry, Spellings] = {}
    for entry in phrase_entries(phrases, "phrases"):
        key = tuple(map(entry_form, entry))
        spellings[key] = spellings.get(key, frozenset()) | {_spelling(entry)}
    return spellings


def _spelling(entry: Entry) -> Entry:
    return tuple(map(normalize, entry))
