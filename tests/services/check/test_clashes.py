"""Posts of one calendar that clash."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from kb.domain.draft import Draft
from kb.domain.time_zones import local_times
from kb.guards.analysis import AnalyzedDraft
from kb.search.concepts import ConceptTable
from kb.services.check.calendars.clashes import (
    Clash,
    ClashKind,
    ComparedPost,
    clash_message,
    compared_post,
    find_clashes,
)
from tests.support.call_counts import count_calls

if TYPE_CHECKING:
    from collections.abc import Iterable

SALE, GRAVE, BOTH, PLAIN = "Half price", "We mourn the victims", "Half price, we mourn", "Good morning"
CONCEPTS = ConceptTable.of(
    {
        "discount": {"phrases": {"en": ["half price"]}},
        "memorial": {"phrases": {"en": ["mourn"]}, "ambiguous": {"en": ["remember"]}},
    }
)


def _draft(text: str, at: str | None = "2027-09-11T09:00:00+00:00", **fields: Any) -> Draft:
    return Draft(text=text, scheduled_at=None if at is None else datetime.fromisoformat(at), **fields)


def _compared(drafts: Iterable[Draft], start: int = 0, *, has_time: bool = True) -> list[ComparedPost]:
    return [
        compared_post(number, AnalyzedDraft(draft, CONCEPTS), has_time)
        for number, draft in enumerate(drafts, start)
    ]


def _clashes(*drafts: Draft, has_time: bool = True) -> dict[int, set[tuple[str, tuple[int, ...]]]]:
    found = find_clashes(_compared(drafts, 1, has_time=has_time))
    return {row: {(clash.kind.value, clash.rows) for clash in clashes} for row, clashes in found.items()}


def test_two_posts_of_one_account_in_one_slot_clash_on_both_sides() -> None:
    first = _draft("one", account="@Acme", platform="twitter")
    second = _draft("two", "2027-09-11T12:14:00+03:00", account="acme", platform="twitter")
    assert _clashes(first, second) == {1: {("slot", (2,))}, 2: {("slot", (1,))}}


@pytest.mark.parametrize(
    "second",
    [
        _draft("two", account="acme", platform="instagram"),
        _draft("two", account="acme_support", platform="twitter"),
        _draft("two", "2027-09-11T09:15:00+00:00", account="acme", platform="twitter"),
        _draft("two", None, account="acme", platform="twitter"),
        _draft("two", account="acme", platform="twitter", kind="story"),
    ],
)
def test_another_channel_another_time_or_a_story_is_no_clash(second: Draft) -> None:
    assert _clashes(_draft("one", account="acme", platform="twitter"), second) == {}


def test_days_without_a_time_share_no_slot() -> None:
    assert _clashes(_draft("one"), _draft("two"), has_time=False) == {}


def test_a_sale_beside_a_grave_post_of_one_brand_clashes() -> None:
    later = "2027-09-11T18:00:00+00:00"
    assert _clashes(_draft(SALE), _draft(PLAIN, later), _draft(GRAVE, later, platform="facebook")) == {
        1: {("tone", (3,))},
        3: {("tone", (1,))},
    }
    across_midnight = _draft(GRAVE, "2027-09-12T00:30:00+00:00", organization="acme")
    assert 1 in _clashes(_draft(SALE, "2027-09-11T23:00:00+00:00", organization="Acme"), across_midnight)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_draft(SALE), _draft(GRAVE, "2027-09-12T18:00:00+00:00")),
        (_draft(SALE, organization="Acme"), _draft(GRAVE, "2027-09-11T18:00:00+00:00", organization="Zeta")),
        (_draft(SALE), _draft("Remember the keys", "2027-09-11T18:00:00+00:00")),
        (_draft(SALE), _draft(BOTH, "2027-09-11T18:00:00+00:00")),
        (_draft(SALE, None), _draft(GRAVE, None)),
    ],
)
def test_another_day_another_brand_or_an_unclear_tone_is_no_clash(first: Draft, second: Draft) -> None:
    assert _clashes(first, second) == {}


def test_the_day_is_that_of_the_audience() -> None:
    sale = _draft(SALE, "2027-09-11T20:00:00+00:00", audience_countries=("IL",))
    same_day = _draft(GRAVE, "2027-09-11T05:00:00+00:00", audience_countries=("IL",))
    next_day_there = _draft(GRAVE, "2027-09-11T05:00:00+00:00", audience_countries=("NZ",))
    assert _clashes(sale, same_day)
    assert (
        _clashes(_draft(SALE, "2027-09-11T13:30:00+00:00", audience_countries=("NZ",)), next_day_there) == {}
    )


def test_the_same_text_within_a_week_on_one_channel_is_said() -> None:
    week_later = _draft("HELLO  there", "2027-09-18T08:59:00+00:00", platform="twitter")
    after_it = _draft("hello there", "2027-09-18T09:00:00+00:00", platform="twitter")
    first = _draft("Hello there", platform="twitter")
    assert _clashes(first, week_later) == {1: {("repetition", (2,))}, 2: {("repetition", (1,))}}
    assert _clashes(first, after_it) == {}
    assert _clashes(first, _draft("Hello there", "2027-09-12T09:00:00+00:00", platform="facebook")) == {}
    assert _clashes(_draft("Hello", None), _draft("Hello", None))[1] == {("repetition", (2,))}


def test_thousands_of_posts_in_one_slot_name_a_few_others() -> None:
    start = datetime(2027, 9, 11, tzinfo=timezone(timedelta(hours=3)))
    drafts = (Draft(text=str(row), scheduled_at=start) for row in range(2_000))
    found = find_clashes(_compared(drafts))
    assert len(found) == 2_000
    assert all(len(clash.rows) == 20 for clash in found[0])


def test_thousands_of_posts_at_one_moment_take_a_few_steps_each() -> None:
    texts = random.Random(3).choices((SALE, GRAVE), k=1_000)
    posts = _compared(map(_draft, texts))

    # Each was compared with 400 others.
    assert count_calls(lambda: find_clashes(posts)) < 150 * len(posts)


@pytest.mark.parametrize("seed", range(10))
def test_each_post_names_the_first_rows_of_those_beside_it(seed: int) -> None:
    choose = random.Random(seed).choice
    drafts = [
        _draft(
            choose((SALE, GRAVE, PLAIN)),
            f"2027-09-{choose((11, 12, 13))}T{choose(('09:00', '09:10', '11:00', '23:30'))}:00+00:00",
            organization=choose(("acme", "zeta")),
            audience_countries=choose(((), ("IL",), ("NZ", "US"))),
        )
        for _ in range(90)
    ]

    def are_beside(one: Draft, other: Draft) -> bool:
        assert one.scheduled_at is not None
        assert other.scheduled_at is not None
        tones = {one.text, other.text} == {SALE, GRAVE}
        is_near = abs(one.scheduled_at - other.scheduled_at) <= timedelta(hours=2)
        return (
            tones and one.organization == other.organization and (is_near or bool(_days(one) & _days(other)))
        )

    found = _clashes(*drafts)
    for row, one in enumerate(drafts, 1):
        rows = [number for number, other in enumerate(drafts, 1) if are_beside(one, other)]
        told = {rows for kind, rows in found.get(row, ()) if kind == "tone"}
        assert told == ({tuple(rows[:20])} if rows else set())


def _days(draft: Draft) -> set[date]:
    assert draft.scheduled_at is not None
    times = [time for code in draft.audience_countries for time in local_times(draft.scheduled_at, code)]
    return {time.date() for time in times or [draft.scheduled_at]}


def test_a_clash_is_said_in_the_language_of_the_reader() -> None:
    clash = Clash(ClashKind.SLOT, (3, 5))
    assert "rows 3, 5" in clash_message(clash, ["en"])
    assert "שורות 3, 5" in clash_message(clash, ["he"])
    assert "row 3" in clash_message(Clash(ClashKind.TONE, (3,)), ["fr"])
