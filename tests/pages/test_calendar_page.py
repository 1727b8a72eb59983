from datetime import date

import pytest
from flask import Flask

from kb.pages import front
from kb.pages.days import calendar
from kb.pages.days.calendar_month import years_ago
from kb.pages.formats import title_direction
from tests.support.pages import Browser


def test_a_month_lists_its_days_with_what_they_ask_of_a_brand(browser: Browser) -> None:
    page = browser.open("/calendar?month=2027-05&country=IL")
    assert page.heading == "Days to watch in May 2027"
    day = page.one("#day-2027-05-04").get_text(" ")
    assert "Holocaust Remembrance Day" in day
    assert "no promotion" in day
    assert "from the evening before" in day


def test_the_evening_on_which_a_day_begins_is_marked_and_leads_to_it(browser: Browser) -> None:
    page = browser.open("/calendar?month=2027-05&country=IL")
    cell = page.one(".month td:has([href='#day-2027-05-10'])")
    assert cell["class"] == ["eve-no-promotion"]
    assert (
        cell.get_text()
        == "10: from the evening: Memorial Day for the fallen and victims of terror (no promotion)"
    )
    eve = page.one("#day-2027-05-10 .eve")
    assert " ".join(eve.get_text(" ").split()).endswith("victims of terror no promotion")
    [link] = eve.select("a")
    assert link["href"] == "#day-2027-05-11"
    grave = page.one(".month td:has([href='#day-2027-05-11'])")
    assert grave["class"] == ["no-promotion"]
    assert "from the evening: Independence Day, Israel (fine)" in grave.get_text()


@pytest.mark.parametrize(
    ("month", "eve", "day"),
    [("2028-04", "2028-04-30", "2028-05-01"), ("2062-12", "2062-12-31", "2063-01-01")],
)
def test_an_evening_of_the_last_day_leads_to_the_next_month(
    hebrew_browser: Browser, month: str, eve: str, day: str
) -> None:
    page = hebrew_browser.open(f"/calendar?month={month}&country=IL&risky=true")
    assert "החל מהערב" in page.one(f".month td:has([href='#day-{eve}'])").get_text()
    assert not page.soup.select(f"#day-{day}")
    address = str(page.one(f"#day-{eve} .eve a")["href"])
    following = hebrew_browser.open(address)
    assert following.one(f"#{address.partition('#')[2]}")["id"] == f"day-{day}"


def test_risky_days_alone_are_shown_and_stay_chosen(browser: Browser) -> None:
    every = browser.open("/calendar?month=2027-12&country=US")
    risky = browser.send(every, "Show", risky="true")
    assert "World AIDS Day" in risky.text
    assert "Ugly Sweater Day" in every.text
    assert "Ugly Sweater Day" not in risky.text
    assert "fine" in every.one(".legend").get_text()
    assert "fine" not in risky.one(".legend").get_text()
    assert "risky=true" in str(risky.one("[data-copy]")["data-copy"])
    january = browser.follow(risky, "January 2028")
    assert january.one("#risky").has_attr("checked")
    assert "New Year's Day" not in january.text


def test_a_day_names_the_incidents_that_happened_on_it_and_what_led_to_them(browser: Browser) -> None:
    page = browser.open("/calendar?month=2027-11&country=US")
    assert "McDonald's Black Friday placeholder published by mistake" in page.text
    assert "How it failed: " in page.texts(".precedents .why")[0]
    incident = browser.follow(page, "McDonald's Black Friday placeholder")
    assert incident.status == 200


def test_one_goes_from_month_to_month_with_the_countries(browser: Browser) -> None:
    page = browser.open("/calendar?month=2026-12&country=IL,US")
    later = browser.follow(page, "January 2027")
    assert later.heading == "Days to watch in January 2027"
    assert later.texts(".chips a") == ["Israel × remove", "United States × remove"]
    assert browser.follow(later, "December 2026").heading == "Days to watch in December 2026"


def test_countries_are_added_and_taken_away(browser: Browser) -> None:
    page = browser.open("/calendar?month=2027-07&country=IL")
    both = browser.send(page, "Show", month="2027-07")
    assert both.texts(".chips a") == ["Israel × remove"]
    none = browser.open(str(page.one(".chips a")["href"]))
    assert not none.texts(".chips a")
    assert none.heading == page.heading


def test_a_reader_of_hebrew_gets_the_days_of_israel(hebrew_browser: Browser) -> None:
    page = hebrew_browser.open("/calendar?month=2027-05")
    assert page.one("html")["dir"] == "rtl"
    assert page.texts(".chips bdi") == ["ישראל"]
    assert "יום השואה" in page.one("#day-2027-05-04").get_text()


