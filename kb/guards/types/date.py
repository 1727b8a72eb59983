"""The type `date`: posts on a day of mourning, or sales that name such a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langcodes import tag_is_valid

from kb.guards.days.day_words import OtherDays, day_values
from kb.guards.days.selected_days import SelectedDays
from kb.guards.errors import GuardError
from kb.guards.matcher import Match
from kb.guards.opening_hours import PRODUCT, is_of_notice, notices
from kb.messages import Message, message_of
from kb.observances.days import MAX_OBSERVANCE_DAYS
from kb.observances.table import KINDS, TONES, WORLD, ObservanceError, observances, parse_observance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kb.domain.draft import Draft
    from kb.guards.analysis import AnalyzedDraft, Touch
    from kb.guards.days.named_days import NamedDay
    from kb.guards.parameters import Parameters
    from kb.observances.table import Observance
    from kb.search.concepts import ConceptTable

MAX_DAYS = 50
"""Maximum number of a team's own days in a guard."""

TRIBUTE_CONCEPTS = ("memorial", "solidarity")
"""The concepts of a tribute, which passes; a guard may name others."""

_PROMOTION = ("discount", "product", "prize")
_NEAR_SENTENCES = 2
_PERCENTAGE = re.compile(r"\d ?%|%\d|\d (?:percent|אחוז)")


def parse_date(parameters: Parameters, concepts: ConceptTable) -> DateMatcher:
    """Read the observances, by key or by `tones` and `kinds`, and a team's own `days`. Raises GuardError.

    With `concepts`, only a text that touches one of them matches. A text that touches `except_concepts` and
    sells nothing does not match, nor does a notice of opening hours.
    """
    listed = parameters.choices("observances", tuple(observances()))
    tones = parameters.choices("tones", TONES)
    kinds = parameters.choices("kinds", KINDS)
    days = _own_days(parameters)
    if not (listed or tones or kinds or days):
        raise GuardError(
            Message("Name the days: observances, tones, kinds, or days of your own."), "/parameters"
        )
    alike = [
        key
        for key, row in observances().items()
        if (tones or kinds) and row.tone in (tones or TONES) and row.kind in (kinds or KINDS)
    ]
    return DateMatcher(
        days=SelectedDays(
            keys=frozenset((*listed, *alike)),
            others=(*(observances()[key] for key in listed if _is_season(observances()[key])), *days),
            evening=parameters.optional_flag("evening_before"),
        ),
        chosen=frozenset((*listed, *(day.key for day in days))),
        concepts=frozenset(parameters.choices("concepts", concepts.concepts)),
        exceptions=frozenset(parameters.choices("except_concepts", concepts.concepts, TRIBUTE_CONCEPTS)),
    )


def _is_season(observance: Observance) -> bool:
    """Whether an observance is too long to be looked up by date."""
    return any((last - first).days >= MAX_OBSERVANCE_DAYS for first, last in observance.spans(2024))


def _own_days(parameters: Parameters) -> list[Observance]:
    """Read a team's own days, such as `{rule: "fixed:09-11", name: {en: Our fire}}`. Raises GuardError."""
    rows = parameters.rows("days", ("rule", "name", "shift", "days_after"))
    if len(rows) > MAX_DAYS:
        raise GuardError(
            Message("There are {count} days; at most {most} are allowed.", count=len(rows), most=MAX_DAYS),
            "/parameters/days",
        )
    return [_own_day(number, row) for number, row in enumerate(rows)]


def _own_day(number: int, row: Mapping[str, Any]) -> Observance:
    pointer = f"/parameters/days/{number}"
    rule, name, shift, days_after = (row.get(key) for key in ("rule", "name", "shift", "days_after"))
    if not isinstance(rule, str):
        raise GuardError(Message("Write when the day falls, such as fixed:09-11."), f"{pointer}/rule")
    if name is not None and not (
        isinstance(name, dict) and all(isinstance(text, str) for pair in name.items() for text in pair)
    ):
        raise GuardError(Message("Write the name by language, such as {en: Our fire}."), f"{pointer}/name")
    for language in name or ():
        if not (language.isascii() and tag_is_valid(language)):
            raise GuardError(
                Message("This is not a known language. Write a BCP 47 tag such as en, he or pt-BR."),
                f"{pointer}/name/{language}",
            )
    if not isinstance(shift or "", str):
        raise GuardError(Message("Write the days to move by, such as fri-1,sun+1."), f"{pointer}/shift")
    if not isinstance(days_after or 0, int) or not 0 <= (days_after or 0) < MAX_OBSERVANCE_DAYS:
        raise GuardError(
            Message("Write a number of days below {most}.", most=MAX_OBSERVANCE_DAYS),
            f"{pointer}/days_after",
        )
    try:
        return parse_observance(
            {
                "key": f"days/{number}",
                "rule": rule,
                "shift": shift or "",
                "days_after": days_after or 0,
                "countries": [WORLD],
                "kind": "commemoration",
                "tone": "careful",
                "names": name or {"": rule.partition(":")[2]},
            }
        )
    except ObservanceError as error:
        raise GuardError(message_of(error.__cause__ or error), f"{pointer}/rule") from error


