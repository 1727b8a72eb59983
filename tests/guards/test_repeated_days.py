"""A day that a text names again and again is looked up in the calendars once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.guards.days.selected_days import SelectedDays
from kb.observances.table import observances
from kb.services.check.precedents import observances_of
from tests.support.guard_matches import EMPTY_CONCEPTS

if TYPE_CHECKING:
    from kb.guards.days.named_days import NamedDay
    from kb.observances.table import Observance


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[NamedDay]:
    """The named days that were looked up, one for each time."""
    asked: list[NamedDay] = []
    look_up = SelectedDays.named

    def count(self: SelectedDays, day: NamedDay, draft: Draft) -> list[Observance]:
        asked.append(day)
        return look_up(self, day, draft)

    monkeypatch.setattr(SelectedDays, "named", count)
    return asked


@pytest.mark.parametrize("text", ["9/11 ", "Yom Kippur. "])
def test_a_day_named_a_thousand_times_is_looked_up_once(text: str, lookups: list[NamedDay]) -> None:
    once = observances_of(AnalyzedDraft(Draft(text=text, language="en"), EMPTY_CONCEPTS))
    lookups.clear()

    often = observances_of(AnalyzedDraft(Draft(text=text * 1_000, language="en"), EMPTY_CONCEPTS))

    assert len(lookups) == 1
    assert often == once


def test_each_place_of_a_repeated_day_has_what_it_names() -> None:
    draft = AnalyzedDraft(Draft(text="Yom Kippur. Purim. Yom Kippur.", language="en"), EMPTY_CONCEPTS)
    days = SelectedDays(keys=frozenset(observances()), others=(), evening=None)

    named = [
        (draft.text_at(day.span), [row.key for row in rows])
        for day, rows in days.named_each(draft.named_days, draft.draft)
    ]

    assert [text for text, _ in named] == ["Yom Kippur", "Purim", "Yom Kippur"]
    assert named[0][1] == named[2][1] != named[1][1]