def test_a_phone_subscribes_to_the_days_without_copying_an_address(browser: Browser) -> None:
    page = browser.open("/calendar?month=2027-05&country=IL")
    address = page.link("Subscribe on this device")
    assert address == page.texts(".address code")[0].replace("http://", "webcal://")


def test_the_address_for_calendar_programs_answers_with_icalendar(browser: Browser) -> None:
    page = browser.open("/calendar?country=IL")
    address = str(page.one("[data-copy]")["data-copy"])
    assert page.texts(".address code") == [address]
    file = page.one("a[download]")
    assert file["download"] == "days-to-watch.ics"
    assert address.endswith(str(file["href"]))
    answer = browser.client.get(address)
    assert answer.mimetype == "text/calendar"


def test_paper_says_which_countries_the_month_is_for(browser: Browser) -> None:
    page = browser.open("/calendar?month=2027-05&country=IL,US&risky=true")
    assert page.texts("p.print-only") == ["Israel , United States , whole world · Risky days only"]


def test_what_cannot_be_read_is_named(browser: Browser) -> None:
    assert browser.open("/calendar?risky=maybe").status == 422
    assert browser.open("/calendar?month=2027-13").status == 422
    assert browser.open("/calendar?month=<script>").status == 422
    assert browser.open("/calendar?month=9999-12").status == 422
    page = browser.open("/calendar?country=Narnia")
    assert page.status == 422
    assert "two-letter code" in page.one("[role=alert]").get_text()


def test_a_grave_day_leads_to_its_precedents(browser: Browser) -> None:
    page = browser.open("/calendar?month=2027-11&country=US")
    [link] = [each for each in page.soup.select(".observance a") if "q=Black+Friday" in str(each["href"])]
    assert link.get_text().startswith("Precedents about it: ")
    assert browser.open(str(link["href"])).texts(".hit h2")[0].startswith("McDonald's Black Friday")


@pytest.mark.parametrize(("country", "first"), [("GB", "Monday"), ("IL", "Sunday"), ("US", "Sunday")])
def test_weeks_begin_as_they_do_in_the_country(browser: Browser, country: str, first: str) -> None:
    page = browser.open(f"/calendar?month=2027-05&country={country}")
    assert page.soup.select(".month abbr")[0]["title"] == first


def test_how_long_ago_is_told_as_people_say_it(app: Flask) -> None:
    with app.test_request_context("/calendar?lang=en"):
        assert [years_ago(31), years_ago(1)] == ["31 years ago", "1 year ago"]
    with app.test_request_context("/calendar?lang=he"):
        assert [*map(years_ago, (1, 2, 9, 31))] == ["לפני שנה", "לפני שנתיים", "לפני 9 שנים", "לפני 31 שנה"]


def test_a_title_in_hebrew_that_begins_with_a_name_in_latin_letters_runs_from_right_to_left() -> None:
    assert title_direction("AT&T מכניסה סמארטפון לפוסט הזיכרון ל-11 בספטמבר") == "rtl"
    assert title_direction("AT&T puts a phone into its tribute") == "auto"


@pytest.fixture
def on_may_10(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be Monday, May 10, 2027."""
    for module in (calendar, front):
        monkeypatch.setattr(module, "current_day", lambda: date(2027, 5, 10))


@pytest.mark.usefixtures("on_may_10")
def test_the_current_month_says_which_day_it_is_and_leads_to_what_is_next(browser: Browser) -> None:
    page = browser.open("/calendar?country=IL")
    assert page.one(".month td[aria-current=date]").get_text().startswith("10")
    assert page.texts(".day h2 .today") == ["today"]
    assert page.link("What is next: Monday, May 10") == "#day-2027-05-10"
    other = browser.open("/calendar?month=2027-06&country=IL")
    assert not other.soup.select("[aria-current=date]")
    assert "What is next" not in other.text


@pytest.mark.usefixtures("on_may_10")
def test_the_front_page_names_the_gravest_days_of_the_next_two_weeks(hebrew_browser: Browser) -> None:
    page = hebrew_browser.open("/?lang=he")
    days = page.texts(".coming li")
    assert len(days) == 3
    assert "יום הזיכרון" in days[0]
    assert "בלי פרסום ומבצעים" in days[0]
    assert (
        page.soup.select(".coming a")[0]["href"]
        == "/calendar?month=2027-05&country=IL&lang=he#day-2027-05-11"
    )


def test_only_days_that_not_everybody_keeps_name_their_countries(browser: Browser) -> None:
    page = browser.open("/calendar?month=2027-05&country=IL")
    days = [page.one(f"#day-2027-05-{day} .observance").get_text(" ") for day in ("01", "11")]
    assert ["Israel" in day for day in days] == [False, True]
    assert "worldwide" not in page.text
