"""Content calendars on their page: the countries, zones and dates of posts."""

from collections.abc import Callable
from io import BytesIO
from secrets import token_hex

from kb.domain.countries import read_countries
from tests.support.api import Api
from tests.support.content_calendars import ADDRESS, CALENDAR, upload
from tests.support.pages import Browser, Page, visitor


def test_posts_that_name_no_country_are_for_those_of_the_form(browser: Browser) -> None:
    plan = "Date,Copy\n2027-05-11 10:00,Huge sale today!\n"
    assert "Memorial Day" not in upload(browser, plan).text
    assert "Memorial Day" in upload(browser, plan, country="Israel").text
    refused = upload(browser, plan, country="Israel, Ruritania")
    assert refused.status == 422
    assert refused.one("input#country")["value"] == "Israel, Ruritania"
    assert "known country" in refused.one("#country-error").get_text()


def _times(page: Page) -> tuple[str, str]:
    """The sentence on the zone of a result, and the time of its first post."""
    said = next(
        each.get_text() for each in page.soup.select("main p") if "Times were read" in each.get_text()
    )
    return said, page.one(".posts tbody tr p.small").get_text()


def test_times_are_in_the_zone_of_the_only_country_and_the_result_says_so(browser: Browser) -> None:
    plan = "Date,Copy,Country\n2027-05-11 18:00,Huge sale today!,Israel\n"
    page = upload(browser, plan, browser_zone="America/New_York")
    assert "Memorial Day" in page.text
    said, when = _times(page)
    assert said == "Times were read in the zone Jerusalem: the posts are for one country."
    assert "18:00" in when


def test_times_of_posts_without_a_country_are_in_the_zone_of_the_browser(
    browser: Browser, signed_in: Callable[[str], Browser]
) -> None:
    plan = "Date,Copy\n2027-05-11 18:00,Hello\n"
    page = upload(browser, plan, country="", browser_zone="America/New_York")
    assert _times(page)[0] == "Times were read in the zone New York."
    other = upload(browser, plan, country="", browser_zone="Mars/Base")
    assert _times(other)[0] == "Times were read in the zone UTC."
    dana = signed_in("dana")
    dana.send(dana.open("/account"), "Save", time_zone="Asia/Jerusalem")
    own = upload(dana, plan, country="", browser_zone="America/New_York")
    assert _times(own)[0] == "Times were read in the zone Jerusalem."


def test_a_result_that_is_asked_for_once_more_has_the_same_zone_and_countries(browser: Browser) -> None:
    form = upload(
        browser,
        "Date,Copy\n13/04/2027,Hello\n03/04/2027,Hello again\n",
        country="",
        browser_zone="Asia/Tokyo",
    )
    assert form.one("#again [name=browser_zone]")["value"] == "Asia/Tokyo"
    form = upload(browser, "Date,Copy\n2027-05-11,Hello\n", country="Israel")
    assert form.one("#again [name=country]")["value"] == "Israel"


def test_the_form_begins_with_the_country_of_the_readers_language(anonymous: Api) -> None:
    form = visitor(anonymous, "he").open(ADDRESS)
    assert form.one("input#country")["value"] == "ישראל"
    assert visitor(anonymous, "en-TT").open(ADDRESS).one("input#country")["value"] == "Trinidad & Tobago"
    assert read_countries("Trinidad & Tobago") == (["TT"], [])


def test_a_time_zone_is_chosen_by_its_city_or_left_to_the_posts(browser: Browser) -> None:
    page = browser.open("/check/calendar?lang=he")
    cities = {str(option["value"]): option.get_text() for option in page.soup.select("#time_zone option")}
    assert cities["Asia/Jerusalem"] == "ירושלים"
    assert next(iter(cities)) == ""
    assert not page.soup.select("#time_zone [selected]")


def test_an_unknown_time_zone_is_named_and_what_was_sent_stays(browser: Browser) -> None:
    page = upload(browser, CALENDAR, time_zone="Mars/Olympus<b>")
    assert page.status == 422
    assert page.one("#time_zone [selected]")["value"] == "Mars/Olympus<b>"
    assert page.one("#time_zone")["aria-invalid"] == "true"


def test_an_ambiguous_date_is_read_as_the_form_says(browser: Browser) -> None:
    plan = "Date,Copy\n03/04/2027,Hello\n"
    asked = upload(browser, plan)
    assert asked.heading == "Is 03/04/2027 April 3 or March 4?"
    assert browser.follow(asked, "Back to the form").url == ADDRESS
    assert "Apr 3, 2027" in browser.send(asked, "April 3").text
    assert "Mar 4, 2027" in browser.send(asked, "March 4").text
    assert "Apr 3, 2027" in upload(browser, plan, date_order="dmy").text


def test_the_page_says_how_dates_were_read_and_one_click_reads_them_the_other_way(
    hebrew_browser: Browser,
) -> None:
    page = upload(hebrew_browser, "תאריך,טקסט\n03/04/2027,שלום\n", "בדיקת לוח התוכן")
    assert "03/04/2027 פורש כ-3 באפריל: כשהכותרות בעברית, היום קודם לחודש." in page.text
    other = hebrew_browser.send(page, "לקרוא כ-4 במרץ ולבדוק שוב")
    assert "4 במרץ 2027" in other.text
    assert "כפי שבחרת" in other.text


def test_a_date_with_a_zero_has_no_two_readings(browser: Browser) -> None:
    page = upload(browser, "Date,Copy\n0/09,Hello\n")
    assert "'0/09' is no day of the calendar" in page.text


def test_a_large_file_with_ambiguous_dates_is_chosen_again(browser: Browser) -> None:
    rows = "".join(f"03/04/2027,{token_hex(200)}\n" for _ in range(500))
    asked = upload(browser, "Date,Copy\n" + rows)
    assert not asked.soup.select("[name=content]")
    file = (BytesIO(b"Date,Copy\n03/04/2027,Hello\n"), "plan.csv")
    assert "Apr 3, 2027" in browser.send(asked, "April 3", file=file).text
