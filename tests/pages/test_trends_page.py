import csv
from collections.abc import Callable
from io import StringIO

import pytest
from bs4 import Tag
from flask import Flask

from kb.domain.periods import Interval
from kb.pages.trends.trend_sentence import middle_period, trend_sentence
from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor

VISITORS_ONLY_READ = True

HEADING = "Trends: what goes wrong, and how often"

DASH = "\N{WORD JOINER}\N{EN DASH}\N{WORD JOINER}"
TOO_FEW = "too few for a trend; the table shows each"


def listed(browser: Browser, link: Tag) -> int:
    """How many incidents a link of a chart or a table leads to."""
    page = browser.open(str(link["href"]))
    assert page.status == 200
    return len(page.texts(".hit"))


def bars(page: Page) -> list[Tag]:
    return page.soup.select(".chart a[aria-label]")


def test_without_a_question_the_chart_counts_categories_by_year(browser: Browser) -> None:
    page = browser.follow(browser.open("/"), "Trends")
    assert page.heading == HEADING
    assert page.one("caption").get_text().startswith("Most often: ")
    assert len(page.texts(".dots tbody tr")) > 1
    assert page.soup.select(".chart [style]") == []


def test_each_bar_leads_to_exactly_its_incidents(browser: Browser) -> None:
    page = browser.open("/trends?group_by=")
    assert bars(page)
    for bar in bars(page):
        assert listed(browser, bar) == int(str(bar["aria-label"]).rpartition(" ")[2])


def test_each_value_of_the_table_leads_to_exactly_its_incidents(browser: Browser) -> None:
    chart = browser.open("/trends?group_by=platform&interval=none")
    table = browser.follow(chart, "Table")
    rows = table.soup.select("tbody tr")
    assert rows
    for row in rows:
        link = row.select_one("a")
        assert link is not None
        assert listed(browser, link) == int(link.get_text())


def test_a_filter_narrows_the_figures_and_its_chip_takes_it_away(browser: Browser) -> None:
    page = browser.send(browser.open("/trends"), "Show the figures", category="tone-deaf", group_by="")
    assert page.texts(".chips a") == ["Tone-deaf content × remove"]
    narrowed, everything = page, browser.open(str(page.one(".chips a")["href"]))
    assert len(bars(narrowed)) < len(bars(everything))
    assert not everything.texts(".chips a")


def table_of(browser: Browser, address: str) -> list[dict[str, str]]:
    """The file of the page that offers figures for download."""
    page = browser.follow(browser.open(address), "Download")
    answer = browser.client.get(page.link("Download as CSV"))
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_the_file_has_the_figures_of_the_chart_with_pages_of_their_incidents(browser: Browser) -> None:
    (row,) = table_of(browser, "/trends?category=tone-deaf&group_by=&interval=none")
    page = browser.open(row["Its incidents"].removeprefix("http://localhost"))
    assert page.heading.startswith(f"{row['Number of incidents']} incidents: \u2068Tone-deaf content\u2069, ")
    assert len(page.texts(".hit")) == int(row["Number of incidents"]) > 0


def test_the_file_speaks_as_the_page_does(hebrew_browser: Browser) -> None:
    page = hebrew_browser.open("/trends?from=2017&to=2017&view=data")
    answer = hebrew_browser.client.get(page.link("הורדה כ-CSV"))
    headings, *rows = csv.reader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    assert headings == ["תקופה", "קטגוריה", "מספר האירועים", "הערות", "האירועים עצמם"]
    assert ["2017", "כשל בתקשורת הפנימית", "1"] in [row[:3] for row in rows]


def test_a_large_file_is_sent_in_pieces_between_which_others_are_served(browser: Browser) -> None:
    answer = browser.client.get("/trends.csv?group_by=&interval=day&from=2018&to=2018")
    pieces = [piece.decode() for piece in answer.iter_encoded()]
    assert [piece.count("\r\n") for piece in pieces] == [100, 100, 100, 66]
    first, *_, last = csv.DictReader(StringIO("".join(pieces).removeprefix("\ufeff")))
    assert [first["Period"], last["Period"]] == ["Jan 1, 2018", "Dec 31, 2018"]


