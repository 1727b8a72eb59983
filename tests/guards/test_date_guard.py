"""Guards of the type `date` find what goes out on a grave day, or names one, where its audience keeps it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from kb.domain.draft import Draft
from kb.domain.guard import Guard, GuardType, Severity
from kb.guards.analysis import AnalyzedDraft
from kb.guards.errors import GuardError
from kb.guards.matcher import Match
from kb.guards.ruleset import compile_guard
from kb.observances.days import spans_in
from kb.search.concepts import ConceptTable

CONCEPTS = ConceptTable.of(
    {
        "discount": {"phrases": {"en": ["off", "sale"], "he": ["הנחה"]}, "ambiguous": {"he": ["מבצע"]}},
        "product": {"phrases": {"en": ["sneakers", "shop", "store"], "he": ["נעליים", "חנות"]}},
        "prize": {"phrases": {"en": ["raffle"]}},
        "memorial": {"phrases": {"en": ["remember"], "he": ["זוכרים"]}},
        "solidarity": {"phrases": {"en": ["our hearts"]}},
    }
)
SELLING = {"tones": ["no-promotion"], "concepts": ["discount", "product"]}
SALE = "20% off today"


def matches(
    text: str,
    at: str | None = None,
    countries: tuple[str, ...] = (),
    parameters: dict[str, Any] | None = None,
) -> list[Match]:
    guard = Guard(
        key="grave-days",
        type=GuardType.DATE,
        severity=Severity.CAUTION,
        message={"en": "{day}"},
        parameters=parameters or SELLING,
    )
    scheduled_at = None if at is None else datetime.fromisoformat(at)
    draft = Draft(text=text, scheduled_at=scheduled_at, audience_countries=countries)
    return list(compile_guard(guard, CONCEPTS).matches(AnalyzedDraft(draft, CONCEPTS)))


def days(*args: Any, **kwargs: Any) -> list[tuple[str | None, str]]:
    """The text of each match, None for the date of publication, with the day's name in English."""
    text = args[0]
    return [
        (match.span and text[match.span.start : match.span.end], match.values["day"]["en"])
        for match in matches(*args, **kwargs)
    ]


def test_a_sale_on_a_grave_day_is_found_in_the_draft_as_a_whole() -> None:
    (match,) = matches(SALE, "2027-09-11T09:00-04:00", ("US",))
    assert match.span is None
    assert match.values["day"] == {"en": "September 11 attacks", "he": "פיגועי 11 בספטמבר"}
    assert match.values["note"] == {
        "en": "no product, no discount, no towers in pictures",
        "he": "בלי מוצר, בלי הנחה, בלי מגדלים בתמונות",
    }


@pytest.mark.parametrize(
    ("text", "at", "countries"),
    [
        ("We are closed today.", "2027-09-11T09:00-04:00", ("US",)),
        ("Our store is closed today. See you tomorrow.", "2027-09-11T09:00-04:00", ("US",)),
        ("החנות סגורה היום", "2027-05-11T09:00+03:00", ("IL",)),
        ("Today we remember the victims.", "2027-09-11T09:00-04:00", ("US",)),
        ("New sneakers", "2027-05-11T12:00+03:00", ("US",)),  # grave in Israel only
        ("New sneakers", "2027-05-11T12:00+03:00", ()),
        ("New sneakers", "2027-09-12T12:00-04:00", ("US",)),
        ("מבצע", "2027-05-11T09:00+03:00", ("IL",)),  # also a military operation
        (SALE, None, ("US",)),
        (SALE, "1899-09-11T09:00+00:00", ("US",)),
        (SALE, "0001-01-01T00:00+00:00", ("US",)),
        (SALE, "9999-12-31T23:59-11:00", ("US",)),
    ],
)
def test_an_ordinary_post_is_let_pass(text: str, at: str | None, countries: tuple[str, ...]) -> None:
    assert matches(text, at, countries) == []


