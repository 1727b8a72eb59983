"""A draft as guards look at it: analyzed once, whatever the number of guards."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.guards.clean_text import Span, clean
from kb.guards.invitations import invitation_forms
from kb.guards.links import Link, links_in
from kb.guards.named_days import NamedDay, named_dates, named_observances
from kb.guards.placeholders.rule_set import shipped_rules
from kb.guards.placeholders.site import Surroundings
from kb.search.phrase_table import MAX_ENTRY_WORDS
from kb.search.word_forms import candidate_forms
from kb.search.words import WORD, split_at_capitals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kb.domain.draft import Draft
    from kb.guards.invitations import Request
    from kb.search.concepts import ConceptTable
    from kb.search.phrase_table import Entry, PhraseTable

_HASHTAG = re.compile(r"(?<![\w&/])[#＃]([^\W_](?:\w*[^\W_])?)")
_SENTENCE_END = re.compile(r"[.!?…]+(?=[\s\"'”’)\]]|$)|\n+")
_MIN_GLUED_LENGTH = 7
_MAX_DIVIDED_TAGS = 500
"""How many different hashtags are divided into words, which takes time: no post has so many."""


class Word(NamedTuple):
    """A word: as it stands in the cleaned text, where it is in the text as sent, and in which sentence."""

    text: str
    span: Span
    sentence: int


class Hashtag(NamedTuple):
    """A hashtag: without its sign, its words, and where it is in the text as sent."""

    text: str
    words: tuple[str, ...]
    span: Span


class Touch(NamedTuple):
    """Where a draft touches a concept: the place, the first word by number and the one after the last, the
    sentence, the words.

    The words of hashtags are numbered after those of the text; their place is the whole hashtag. `clear`
    unless the words may mean something else.
    """

    span: Span
    word: int
    end: int
    sentence: int
    clear: bool
    text: str


class AnalyzedDraft:
    """A draft with its words, hashtags and concepts. What it has is computed when it is first asked for."""

    def __init__(self, draft: Draft, concepts: ConceptTable) -> None:
        self.draft = draft
        self.concept_table = concepts
        self.clean = clean(draft.text)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words of the text, in order; a hashtag counts as one."""
        ends = [match.end() for match in _SENTENCE_END.finditer(self.clean.text)]
        words: list[Word] = []
        sentence = 0
        for match in WORD.finditer(self.clean.text):
            while sentence < len(ends) and ends[sentence] <= match.start():
                sentence += 1
            words.append(Word(match.group(), self.clean.span(*match.span()), sentence))
        return tuple(words)

    @cached_property
    def hashtags(self) -> tuple[Hashtag, ...]:
        """The hashtags, each divided into words by its capitals, or else by what is known of words."""
        found: list[Hashtag] = []
        divided: dict[str, tuple[str, ...]] = {}
        for match in _HASHTAG.finditer(self.clean.text):
            tag = match.group(1)
            if tag not in divided:
                divided[tag] = tuple(self._parts(tag)) if len(divided) < _MAX_DIVIDED_TAGS else (tag,)
            found.append(Hashtag(tag, divided[tag], self.clean.span(*match.span())))
        return tuple(found)

    def _parts(self, tag: str) -> list[str]:
        parts = [part for piece in tag.split("_") for part in split_at_capitals(piece)]
        if len(parts) == 1 and len(tag) >= _MIN_GLUED_LENGTH:
            return self.concept_table.split(tag)
        return parts

    @cached_property
    def units(self) -> tuple[Word | None, ...]:
        """What phrases are looked for in: the words, then those of each divided hashtag.

        None stands where no phrase goes on: between sentences, before a hashtag.
        """
        units: list[Word | None] = [*self._separated_words()]
        for tag in self.hashtags:
            if len(tag.words) > 1:
                sentence = self.sentence_at(tag.span)
                units += [None, *(Word(part, tag.span, sentence) for part in tag.words)]
        return tuple(units)

    @cached_property
    def places(self) -> Mapping[str, Sequence[int]]:
        """By term, the units that may be forms of it, by number."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        for number, unit in enumerate(self.units):
            for _, term in candidate_forms(unit.text) if unit is not None else ():
                places[term].append(number)
        return dict(places)

    @cached_property
    def terms(self) -> frozenset[str]:
        """The terms that its words may be forms of: a phrase of other terms is not in the text."""
        return frozenset(self.places)

    def phrases(
        self, table: PhraseTable[Any], first_terms: frozenset[str]
    ) -> Iterator[tuple[int, int, list[Entry]]]:
        """The phrases of a table: the first unit and the one after the last of each, and its lookup keys.

        `first_terms` are those of the table: only where one stands is it looked up, as texts may be long and
        guards many.
        """
        starts = {place for term in first_terms & self.terms for place in self.places[term]}
        for start in sorted(starts):
            units = self.units[start : start + MAX_ENTRY_WORDS]
            for first, end, keys in table.spans([unit.text if unit else "" for unit in units]):
                if first:
                    break
                yield start, start + end, keys

    def span_of(self, start: int, end: int) -> Span:
        """Where units stand in the text as sent, from the first to before the last by number."""
        first, last = self.units[start], self.units[end - 1]
        assert first is not None
        assert last is not None
        return Span(first.span.start, last.span.end)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links in the cleaned text, in order."""
        return tuple(links_in(self.clean.text))

    @cached_property
    def touched(self) -> Mapping[str, tuple[Touch, ...]]:
        """By concept, where the draft touches it, in order of the text; the words of hashtags count too."""
        units = self.units
        found: defaultdict[str, list[Touch]] = defaultdict(list)
        for concept, start, end, clear in self.concept_table.hits(
            [unit.text if unit else "" for unit in units]
        ):
            first = units[start]
            assert first is not None
            span = self.span_of(start, end)
            text = " ".join(unit.text for unit in units[start:end] if unit)
            found[concept].append(Touch(span, start, end, first.sentence, clear, text))
        return {concept: tuple(sorted(touches)) for concept, touches in found.items()}

    @cached_property
    def named_days(self) -> tuple[NamedDay, ...]:
        """The dates and the observances that the text names, in order."""
        units = self.units
        days = named_dates(self.clean, self.draft.language, self.draft.audience_countries)
        for start, end, keys in named_observances([unit.text if unit else "" for unit in units]):
            days.append(NamedDay(self.span_of(start, end), keys=keys))
        return tuple(sorted(days))

    def _separated_words(self) -> Sequence[Word | None]:
        """The words, with None between sentences: no phrase crosses them."""
        separated: list[Word | None] = []
        for number, word in enumerate(self.words):
            if number and word.sentence != self.words[number - 1].sentence:
                separated.append(None)
            separated.append(word)
        return separated

    def sentence_at(self, span: Span) -> int:
        """The number of the sentence in which a part of the text begins."""
        return next((word.sentence for word in self.words if word.span.end > span.start), 0)

    @cached_property
    def requests(self) -> tuple[Request, ...]:
        """Where it asks the public for something of its own, in order of the text."""
        return tuple(invitation_forms().requests(self.clean))

    @cached_property
    def surroundings(self) -> Surroundings:
        """The cleaned text, as rules for unfinished text look at it."""
        return Surroundings(self.clean.text, bool(self.draft.links))

    @cached_property
    def unfinished(self) -> tuple[Span, ...]:
        """Where the text is unfinished by the rules for any team, in order; places may overlap."""
        sites = shipped_rules().sites(self.surroundings)
        return tuple(sorted(self.clean.span(site.start, site.end) for site in sites))

    def text_at(self, span: Span) -> str:
        """A part of the text as sent."""
        return self.draft.text[span.start : span.end]
