from tests.support.pages import Browser


def test_a_month_lists_its_days_with_what_they_ask_of_a_brand(browser: Browser) -> None:
    page = browser.open("/calendar?month=2027-05&country=IL")
    assert page.heading == "Days to watch in May 2027"
    day = page.one("#day-2027-05-04").get_text(" ")
    assert "Holocaust Remembrance Day" in day
    assert "no promotion" in day
    assert "from the evening before" in day


def test_a_day_names_the_incidents_that_happened_on_it(browser: Browser) -> None:
    page = browser.open("/calendar?month=2027-11&country=US")
    assert "McDonald's Black Friday placeholder published by mistake" in page.text
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


def test_the_address_for_calendar_programs_answers_with_icalendar(browser: Browser) -> None:
    page = browser.open("/calendar?country=IL")
    address = str(page.one("[data-copy]")["data-copy"])
    answer = browser.client.get(address)
    assert answer.mimetype == "text/calendar"


def test_what_cannot_be_read_is_named(browser: Browser) -> None:
    assert browser.open("/calendar?month=2027-13").status == 422
    assert browser.open("/calendar?month=<script>").status == 422
    assert browser.open("/calendar?month=9999-01").status == 422
    page = browser.open("/calendar?country=Narnia")
    assert page.status == 422
    assert "two-letter code" in page.one("[role=alert]").get_text()