@pytest.mark.parametrize(
    ("key", "year", "day"),
    [
        ("yom-hashoah", 2026, "2026-04-14"),
        ("yom-hashoah", 2027, "2027-05-04"),
        ("yom-hashoah", 2028, "2028-04-24"),
        ("yom-hazikaron", 2026, "2026-04-21"),
        ("yom-hazikaron", 2027, "2027-05-11"),
        ("yom-hazikaron", 2028, "2028-05-01"),
    ],
)
def test_the_evening_before_an_israeli_memorial_day_counts(key: str, year: int, day: str) -> None:
    ((first, _),) = spans_in(key, year)
    assert str(first) == day
    guard = {"observances": [key], "concepts": ["discount"]}
    before = first - timedelta(days=1)
    found = [
        bool(matches(SALE, f"{at}+03:00", ("IL",), guard))
        for at in (f"{before}T15:59", f"{before}T16:00", f"{day}T00:00", f"{day}T19:59")
    ]
    assert found == [False, True, True, True]


def test_independence_day_ends_the_memorial_day_at_nightfall() -> None:
    assert matches(SALE, "2027-05-11T20:30+03:00", ("IL",)) == []
    assert matches(SALE, "2027-05-04T20:30+03:00", ("IL",))  # no feast follows Yom HaShoah


def test_only_days_of_the_hebrew_calendar_begin_in_the_evening_unless_told() -> None:
    eve = "2027-09-10T20:00-04:00"
    guard = {"observances": ["sept-11"], "concepts": ["discount"]}
    assert matches(SALE, eve, (), guard) == []
    assert matches(SALE, eve, (), {**guard, "evening_before": True})
    hebrew = {"observances": ["yom-kippur"], "evening_before": False}
    assert matches(SALE, "2027-10-10T18:00+03:00", ("IL",), hebrew) == []


def test_the_day_is_that_of_the_audience() -> None:
    early = "2027-09-11T03:00+09:00"  # in Tokyo; still September 10 in all of the United States
    assert days(SALE, early, ("US",)) == [(None, "World Suicide Prevention Day")]
    assert days(SALE, early) == [(None, "September 11 attacks")]
    late = "2027-09-12T06:00+00:00"  # still the day before in Hawaii
    assert days(SALE, late, ("US",)) == [(None, "September 11 attacks")]
    assert days(SALE, late, ("GB",)) == []


def test_the_day_of_the_schedule_comes_first_and_that_of_other_time_zones_after_it() -> None:
    both = "{}, or in other time zones {}"
    attacks, suicide = "September 11 attacks", "World Suicide Prevention Day"
    for at in ("2027-09-11T09:00+00:00", "2027-09-11T05:00-04:00", "2027-09-11T12:00+03:00"):
        assert days(SALE, at, ("US",)) == [(None, both.format(attacks, suicide))]
    assert days(SALE, "2027-09-11T09:00-04:00", ("US",)) == [(None, attacks)]
    in_honolulu = "2027-09-10T23:00-10:00"
    assert days(SALE, in_honolulu, ("US",)) == [(None, both.format(suicide, attacks))]
    (match,) = matches(SALE, in_honolulu, ("US",))
    assert "ובאזורי זמן אחרים פיגועי 11 בספטמבר" in match.values["day"]["he"]


def test_the_likelier_reading_of_a_date_comes_first_and_the_other_is_named_with_its_date() -> None:
    (match,) = matches("9/11: 20% off", None, ("GB",))
    assert match.values["day"]["en"] == (
        "September 11 attacks, or if November 9 is meant, November pogroms (Kristallnacht)"
    )
    assert "ואם הכוונה ל-9 בנובמבר" in match.values["day"]["he"]
    assert days("9/11/2027: 20% off")[0][1].startswith(
        "September 11 attacks, or if November 9, 2027 is meant"
    )
    assert days("9/11: 20% off", None, ("US",)) == [("9/11", "September 11 attacks")]
    assert days("20% off on 7/10") == [("7/10", "October 7 attacks")]


def test_a_season_names_the_days_of_commemoration_of_its_countries_in_it() -> None:
    grave = "Holocaust Remembrance Day"
    for text in ("Sale April 6 to 24: 20% off", "מבצע: הנחה 6.4 עד 24.5", "20% off, April 6 - May 24"):
        (found,) = days(text, "2026-04-01T10:00+03:00", ("IL",))
        assert grave in found[1], text
    (found,) = days("20% off, April 6 - May 24", "2026-04-01T10:00+03:00", ("IL",))
    assert "Memorial Day for the fallen" in found[1]
    assert days("20% off, May 26 to July 3", None, ("US",)) == [("May 26 to July 3", "Juneteenth")]
    assert days("20% off, Nov 20 to Jan 2", None, ("US",)) != days("20% off, Nov 21 to Jan 2", None, ("US",))