def test_a_member_downloads_what_her_chart_counts(admin: Api, signed_in: Callable[..., Browser]) -> None:
    noa = signed_in("Noa", north="reader")
    admin.file(team="north", status="published", visibility="team", organization="Hidden Ltd")
    address = "/trends?group_by=&interval=none&organization=Hidden+Ltd"
    assert [row["Number of incidents"] for row in table_of(noa, address)] == ["1"]
    page = noa.open(f"{address}&view=data")
    # The address for programs knows no cookie, and says so.
    assert "without one, it counts what everybody may see" in page.text
    figures = noa.client.get(page.one("code").get_text()).get_json()
    assert [row["value"] for row in figures["rows"]] == [0]


def test_durations_are_told_in_words_with_what_they_rest_on(admin: Api) -> None:
    day = "2020-05-02"
    admin.file(
        status="published", occurred_on=day, posted_at=f"{day}T10:00:00Z", removed_at=f"{day}T13:00:00Z"
    )
    browser = visitor(admin)
    page = browser.open("/trends?metric=minutes_to_remove_median&group_by=")
    assert page.one("figcaption").get_text() == (
        "Half of the posts were gone after 3 hours, where it is known: 1 incident"
    )
    assert "fewer than five incidents" in page.text
    (bar,) = bars(page)
    assert listed(browser, bar) == 1


def test_a_period_without_incidents_says_what_would_be_here(browser: Browser) -> None:
    page = browser.open("/trends?from=1950&to=1951")
    assert page.status == 200
    assert "No incident fits this choice" in page.text


def test_figures_that_no_incident_has_are_not_drawn(browser: Browser) -> None:
    page = browser.open("/trends?metric=minutes_to_remove_median")
    assert page.texts(".empty h2") == ["Nothing is known for this choice"]
    assert not page.soup.select(".chart")


def test_what_cannot_be_read_is_named_and_the_form_stays(browser: Browser) -> None:
    page = browser.open("/trends?from=<script>alert(1)</script>&group_by=nonsense")
    assert page.status == 422
    assert "group_by" in page.one("[role=alert]").get_text()
    assert page.one("input[name=from]")["value"] == "<script>alert(1)</script>"
    assert "alert(1)" not in "".join(page.texts("script"))


@pytest.mark.parametrize("typed", ["May 2018", "5/2018", "2018-05", "may  2018", "במאי 2018", "מאי 2018"])
def test_a_month_may_be_written_as_people_write_it(browser: Browser, typed: str) -> None:
    page = browser.send(browser.open("/trends"), "Show the figures", **{"from": typed, "to": "2018"})
    assert page.one("input[name=from]")["value"] == typed
    assert page.texts(".chips a") == ["since May 2018 × remove", "until 2018 × remove"]
    assert "from=2018-05&" in page.link("Table")


@pytest.mark.parametrize(
    "typed", ["last spring", "13/2018", "2018-99", "Mai 2018 oder so", "31 February 2018"]
)
def test_a_date_that_cannot_be_read_says_at_its_field_what_to_write(browser: Browser, typed: str) -> None:
    page = browser.send(browser.open("/trends"), "Show the figures", **{"from": typed})
    assert page.status == 422
    field = page.one("input[name=from]")
    assert (field["value"], field["aria-invalid"]) == (typed, "true")
    assert "such as 2018, May 2018" in page.one(f"#{field['aria-describedby']}").get_text()
    assert page.link("From: Write a year") == "#from"


def test_a_few_incidents_are_called_too_few_for_a_trend(browser: Browser) -> None:
    page = browser.open("/trends")
    assert page.one(".says").get_text() == f"6 incidents on file, 2017{DASH}2018: {TOO_FEW}."
    assert "counts in neither half" not in page.text
    assert not browser.open("/trends?metric=severity_mean").texts(".says")


def test_a_period_that_the_range_cuts_off_says_of_which_days_it_has_figures(browser: Browser) -> None:
    page = browser.open("/trends?view=table&interval=month&from=2017-01-10&to=2018-09-05")
    assert "* Incomplete: figures from January 10, 2017 to September 5, 2018." in page.texts(".notes p")


