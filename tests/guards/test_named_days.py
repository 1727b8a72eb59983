"""Days are found in a text where it names them, and prices, scores and versions are none."""

from __future__ import annotations

import pytest

from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.guards.days.named_days import NamedDate
from tests.support.guard_matches import EMPTY_CONCEPTS


def named(text: str, language: str | None = None, countries: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """The parts of a text that name days: the dates, or the keys of the observances."""
    draft = AnalyzedDraft(Draft(text=text, language=language, audience_countries=countries), EMPTY_CONCEPTS)
    return {
        draft.text_at(day.span): [*(_iso(date) for date in day.dates), *day.keys] for day in draft.named_days
    }


def _iso(date: NamedDate) -> str:
    return f"{date.year or '-'}-{date.month:02}-{date.day:02}"


@pytest.mark.parametrize(
    ("text", "part", "date"),
    [
        ("See you September 11!", "September 11", "--09-11"),
        ("Sept. 11th, we remember", "Sept. 11th", "--09-11"),
        ("On SEPTEMBER 11, 2027 we open", "SEPTEMBER 11, 2027", "2027-09-11"),
        ("the 11th of September", "11th of September", "--09-11"),
        ("From 5 May on", "5 May", "--05-05"),
        ("Starts May 5.", "May 5", "--05-05"),
        ("#September11 deals", "September11", "--09-11"),
        ("the 9/11 sale", "9/11", "--09-11"),
        ("on 2027-09-11", "2027-09-11", "2027-09-11"),
        ("on 11.9.2027", "11.9.2027", "2027-09-11"),
        ("ends 11.9.27.", "11.9.27", "2027-09-11"),
        ("7 באוקטובר", "7 באוקטובר", "--10-07"),
        ("מבצע ה-7 לאוקטובר 2027", "7 לאוקטובר 2027", "2027-10-07"),
        ("נפתח ב-7.10", "7.10", "--10-07"),
        ("נפתח ב7/10.", "7/10", "--10-07"),
        ("נפתח ביום שלישי, 11.5", "11.5", "--05-11"),
        ("לא נשכח את ה־7.10", "7.10", "--10-07"),
        ("🎉 ב-11.9.2027 נפתח", "11.9.2027", "2027-09-11"),
        ("Sep\u200btember 11", "Sep\u200btember 11", "--09-11"),
    ],
)
def test_a_date_is_found_where_it_stands(text: str, part: str, date: str) -> None:
    assert named(text) == {part: [date]}


@pytest.mark.parametrize(
    ("text", "part", "days"),
    [
        ("Huge sale October 6-8!", "October 6-8", ["--10-06", "--10-07", "--10-08"]),
        ("Sept. 10th to 12th, 2027", "Sept. 10th to 12th, 2027", ["2027-09-10", "2027-09-11", "2027-09-12"]),
        ("open 10–12 September", "10–12 September", ["--09-10", "--09-11", "--09-12"]),
        ("6-8 באוקטובר", "6-8 באוקטובר", ["--10-06", "--10-07", "--10-08"]),
        ("מה-6 עד ה-8 באוקטובר", "6 עד ה-8 באוקטובר", ["--10-06", "--10-07", "--10-08"]),
        ("Sale runs Sep 8–Sep 10", "Sep 8–Sep 10", ["--09-08", "--09-09", "--09-10"]),
        ("September 30 - October 2", "September 30 - October 2", ["--09-30", "--10-01", "--10-02"]),
        ("10 September to 12 September", "10 September to 12 September", ["--09-10", "--09-11", "--09-12"]),
        ("6 באוקטובר עד 8 באוקטובר", "6 באוקטובר עד 8 באוקטובר", ["--10-06", "--10-07", "--10-08"]),
        ("בין 6 ל-8 באוקטובר", "6 ל-8 באוקטובר", ["--10-06", "--10-07", "--10-08"]),
        ("Dec. 31, 2027 to Jan. 1", "Dec. 31, 2027 to Jan. 1", ["2027-12-31", "2028-01-01"]),
        ("מבצע 6.10 עד 8.10", "6.10 עד 8.10", ["--10-06", "--10-07", "--10-08"]),
        ("בין 6.10 ל-8.10: הנחה", "6.10 ל-8.10", ["--10-06", "--10-07", "--10-08"]),
        ("בין ה-6.10 ל-8.10", "6.10 ל-8.10", ["--10-06", "--10-07", "--10-08"]),
        ("מבצע 6-8.10: הנחה", "6-8.10", ["--10-06", "--10-07", "--10-08"]),
        ("10.9.2027 - 12.9.2027", "10.9.2027 - 12.9.2027", ["2027-09-10", "2027-09-11", "2027-09-12"]),
        ("December 31 - January 1, 2028", "December 31 - January 1, 2028", ["2027-12-31", "2028-01-01"]),
        ("a season from May 2 - 30", "May 2 - 30", ["--05-02", "--05-30"]),
        ("Nov 25, 2027 - Jan 3, 2028", "Nov 25, 2027 - Jan 3, 2028", ["2027-11-25", "2028-01-03"]),
        ("6.4 עד 24.5 הנחה", "6.4 עד 24.5", ["--04-06", "--05-24"]),
    ],
)
def test_a_range_names_each_of_its_days_but_for_a_long_one(text: str, part: str, days: list[str]) -> None:
    assert named(text) == {part: days}


def test_the_days_inside_a_long_range_are_its_season() -> None:
    def seasons(text: str, countries: tuple[str, ...] = ()) -> list[int]:
        draft = Draft(text=text, audience_countries=countries)
        return [len(day.season) for day in AnalyzedDraft(draft, EMPTY_CONCEPTS).named_days]

    assert seasons("May 2 - 30") == [27]
    assert seasons("June 1 - July 31") == [59]
    assert seasons("June 1 - August 3") == [0, 0]
    assert seasons("May 2 - 8") == [0]
    assert seasons("Sale 9/10-9/12!") == [0]  # September 10 to 12 is likelier than October 9 to December 9
    assert seasons("Sale 9/10-9/12!", ("GB",)) == [60]


def test_a_range_in_numbers_is_read_in_the_order_of_its_audience() -> None:
    september = ["--09-10", "--09-11", "--09-12"]
    assert named("Sale 9/10-9/12!", countries=("US",)) == {"9/10-9/12": september}
    assert named("Sale 10/9-12/9!", countries=("GB",)) == {"10/9-12/9": september}
    assert named("Sale 9/11-9/12!", countries=("US",)) == {"9/11-9/12": ["--09-11", "--09-12"]}
    assert named("מבצע 10.9-12.9") == {"10.9-12.9": september}
    assert named("Sale 9/10 to 9/12!", countries=("US",)) == {"9/10 to 9/12": september}
    assert named("9/10/27 to 9/12/27", countries=("US",)) == {
        "9/10/27 to 9/12/27": ["2027-09-10", "2027-09-11", "2027-09-12"]
    }
    assert named("Sale ends 11/9-11/11", countries=("US",)) == {
        "11/9-11/11": ["--11-09", "--11-10", "--11-11"]
    }


def test_a_range_keeps_the_order_whose_days_are_near_if_its_last_day_reads_the_same_in_both() -> None:
    october = ["--10-06", "--10-07", "--10-08", "--10-09", "--10-10"]
    assert named("Sale 6/10-10/10: 20% off") == {"6/10-10/10": october}
    assert named("Sale 6/10-10/10: 20% off", countries=("IL",)) == {"6/10-10/10": october}


def test_two_dates_far_from_each_other_are_no_range_of_days() -> None:
    text = "From March 1 to August 1"
    assert named(text) == {"March 1": ["--03-01"], "August 1": ["--08-01"]}
    assert named("10.9.2026 - 12.9.2027") == {"10.9.2026": ["2026-09-10"], "12.9.2027": ["2027-09-12"]}


@pytest.mark.parametrize(
    "text",
    [
        "a cup and 2/3-3/4 of another",
        "it weighs 1.5-2.5 kg",
        "ages 9-11",
        "may 5-7 people come",
        "scores 8-6, 6-8",
        "המחיר ירד מ-6.10 ל-5.10",
        "הדירוג עלה מ-7.10 ל-8.10",
        'שוקל 6-8.5 ק"ג',
        "בין 6 ל-8.5 אחוז",
    ],
)
def test_amounts_from_one_to_another_are_no_days(text: str) -> None:
    assert named(text) == {}


@pytest.mark.parametrize(
    "text",
    [
        "You may 5 times a day", "we march 20 miles", "In May 10 new shops open", "May 20% of it help",
        "only $9.11", "9.11 USD", "now 9/10 stars", "rated 7/10", "open 24/7", "open on 24/7", "open 9-11",
        "version 9.11", "v9.11.27", "9.11.27.4", "1/2 price", "9/11% fat", "September 11:30", "on 9/11 am",
        "ב-7.10 ש\"ח", "ב-9.8 מיליון", "רק 7.10", "ב-7.10 בבוקר", "ב-₪7.10", "7.10₪", "ציון 9.8", "גרסה 7.10",
        "ב-9.30", "February 30 of the best",
        "Have a great Friday!", "We take pride in our work. Pride!", "Flights to Hiroshima", "טסים להירושימה",
        "stop by MLK Blvd", "the twin towers of our hotel",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_day_is_none(text: str) -> None:
    assert named(text) == {}


@pytest.mark.parametrize(
    ("text", "part", "key"),
    [
        ("A Yom Kippur sale", "Yom Kippur", "yom-kippur"),
        ("Our #YomKippur deals", "#YomKippur", "yom-kippur"),
        ("Good Friday deals", "Good Friday", "good-friday"),
        ("הנחות ליום הזיכרון", "ליום הזיכרון", "yom-hazikaron"),
        ("מבצעי יום כיפור", "יום כיפור", "yom-kippur"),
        ("אחרי השבעה באוקטובר", "השבעה באוקטובר", "oct-7"),
        ("Yom HaShoah", "Yom HaShoah", "yom-hashoah"),
    ],
)
def test_the_name_of_an_observance_is_found_where_it_stands(text: str, part: str, key: str) -> None:
    assert key in named(text)[part]


@pytest.mark.parametrize(
    ("language", "countries", "dates"),
    [
        (None, (), ["--11-09", "--09-11"]),
        ("he", (), ["--09-11"]),
        ("en", ("US",), ["--11-09"]),
        ("en", ("GB",), ["--09-11"]),
        ("en", ("GB", "US"), ["--11-09", "--09-11"]),
    ],
)
def test_which_of_two_numbers_is_the_month_depends_on_the_audience(
    language: str | None, countries: tuple[str, ...], dates: list[str]
) -> None:
    assert named("until 11/9 only", language, countries) == {"11/9": dates}


def test_nine_eleven_is_in_september_and_elsewhere_also_in_november() -> None:
    assert named("9/11", countries=("US",)) == {"9/11": ["--09-11"]}
    assert named("9/11", countries=("GB",)) == {"9/11": ["--09-11", "--11-09"]}


def test_of_names_that_overlap_the_longest_counts() -> None:
    text = "בערב יום הזיכרון לשואה ולגבורה"
    assert named(text) == {"יום הזיכרון לשואה ולגבורה": ["yom-hashoah"]}
    assert named("Monday 8 March. The 6 and 7 go back.") == {"8 March": ["--03-08"]}


def test_no_name_goes_from_one_sentence_into_the_next() -> None:
    assert named("This is good. Friday we open.") == {}


@pytest.mark.parametrize("between", ["", "at 5 o'clock ", "without a number " * 20])
def test_dates_are_found_however_far_they_are_from_each_other(between: str) -> None:
    text = f"Monday, 9/11 {between}Starts September the 12th, 2027 {between}נפתח ביום שלישי, 11.5 {between}"
    assert [*named(text, "en", ("US",))] == ["9/11", "September the 12th, 2027", "11.5"]