def test_a_season_names_no_day_of_the_whole_world_or_of_another_country_inside_it() -> None:
    for countries in ((), ("FR",)):
        assert days("20% off, July 1 to July 31", None, countries) == []
    assert days("20% off, May 26 to July 3", None, ("IL",)) == []
    assert days("20% off, May 1 to August 1", None, ("US",)) == []


def test_the_turn_of_the_year_is_that_of_the_audience() -> None:
    guard = {"days": [{"rule": "fixed:01-01", "name": {"en": "Our fire"}}, {"rule": "range:12-30..12-31"}]}
    assert days("Hello", "2026-12-31T23:30+00:00", ("IL",), guard) == [(None, "Our fire")]
    assert days("Hello", "2026-12-31T23:30+00:00", ("GB",), guard) == [(None, "12-30..12-31")]


def test_each_country_keeps_its_days_by_its_own_clock() -> None:
    both = ("IL", "US")
    assert "Memorial Day for the fallen" in days(SALE, "2027-05-10T17:00+03:00", both)[0][1]
    assert (
        days(SALE, "2027-05-12T03:00+03:00", both) == []
    )  # still May 11 in New York, where it is no such day


def test_a_named_day_is_found_at_its_place_and_not_twice() -> None:
    text = "\U0001f45f 20% off for September 11"
    assert days(text) == [("September 11", "September 11 attacks")]
    assert days(text, "2027-09-11T09:00-04:00") == [("September 11", "September 11 attacks")]
    assert days("הנחה ב-7.10") == [("7.10", "October 7 attacks")]
    assert days("הנחה ביום הזיכרון") == [
        ("ביום הזיכרון", "Memorial Day for the fallen and victims of terror")
    ]


def test_a_date_in_the_text_is_that_of_the_year_of_publication() -> None:
    text, countries = "הנחה ב-11.5", ("IL",)
    assert days(text, "2027-05-02T10:00+03:00", countries) == [
        ("11.5", "Memorial Day for the fallen and victims of terror")
    ]
    assert days(text, "2026-05-02T10:00+03:00", countries) == []
    assert days(text, None, countries) == []
    assert days("הנחה ב-11.5.2027", None, countries)[0][0] == "11.5.2027"


def test_a_date_in_the_text_names_no_day_of_another_country_but_a_name_does() -> None:
    assert days("20% off on November 4") == []
    assert days("20% off on November 4", None, ("IL",))[0][0] == "November 4"
    assert days("20% off for Yom HaZikaron", None, ("US",))[0][0] == "Yom HaZikaron"


def test_a_named_day_far_from_the_sale_is_let_pass() -> None:
    text = "We remember September 11. One. Two. Three. New sneakers."
    assert matches(text) == []
    assert matches("We remember September 11. New sneakers.")


def test_a_word_of_two_senses_needs_a_percentage_or_another_word() -> None:
    at, countries = "2027-05-11T10:00+03:00", ("IL",)
    assert matches("מבצע מיוחד", at, countries) == []
    assert matches("מבצע: 20% על הכול", at, countries)
    assert matches("מבצע מיוחד, המבצע הגדול", at, countries)


def test_words_of_two_senses_are_not_enough_on_a_day_of_the_whole_world_only() -> None:
    text = "מבצע מיוחד, המבצע הגדול"
    at = "2027-01-27T10:00+02:00"
    assert matches(text, at, ("IL",)) == []
    assert matches(f"{text}: 20%", at, ("IL",))
    assert matches("Sneakers", at, ("US",))
    chosen = {"observances": ["holocaust-remembrance-intl"], "concepts": ["discount"]}
    own = {"days": [{"rule": "fixed:01-27", "name": {"en": "Our fire"}}], "concepts": ["discount"]}
    assert matches(text, at, ("IL",), chosen)
    assert matches(text, at, ("IL",), own)


def test_a_tribute_passes_a_guard_of_any_text_unless_it_sells() -> None:
    guard, at = {"tones": ["no-promotion"]}, "2027-09-11T09:00-04:00"
    assert matches("Today we remember.", at, (), guard) == []
    assert matches("Our hearts are with them. We are closed today.", at, (), guard) == []
    assert matches("Today we remember, with 20% off.", at, (), guard)
    assert matches("Good morning!", at, (), guard)
    assert matches("Today we remember.", at, (), {**guard, "except_concepts": []})