def by_year(**counts: int) -> list[dict[str, object]]:
    """The rows of years, in order; 2026 is not over."""
    rows = [(year.removeprefix("y"), count) for year, count in counts.items()]
    return [
        {"bucket": year, "bucket_start": f"{year}-01-01", "value": count, "partial": year == "2026"}
        for year, count in rows
    ]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (by_year(y2017=2, y2018=20), "All incidents grew from 2 in 2017 to 20 in 2018"),
        (by_year(y2017=2, y2018=9, y2019=20, y2026=0), "All incidents grew from 2 in 2017 to 20 in 2019"),
        (
            by_year(y2015=9, y2016=9, y2017=0, y2018=2),
            f"All incidents fell from 18 in 2015{DASH}2016 to 2 in 2017{DASH}2018",
        ),
        (by_year(y2017=6, y2018=9), "No clear rise or fall: 6 in 2017, 9 in 2018"),
        (by_year(y2017=1, y2018=3), f"4 incidents on file, 2017{DASH}2018: {TOO_FEW}"),
        (by_year(y2026=40), f"40 incidents on file, 2026: {TOO_FEW}"),
        (by_year(y2017=0), None),
    ],
)
def test_a_trend_is_told_only_where_it_is_more_than_chance(
    app: Flask, rows: list[dict[str, object]], sentence: str | None
) -> None:
    with app.test_request_context("/trends?lang=en"):
        assert trend_sentence(rows, {}, Interval.YEAR) == sentence


def test_of_groups_the_one_that_changed_most_is_named(app: Flask) -> None:
    groups = {
        "Offensive": by_year(y2017=5, y2018=30),
        "Tone-deaf": by_year(y2017=20, y2018=2),
        "Other": by_year(y2017=9, y2018=8),
    }
    with app.test_request_context("/trends?lang=en"):
        told = trend_sentence(by_year(y2017=34, y2018=40), groups, Interval.YEAR)
    assert told == (
        "\u2068Offensive\u2069 grew from 5 in 2017 to 30 in 2018; "
        "\u2068Tone-deaf\u2069 fell most, from 20 to 2"
    )


def test_beside_a_clear_fall_the_largest_rise_is_named_though_it_may_be_chance(app: Flask) -> None:
    groups = {
        "Offensive": by_year(y2015=29, y2016=9, y2017=12),
        "Internal": by_year(y2015=5, y2016=9, y2017=11),
        "Other": by_year(y2015=2, y2016=9, y2017=2),
    }
    everything = by_year(y2015=36, y2016=27, y2017=25)
    with app.test_request_context("/trends?lang=en"):
        told = trend_sentence(everything, groups, Interval.YEAR)
        middle = middle_period(everything, Interval.YEAR)
    assert told == (
        "\u2068Offensive\u2069 fell from 29 in 2015 to 12 in 2017; "
        "\u2068Internal\u2069 grew most, from 5 to 11, which may be chance"
    )
    assert middle == "2016"


def file_in_years(admin: Api, **counts: int) -> None:
    """File published incidents of years, in one category."""
    for year, count in counts.items():
        for number in range(count):
            admin.file(
                status="published",
                title=f"Number {number} of {year}",
                organization=f"Velmora {year} {number}",
                occurred_on=year.removeprefix("y"),
                category="tone-deaf",
            )


def test_a_small_chart_has_its_change_round_years_numbers_and_a_zero_where_nothing_is_filed(
    admin: Api,
) -> None:
    file_in_years(admin, y2010=3, y2012=2, y2020=7)
    page = visitor(admin).open("/trends?category=tone-deaf&group_by=category&from=2010&to=2020")
    section = next(each for each in page.soup.select(".multiples section") if "Tone-deaf" in each.get_text())
    assert section.select(".change [aria-hidden]")[0].get_text() == "5 → 10"
    hebrew = visitor(admin, "he").open("/trends?category=tone-deaf&group_by=category&from=2010&to=2020")
    assert "מ-5 ל-10" in hebrew.texts(".change [aria-hidden]")
    assert "from 5 in 2010" in section.select(".change .hidden")[0].get_text()
    assert "2015, in the middle, counts in neither half." in page.text
    times = [text.get_text() for text in section.select("svg > text")]
    assert times == ["2010", "2015", "2020"]
    numbers = [text.get_text() for text in section.select("text.value:not(.zero)")]
    assert (numbers, len(section.select("rect.bar"))) == (["3", "2", "3", "7"], 4)
    assert len(section.select("text.zero")) == 7
    titles = [title.get_text() for title in section.select("svg title")]
    assert titles[0] == "2010: 3"
    assert len(titles) == 11
    for link in section.select("svg a"):
        assert link.select("rect.whole[height]")


