import csv
import io
from collections.abc import Callable

from kb.domain.country_names import read_countries
from tests.support.api import Api
from tests.support.content_calendars import ADDRESS, CALENDAR, upload
from tests.support.pages import Browser, visitor


def test_the_answer_begins_with_what_should_not_go_out(browser: Browser) -> None:
    page = upload(browser, CALENDAR)
    assert page.status == 200
    assert page.heading == "1 post should not go out as it is"
    rows = page.soup.select(".posts tbody tr")
    assert [row["id"] for row in rows] == ["row-3", "row-4", "row-2"]
    assert "Need copy and link" in rows[0].get_text()
    assert "'someday 12:00'" in rows[1].get_text()
    dates = [each.get_text() for each in rows[1].select("bdi.whole")]
    assert dates == ["2027-09-11", "2027-09-11 09:00"]
    assert "Thu, May 6, 2027, 12:00 · Instagram" in page.text


def test_a_row_opens_in_the_check_with_what_the_calendar_says_of_it(browser: Browser) -> None:
    page = upload(browser, CALENDAR, time_zone="America/New_York")
    checked = browser.send(page, "Open in the check : row 3")
    assert checked.status == 200
    assert checked.url == "/check"
    assert checked.one("textarea#text").get_text().strip() == "Black Friday **** Need copy and link****"
    assert checked.one("option[selected][value=twitter]")
    assert checked.one("main [name=when]")["value"] == "2027-11-26T12:00"
    assert checked.one("#zone option[selected]")["value"] == "America/New_York"


def test_a_time_with_an_offset_of_its_own_opens_in_the_check_with_that(browser: Browser) -> None:
    page = upload(browser, "Date,Copy\n2027-05-06T12:00+09:00,Hello\n2027-05-07,Hi\n", country="")
    checked = browser.send(page, "Open in the check : row 2")
    assert checked.one("#zone option[selected]").get_text() == "UTC+09:00"


def test_posts_that_name_no_country_are_for_those_of_the_form(browser: Browser) -> None:
    plan = "Date,Copy\n2027-05-11 10:00,Huge sale today!\n"
    assert "Memorial Day" not in upload(browser, plan).text
    assert "Memorial Day" in upload(browser, plan, country="Israel").text
    refused = upload(browser, plan, country="Israel, Ruritania")
    assert refused.status == 422
    assert refused.one("input#country")["value"] == "Israel, Ruritania"
    assert "known country" in refused.one("#country-error").get_text()


def test_a_sale_beside_a_grave_post_asks_for_a_second_look_and_is_not_without_problems(
    browser: Browser, signed_in: Callable[[str], Browser]
) -> None:
    plan = """Date,Time,Channel,Copy,Country
2027-06-10,09:00,Facebook,In memory of the fallen soldiers,IL
2027-06-10,11:00,Facebook,"Huge sale, 50% off everything",IL
2027-06-20,11:00,Facebook,Good morning,IL
"""
    page = upload(browser, plan)
    assert page.heading == "2 posts need a second look"
    assert page.texts(".legend:not(.filter) li")[-2:] == ["Does not go together 2", "No problem found 1"]
    kept = upload(signed_in("dana"), plan, keep="1")
    assert kept.heading == page.heading


def test_a_clash_that_is_only_a_note_stands_apart_from_what_needs_a_second_look(browser: Browser) -> None:
    plan = """Date,Time,Channel,Copy
2027-06-10,09:00,Facebook,Good morning
2027-06-10,09:05,Facebook,Our new colors are here
"""
    page = upload(browser, plan)
    assert page.heading == "2 posts do not go together with others"
    assert page.texts(".legend li")[-1:] == ["Does not go together 2"]


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


def test_the_example_can_be_checked(browser: Browser) -> None:
    example = browser.client.get(browser.open(ADDRESS).link("Download an example"))
    page = upload(browser, example.data)
    assert page.status == 200
    assert len(page.texts(".posts tbody tr")) == 3


def test_texts_are_shown_and_not_run(browser: Browser) -> None:
    page = upload(browser, 'Copy\n"<script>alert(1)</script> Need copy and link"\n')
    assert "<script>alert(1)</script>" in page.one(".posts td span[dir]").get_text()
    assert not any("alert" in text for text in page.texts("script"))


def test_the_result_can_be_had_as_csv_without_formulas(browser: Browser) -> None:
    plan = 'Owner,Copy\nDana,"=1+1 Need copy and link"\n'
    page = browser.send(upload(browser, plan), "Download as CSV")
    assert (
        page.response.data == upload(browser, plan, "Check it and download the result as CSV").response.data
    )
    assert page.response.mimetype == "text/csv"
    (row,) = csv.DictReader(io.StringIO(page.response.get_data(as_text=True).removeprefix("\ufeff")))
    assert list(row)[:3] == ["Owner", "Copy", "Verdict"]
    assert (row["Owner"], row["Verdict"]) == ("Dana", "Do not publish yet")
    assert row["Copy"].startswith("'=")
    assert "placeholder" in row["Gravest finding"]


def test_it_is_said_how_many_posts_were_checked_without_the_days_of_a_country(
    signed_in: Callable[[str], Browser],
) -> None:
    dana = signed_in("dana")
    content = "Date,Copy,Country\n2027-05-04,Hello,\n2027-05-05,Hello,IL\n,Hello,\n"
    said = "1 post names no country: the holidays and memorial days of countries were not checked for it."
    assert said in upload(dana, content, country="").text
    assert said in dana.follow(dana.open(ADDRESS), "plan.csv").text
    assert "names no country" not in upload(dana, content, country="Israel").text