def test_islamic_days_count_on_both_days_beside_them() -> None:
    ((first, _),) = spans_in("eid-al-fitr", 2027)
    guard = {"observances": ["eid-al-fitr"]}
    found = [
        bool(matches("Hello", f"{first + timedelta(days=move)}T10:00+00:00", (), guard))
        for move in (-2, -1, 0, 1, 2)
    ]
    assert found == [False, True, True, True, False]
    assert matches("Hello", f"{first - timedelta(days=2)}T18:00+00:00", (), guard), "the evening before"


def test_a_day_of_the_teams_own_may_be_february_29() -> None:
    guard = {"days": [{"rule": "fixed:02-29", "name": {"en": "Our fire", "he": "השריפה שלנו"}}]}
    assert days("Hello", "2028-02-29T10:00+00:00", ("IL",), guard) == [(None, "Our fire")]
    assert days("Hello", "2027-02-28T10:00+00:00", ("IL",), guard) == []
    assert days("See you February 29", "2026-02-01T10:00+00:00", ("IL",), guard) == [
        ("February 29", "Our fire")
    ]


def test_a_season_counts_only_by_its_key() -> None:
    at = "2027-06-10T10:00+00:00"
    assert days("Hello", at, (), {"observances": ["pride-month"]}) == [(None, "Pride Month")]
    assert all("Pride" not in name for _, name in days("Hello", at, (), {"tones": ["careful"]}))


def test_kinds_narrow_tones() -> None:
    at = "2027-09-11T09:00-04:00"
    assert matches("Hello", at, (), {"tones": ["no-promotion"], "kinds": ["tragedy"]})
    assert matches("Hello", at, (), {"tones": ["no-promotion"], "kinds": ["religious"]}) == []


def test_a_date_alone_never_stops() -> None:
    guard = Guard(key="a", type=GuardType.DATE, severity=Severity.STOP, message={}, parameters=SELLING)
    with pytest.raises(GuardError, match="Choose caution") as caught:
        compile_guard(guard, CONCEPTS)
    assert caught.value.pointer == "/severity"


@pytest.mark.parametrize(
    ("parameters", "pointer", "advice"),
    [
        ({"concepts": ["discount"]}, "/parameters", "Name the days"),
        ({"observances": ["sept-12"]}, "/parameters/observances/0", "sept-11"),
        ({"tones": ["grave"]}, "/parameters/tones/0", "no-promotion"),
        ({"days": ["09-11"]}, "/parameters/days", "rule"),
        ({"days": [{"rule": "fixed:02-30"}]}, "/parameters/days/0/rule", "no day of any year"),
        ({"days": [{"name": {"en": "Our fire"}}]}, "/parameters/days/0/rule", "fixed:09-11"),
        ({"days": [{"rule": "fixed:09-11", "name": "Our fire"}]}, "/parameters/days/0/name", "by language"),
        (
            {"days": [{"rule": "fixed:09-11", "name": {False: "Brann"}}]},
            "/parameters/days/0/name",
            "by language",
        ),
        (
            {"days": [{"rule": "fixed:09-11", "name": {"english": "Our fire"}}]},
            "/parameters/days/0/name/english",
            "en, he or pt-BR",
        ),
        ({"days": [{"rule": "fixed:09-11", "when": 1}]}, "/parameters/days/0/when", "There are"),
        ({"days": [{"rule": "fixed:09-11", "days_after": 400}]}, "/parameters/days/0/days_after", "below"),
        ({"days": [{"rule": "fixed:09-11", "shift": "x"}]}, "/parameters/days/0/rule", "fri-1"),
        ({"days": [{"rule": "fixed:09-11"}] * 51}, "/parameters/days", "at most 50"),
        ({"tones": ["careful"], "concepts": ["discout"]}, "/parameters/concepts/0", "discount"),
        ({"tones": ["careful"], "evening_before": "yes"}, "/parameters/evening_before", "true or false"),
        ({"tones": ["careful"], "evening": True}, "/parameters/evening", "evening_before"),
    ],
)
def test_invalid_parameters_say_what_to_write(parameters: dict[str, Any], pointer: str, advice: str) -> None:
    with pytest.raises(GuardError) as caught:
        matches("", parameters=parameters)
    assert caught.value.pointer == pointer
    assert advice in str(caught.value)