def test_small_columns_leave_no_gap_below_their_heading(admin: Api) -> None:
    file_in_years(admin, y2010=3, y2012=2, y2020=7)
    for year in ("2011", "2015"):
        admin.file(status="published", organization=f"Lumora {year}", occurred_on=year, category="offensive")
    page = visitor(admin).open("/trends?group_by=category&from=2010&to=2020")
    drawn = {str(svg["aria-label"]): str(svg["viewbox"]) for svg in page.soup.select(".multiples svg")}
    boxes = {label: tuple(map(int, box.split()[1::2])) for label, box in drawn.items()}
    assert boxes["Tone-deaf content"] == (0, 112)
    top, height = boxes["Offensive content"]
    assert 0 < top < 112
    assert top + height == 112


def test_behind_a_bar_the_list_says_how_many_of_what_and_leads_back(admin: Api) -> None:
    file_in_years(admin, y2010=3, y2020=8)
    browser = visitor(admin)
    trend = browser.open("/trends?category=tone-deaf&group_by=&from=2010&to=2020")
    bar = next(bar for bar in bars(trend) if str(bar["aria-label"]).startswith("2010"))
    page = browser.open(str(bar["href"]))
    assert page.heading == "3 incidents: \u2068Tone-deaf content\u2069, \u20682010\u2069"
    assert page.texts(".chips a") == ["Tone-deaf content × remove", "2010 × remove"]
    back = browser.follow(page, "Back to the trend")
    assert back.texts(".chips a") == trend.texts(".chips a")
    assert back.one("input[name=from]")["value"] == "2010"
    assert not browser.open("/incidents").texts(".back")


def test_bounds_are_one_filter_where_they_are_a_year_a_month_or_a_day(browser: Browser) -> None:
    for bounds, chips in {
        "within_from=2020-01-01&within_to=2020-12-31": ["2020 × remove"],
        "within_from=2020-02-01&within_to=2020-02-29": ["February 2020 × remove"],
        "from=2020-02-03&to=2020-02-03": ["February 3, 2020 × remove"],
        "from=2020&to=2020-06": ["since 2020 × remove", "until June 2020 × remove"],
    }.items():
        assert browser.open(f"/incidents?{bounds}").texts(".chips a") == chips


@pytest.mark.parametrize("typed", ["since 2015", "From 2015", "מאז 2015", "מ-2015"])
def test_a_word_before_a_date_is_understood(browser: Browser, typed: str) -> None:
    page = browser.open(f"/trends?from={typed}")
    assert page.texts(".chips a") == ["since 2015 × remove"]
    assert page.soup.select(".chart")


def test_a_date_that_cannot_be_read_is_no_chip_and_the_figures_without_it_are_one_click_away(
    browser: Browser,
) -> None:
    page = browser.open("/trends?from=last+spring&group_by=platform")
    assert not page.texts(".chips a")
    without = browser.follow(page, "Show the figures without it")
    assert (without.status, without.url) == (200, "/trends?group_by=platform")


def test_a_chart_of_ten_years_by_month_stays_small(browser: Browser) -> None:
    page = browser.open("/trends?interval=month&from=2010&to=2024&group_by=theme")
    assert page.status == 200
    assert len(page.response.data) < 60_000
    assert "All of them are in the CSV" in page.text


def test_charts_and_lists_leave_out_what_a_visitor_may_not_see(admin: Api, browser: Browser) -> None:
    admin.file(occurred_on="2020", title="Not told yet")
    assert visitor(admin).open("/incidents?status=draft").texts(".hit")
    assert not browser.open("/incidents?status=draft").texts(".hit")
    assert not bars(browser.open("/trends?status=draft&group_by="))
