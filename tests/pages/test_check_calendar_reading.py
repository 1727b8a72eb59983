import csv
import io
import zlib
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from secrets import token_hex

import pytest

from tests.support.content_calendars import ADDRESS, BUTTON, CALENDAR, upload
from tests.support.pages import Browser, Page


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


def test_a_text_in_two_languages_is_checked_in_both_columns(browser: Browser) -> None:
    content = "Date,Post copy (EN),Caption HE\n2027-06-02,Good morning,[להוסיף קישור]\n"
    page = upload(browser, content)
    assert page.heading == "1 post should not go out as it is"
    assert "Wed, Jun 2, 2027 · Caption HE" in page.text
    table = upload(browser, content, "Check it and download the result as CSV").response.get_data(
        as_text=True
    )
    rows = csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
    assert [row["Column of the text"] for row in rows] == ["Post copy (EN)", "Caption HE"]


def test_a_column_is_chosen_by_its_sample_and_the_file_need_not_be_chosen_again(browser: Browser) -> None:
    plan = "Date,Wording,Owner\n2027-05-06,Black Friday **** Need copy and link****,Dana\n"
    asked = upload(browser, plan)
    assert asked.status == 422
    assert asked.heading == "Which column has the text?"
    assert asked.texts("fieldset .choice") == [
        "Date 2027-05-06", "Wording Black Friday **** Need copy and link****", "Owner Dana"
    ]  # fmt: skip
    assert asked.one("[name=column_text][checked]")["value"] == "Wording"
    page = browser.send(asked, BUTTON)
    assert page.heading == "1 post should not go out as it is"
    assert "Thu, May 6, 2027" in page.text


def test_a_file_without_headings_is_checked_from_its_first_row_on(browser: Browser) -> None:
    asked = upload(browser, "6.5.2027,09:30,IG,Need copy and link\n7.5.2027,10:00,FB,Hello\n")
    assert "no headings" in asked.text
    page = browser.send(asked, BUTTON)
    assert [row["id"] for row in page.soup.select(".posts tbody tr")] == ["row-1", "row-2"]
    assert "Thu, May 6, 2027, 09:30 · Instagram" in page.text


def test_the_first_row_can_be_called_a_post(browser: Browser) -> None:
    asked = upload(browser, "Need copy and link,Dana\nHello,Dana\n")
    asked = browser.send(asked, "The first row is a post: the file has no headings")
    assert len(browser.send(asked, BUTTON).soup.select(".posts tbody tr")) == 2


def test_a_file_that_was_handed_back_and_changed_on_the_way_is_chosen_again(browser: Browser) -> None:
    form = browser.open(ADDRESS).one("[name=csrf_token]")
    bomb = b64encode(zlib.compress(b"x" * 10_000_000)).decode()
    for content in ("?", "eA==", bomb):
        answer = browser.client.post(ADDRESS, data={"csrf_token": form["value"], "content": content})
        assert answer.status_code == 422
        assert "Choose it once more" in answer.text


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
    assert "03/04/2027 נקרא כ-3 באפריל: כשהכותרות בעברית, היום קודם לחודש." in page.text
    other = hebrew_browser.send(page, "קריאה כ-4 במרץ ובדיקה חוזרת")
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


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a spreadsheet", b'Copy\n"open'])
def test_a_file_that_cannot_be_read_says_what_to_do(browser: Browser, content: bytes) -> None:
    page = upload(browser, content)
    assert page.status == 422
    assert "The calendar was not checked" in page.one("[role=alert]").get_text()
    assert page.one("#file")["aria-invalid"] == "true"