@dataclass(frozen=True, slots=True)
class DateMatcher:
    """Finds drafts published on certain days, or naming them, that touch one of the concepts, if any.

    `exceptions` are the concepts of a tribute, `chosen` the keys of the days that the guard lists.
    """

    days: SelectedDays
    chosen: frozenset[str]
    concepts: frozenset[str]
    exceptions: frozenset[str]

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The day of publication, unless the text names it, followed by the days that the text names."""
        if self.concepts and self.concepts.isdisjoint(draft.touched):
            return
        published = self.days.of_publication(draft.draft)
        named = [(day, rows) for day, rows in self.days.named_each(draft.named_days, draft.draft) if rows]
        if not (published or named) or (sentences := self._sentences(draft)) is None:
            return
        if self.concepts and not self._is_sure(draft):
            published = [row for row in published if self._is_heeded(row, draft.draft)]
        named = [(day, found) for day, found in named if _is_near(draft.sentence_at(day.span), sentences)]
        mentioned = {observance.key for _, found in named for observance in found}
        if published := [observance for observance in published if observance.key not in mentioned]:
            here, elsewhere = self.days.by_clock(published, draft.draft)
            yield Match(None, day_values(here, OtherDays(elsewhere)))
        known: dict[object, dict[str, dict[str, str]]] = {}
        for day, found in named:
            if (values := known.get(day.meaning)) is None:
                values = known[day.meaning] = self._named_values(day, found, draft.draft)
            yield Match(day.span, values)

    def _named_values(
        self, day: NamedDay, found: Sequence[Observance], draft: Draft
    ) -> dict[str, dict[str, str]]:
        """The values in a message for a named day: its first reading, then its second."""
        readings = self.days.by_reading(day, draft)
        if len(readings) < 2:
            return day_values(found)
        (_, first), (other, rows) = readings[:2]
        return day_values(first, OtherDays(rows, other))

    def _sentences(self, draft: AnalyzedDraft) -> frozenset[int] | None:
        """The sentences that touch the concepts; empty if the guard has none.

        None for a harmless text: a tribute, a notice of opening hours, or one without the concepts.
        """
        if not self.concepts:
            is_plain = bool(notices(draft)) or not self.exceptions.isdisjoint(draft.touched)
            return None if is_plain and not _sells(draft) else frozenset()
        touches = self._touches(draft)
        # An ambiguous word needs a second one, or a percentage: "20% off".
        is_evidence = self._is_sure(draft) or len({touch.span for touch in touches}) > 1
        return frozenset(touch.sentence for touch in touches) if is_evidence else None

    def _is_heeded(self, observance: Observance, draft: Draft) -> bool:
        """Whether ambiguous words are enough evidence on a day.

        They are if the guard lists the day, or it is one of a country of the audience. A worldwide day falls
        in every second week: on each, "drop one in hot milk" would be an offer.
        """
        return observance.key in self.chosen or not {*draft.audience_countries}.isdisjoint(
            observance.countries
        )

    def _touches(self, draft: AnalyzedDraft) -> list[Touch]:
        """Where the draft touches the guard's concepts."""
        return [
            touch
            for key in self.concepts - self.exceptions
            for touch in draft.touched.get(key, ())
            if key != PRODUCT or not is_of_notice(touch, draft)
        ]

    def _is_sure(self, draft: AnalyzedDraft) -> bool:
        """Whether a word is unambiguous: it is clear, or its sentence has a percentage."""
        percentages = draft.once(_sentences_with_percentages)
        return any(touch.clear or touch.sentence in percentages for touch in self._touches(draft))


def _sentences_with_percentages(draft: AnalyzedDraft) -> frozenset[int]:
    found = _PERCENTAGE.finditer(draft.clean.text)
    return frozenset(draft.sentence_at(draft.clean.span(*match.span())) for match in found)


def _sells(draft: AnalyzedDraft) -> bool:
    return any(touch.clear for concept in _PROMOTION for touch in draft.touched.get(concept, ()))


def _is_near(sentence: int, others: frozenset[int]) -> bool:
    return not others or any(abs(sentence - other) <= _NEAR_SENTENCES for other in others)
