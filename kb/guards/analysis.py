"""The analysis of a draft that all guards share, however many there are."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, TypeVarTuple

from kb.caches import word_cache
from kb.guards.clean_text import Span, clean
from kb.guards.days.named_days import NamedDay, named_dates
from kb.guards.days.named_observances import named_observances
from kb.guards.days.numbered_dates import is_number_pair, is_other_pair
from kb.guards.denials import DENIABLE, is_denied, may_deny
from kb.guards.draft_words import draft_words, phrase_units
from kb.guards.invitations import asks, invitation_forms, question_tag
from kb.guards.links import Link, links_in
from kb.guards.placeholders.broken_ends import broken_ends
from kb.guards.placeholders.mistyped_words import mistyped_words
from kb.guards.placeholders.mixed_businesses import another_business
from kb.guards.placeholders.mixed_languages import untranslated_paragraphs, untranslated_sentences
from kb.guards.placeholders.repetitions import repeated_parts
from kb.guards.placeholders.rows_of_signs import cut_to, enclosures
from kb.guards.placeholders.rule_set import shipped_rules
from kb.guards.placeholders.site import Surroundings
from kb.pauses import no_pause
from kb.search.word_forms import candidate_forms
from kb.search.words import split_at_capitals

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from kb.domain.draft import Draft
    from kb.guards.draft_words import DraftWords
    from kb.guards.invitations import Request
    from kb.guards.placeholders.rule_set import Sites
    from kb.guards.placeholders.site import Site
    from kb.pauses import Pause
    from kb.search.concepts import ConceptTable
    from kb.search.phrase_table import Beginnings, Entry, PhraseTable

_Value = TypeVar("_Value")
_Others = TypeVarTuple("_Others")

_HASHTAG = re.compile(r"[#＃](?<![\w&/].)([^\W_](?:\w*[^\W_])?)")
"""Begins with a class of characters, so the search skips all other positions quickly."""

_MIN_GLUED_LENGTH = 7
_MAX_DIVIDED_TAGS = 500
"""Maximum number of distinct hashtags split into words, which is slow: no post has so many."""


class Hashtag(NamedTuple):
    """A hashtag without its sign, its words, and its span in the text as sent."""

    text: str
    words: tuple[str, ...]
    span: Span


class Touch(NamedTuple):
    """Words of a draft that touch a concept: their span, first word, end (exclusive), sentence and text.

    Words of hashtags are numbered after the words of the text, and their span is the whole hashtag. `clear`
    is true unless the words may mean something else.
    """

    span: Span
    word: int
    end: int
    sentence: int
    clear: bool
    text: str


class AnalyzedDraft:
    """A draft with its words, hashtags and concepts, each computed on first access.

    `pause` is called between the parts of its check; whoever checks a long draft for a request sets it.
    """

    def __init__(self, draft: Draft, concepts: ConceptTable) -> None:
        self.draft = draft
        self.concept_table = concepts
        self.clean = clean(draft.text)
        self.pause: Pause = no_pause

    @cached_property
    def words(self) -> DraftWords:
        """The words of the text, in order; a hashtag counts as one."""
        return draft_words(self.clean)

    @cached_property
    def hashtags(self) -> tuple[Hashtag, ...]:
        """The hashtags, each split into words at its capitals, or else with the help of known words."""
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
    def tag_pieces(self) -> tuple[tuple[Span, str], ...]:
        """The pieces of hashtags between underscores and capitals, each with the span of its tag."""
        return tuple(
            (tag.span, piece)
            for tag in self.hashtags
            for part in tag.text.split("_")
            for piece in split_at_capitals(part)
        )

    @cached_property
    def units(self) -> DraftWords:
        """The units in which phrases are matched: the words, then the words of hashtags that have several."""
        return phrase_units(
            self.words, ((tag.span, tag.words) for tag in self.hashtags if len(tag.words) > 1)
        )

    @cached_property
    def unit_texts(self) -> Sequence[str]:
        """The texts of the units, as in the cleaned text; empty for separators."""
        return self.units.texts

    @cached_property
    def forms(self) -> Sequence[tuple[str, ...]]:
        """For each unit, the terms that it may be a form of."""
        return [*map(_terms, self.unit_texts)]

    @cached_property
    def following(self) -> Sequence[tuple[str, ...]]:
        """For each unit, the terms that the next one may be a form of."""
        return (*self.forms[1:], ())

    @cached_property
    def occurrences(self) -> Mapping[str, Sequence[int]]:
        """For each term, the numbers of the units that may be forms of it, unordered."""
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(self.unit_texts):
            numbers[text].append(number)
        occurrences: dict[str, list[int]] = {}
        own: set[str] = set()  # terms with a list of their own; other terms share the list of a text
        for text, found in numbers.items():
            for term in _terms(text):
                others = occurrences.setdefault(term, found)
                if term in own:
                    others += found
                elif others is not found:
                    occurrences[term] = others + found
                    own.add(term)
        return occurrences

    def phrases(
        self, table: PhraseTable[Any], beginnings: Beginnings
    ) -> Iterator[tuple[int, int, list[Entry]]]:
        """The phrases of a table, each with its first unit, the unit after its last, and its lookup keys.

        Since there are many guards, phrases are looked up only where one of the table's `beginnings` occurs.
        """
        return table.spans(self.unit_texts, self._starts(beginnings))

    def _starts(self, beginnings: Beginnings) -> list[int]:
        """The numbers of the units at which phrases with these beginnings may begin, in order."""
        occurrences, following = self.occurrences, self.following
        starts: set[int] = set()
        for term in beginnings.keys() & occurrences.keys():
            seconds = beginnings[term]
            if seconds is None:
                starts.update(occurrences[term])
            else:
                # A comprehension takes less time than a generator: there are few occurrences.
                starts.update([unit for unit in occurrences[term] if not seconds.isdisjoint(following[unit])])
        return sorted(starts)

    def span_of(self, start: int, end: int) -> Span:
        """The span in the text as sent of the units from `start` up to, not including, `end`."""
        return Span(self.units.starts[start], self.units.ends[end - 1])

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links in the cleaned text, in order."""
        return tuple(links_in(self.clean.text))

    @cached_property
    def touched(self) -> Mapping[str, tuple[Touch, ...]]:
        """For each concept, where the draft touches it, in text order, including words of hashtags.

        Words that the text denies do not touch a light concept: "no sales today".
        """
        units, concepts = self.units, self.concept_table.concepts
        found: defaultdict[str, list[Touch]] = defaultdict(list)
        known: dict[tuple[int, int], tuple[Span, int, str, bool]] = {}  # several concepts may share words
        starts = self._starts(self.concept_table.beginnings)
        for concept, start, end, clear in self.concept_table.hits(self.unit_texts, starts):
            if (start, end) not in known:
                text, span = " ".join(units.texts[start:end]), self.span_of(start, end)
                is_other = is_number_pair(text) and is_other_pair(self.draft.text, span)
                known[start, end] = span, units.sentences[start], text, is_other
            span, sentence, text, is_other = known[start, end]
            if not (is_other and concepts[concept].risky):
                found[concept].append(Touch(span, start, end, sentence, clear, text))
        if not found.keys().isdisjoint(DENIABLE) and may_deny(self.draft.text):
            self._remove_denied(found)
        return {concept: tuple(sorted(touches)) for concept, touches in found.items()}

    def _remove_denied(self, found: dict[str, list[Touch]]) -> None:
        for concept in DENIABLE & found.keys():
            affirmed = [touch for touch in found[concept] if not is_denied(touch.span, self.draft.text)]
            if affirmed:
                found[concept] = affirmed
            else:
                del found[concept]

    @cached_property
    def concept_weights(self) -> Mapping[str, float]:
        """The weight of each concept that the draft touches."""
        touches = {concept: [touch.clear for touch in found] for concept, found in self.touched.items()}
        return self.concept_table.weigh(touches)

    @cached_property
    def _found(self) -> dict[Hashable, Any]:
        return {}

    def once(self, find: Callable[[AnalyzedDraft, *_Others], _Value], *others: *_Others) -> _Value:
        """Memoize the result of a function of the draft and some hashable arguments, for all guards."""
        found, key = self._found, (find, *others)
        if key not in found:
            found[key] = find(self, *others)
        value: _Value = found[key]
        return value

    @cached_property
    def named_days(self) -> tuple[NamedDay, ...]:
        """The dates and the observances that the text names, in order."""
        days = named_dates(self.clean, self.draft.language, self.draft.audience_countries)
        for start, end, keys in named_observances(self.unit_texts):
            days.append(NamedDay(self.span_of(start, end), keys=keys))
        return tuple(sorted(days))

    def sentence_at(self, span: Span) -> int:
        """The number of the sentence in which a part of the text begins."""
        return self.words.sentence_at(span.start)

    @cached_property
    def requests(self) -> tuple[Request, ...]:
        """Requests to the public for its own content, in text order."""
        requests = [
            *invitation_forms().requests(self.clean),
            *(question_tag(tag.span, self.sentence_at(tag.span)) for tag in self.hashtags if asks(tag.words)),
        ]
        return tuple(sorted(requests))

    @cached_property
    def surroundings(self) -> Surroundings:
        """The cleaned text, as seen by the rules for unfinished text."""
        return Surroundings(self.clean.text, bool(self.draft.links))

    @cached_property
    def unfinished(self) -> tuple[Span, ...]:
        """Where the text is unfinished by the shipped rules, in order; spans may overlap."""
        return self._spans(chain(_parts_of(self._sites.unfinished), mistyped_words(self.clean.text)))

    @cached_property
    def slips(self) -> tuple[Span, ...]:
        """Where the text may be unfinished: repetitions, truncated ends and other slips, in order."""
        text = self.clean.text
        of_text = chain(
            repeated_parts(text),
            broken_ends(text),
            untranslated_paragraphs(text),
            untranslated_sentences(text),
            another_business(text),
        )
        return self._spans(chain(_parts_of(self._sites.slips), of_text))

    @cached_property
    def _sites(self) -> Sites:
        return shipped_rules().sites(self.surroundings, self.pause)

    def _spans(self, parts: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
        """The spans of parts of the cleaned text, in order; a note between rows of signs ends with them."""
        return tuple(sorted(self.clean.span(*cut_to(self.enclosures, *part)) for part in parts))

    @cached_property
    def enclosures(self) -> list[tuple[int, int]]:
        """Where two rows of the same signs enclose part of a line of the cleaned text."""
        return enclosures(self.clean.text)

    def text_at(self, span: Span) -> str:
        """The text of a span, as sent."""
        return self.draft.text[span.start : span.end]


def _parts_of(sites: Iterable[Site]) -> Iterator[tuple[int, int]]:
    return ((site.start, site.end) for site in sites)


@word_cache(16_000)
def _terms(word: str) -> tuple[str, ...]:
    """The terms that a word may be a form of; none for an empty one."""
    return tuple(term for _, term in candidate_forms(word)) if word else ()
