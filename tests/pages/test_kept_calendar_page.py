"""Content calendars that are kept for those who are signed in."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest

from kb.models import db
from kb.models.calendar_upload import CalendarUpload
from kb.models.check import Check
from kb.services.check.calendars import uploads
from tests.support.api import Api
from tests.support.content_calendars import ADDRESS, CALENDAR, upload
from tests.support.pages import Browser, visitor


@pytest.fixture
def dana(signed_in: Callable[..., Browser]) -> Browser:
    """The browser of a reader who is signed in."""
    return signed_in("Dana", north="reader")


LONG = "Date,Copy\n" + "10/05/2027,Hello\n" * 480 + "05/20/2027,Need copy and link\n" * 20


def test_it_is_said_how_many_posts_were_checked_without_the_days_of_a_country(dana: Browser) -> None:
    content = "Date,Copy,Country\n2027-05-04,Hello,\n2027-05-05,Hello,IL\n,Hello,\n"
    said = "1 post names no country: the holidays and memorial days of countries were not checked for it."
    assert said in upload(dana, content, country="").text
    assert said in dana.follow(dana.open(ADDRESS), "plan.csv").text
    assert "names no country" not in upload(dana, content, country="Israel").text


def test_a_calendar_without_a_column_for_the_day_leads_to_where_it_is_named(dana: Browser) -> None:
    content = "Runs,Copy\n2027-05-04,Hello\n,Hello\n"
    for page in (upload(dana, content), dana.follow(dana.open(ADDRESS), "plan.csv")):
        assert "No column was recognized as the day" in page.text
        assert "have no day that could be read" not in page.text
        field = page.link("Name the column, and check the calendar once more").partition("#")[2]
        assert dana.open(ADDRESS).one(f"#{field}")["name"] == "column_scheduled_at"
    named = upload(dana, content, column_scheduled_at="Runs")
    assert "1 post has no day that could be read" in named.text


@pytest.mark.parametrize("heading", ["Publish Day", "Launch date", "יום פרסום", "תאריך לפרסום"])
def test_usual_headings_of_the_day_are_known(dana: Browser, heading: str) -> None:
    assert "May 4, 2027" in upload(dana, f"{heading},Copy\n2027-05-04,Hello\n").text


def test_a_kept_calendar_has_pages_and_a_link_for_each_verdict(dana: Browser) -> None:
    page = upload(dana, LONG)
    assert len(page.soup.select(".posts tbody tr")) == 20
    kept = dana.follow(page, "Next page")
    assert "Page 2 of 25" in kept.text
    assert kept.status == 200
    assert {*kept.texts(".posts td:nth-child(2)")} == {"Does not go together"}
    stops = dana.follow(kept, "Do not publish yet")
    assert [row["id"] for row in stops.soup.select(".posts tbody tr")][:2] == ["row-482", "row-483"]
    assert not stops.soup.select(".pager")
    assert max(len(each.response.data) for each in (page, kept, stops)) < 60_000


def test_a_row_of_a_kept_calendar_opens_in_the_check(dana: Browser) -> None:
    page = upload(dana, CALENDAR, time_zone="America/New_York")
    checked = dana.follow(page, "Open in the check : row 3")
    assert checked.one("mark.stop")
    assert checked.one("[name=when]")["value"] == "2027-11-26T12:00"
    assert checked.one("#zone option[selected]")["value"] == "America/New_York"


def test_a_kept_calendar_is_read_the_other_way_and_downloaded_without_choosing_it(dana: Browser) -> None:
    page = upload(dana, "Date,Copy\n03/04/2027,Hello\n", date_order="dmy")
    page = dana.send(page, "Read it as March 4, and check again")
    assert "Mar 4, 2027" in page.text
    assert "Mar 4, 2027" in dana.open(page.link("Download as CSV")).response.text


def test_nobody_else_sees_a_kept_calendar_and_it_can_be_deleted(
    dana: Browser, signed_in: Callable[..., Browser], browser: Browser
) -> None:
    page = upload(dana, CALENDAR)
    address = page.link("Download as CSV").removesuffix("/result.csv")
    assert dana.open(address).status == 200
    assert signed_in("Omer", north="admin").open(address).status == 404
    assert browser.open(address).heading == "Sign in"
    gone = dana.send(page, "Delete it now")
    assert "The calendar is deleted." in gone.response.text
    assert dana.open(address).status == 404


def test_a_calendar_is_kept_for_a_day_and_only_the_latest_five(
    dana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        page = upload(dana, CALENDAR)
    assert len(dana.open(ADDRESS).texts("main li a")) == 5
    monkeypatch.setattr(uploads, "KEPT_FOR", timedelta(0))
    assert dana.open(page.link("Download as CSV")).status == 404
    assert not dana.open(ADDRESS).texts("main li a")


def test_a_calendar_is_not_kept_for_those_who_do_not_want_it(dana: Browser) -> None:
    form = dana.open(ADDRESS).soup.select("[name=csrf_token]")[0]
    file = (BytesIO(CALENDAR.encode()), "plan.csv")
    answer = dana.client.post(ADDRESS, data={"csrf_token": form["value"], "file": file})
    assert "The result is on this page only" in answer.text
    assert not dana.open(ADDRESS).texts("main li a")


def test_nothing_is_kept_of_others_and_a_form_of_another_site_is_refused(anonymous: Api) -> None:
    browser = visitor(anonymous)
    assert upload(browser, CALENDAR).status == 200
    with anonymous.client.application.app_context():
        assert db.session.query(Check).count() == 0
        assert db.session.query(CalendarUpload).count() == 0
    answer = browser.client.post(ADDRESS, data={"file": (BytesIO(b"Copy\nHello\n"), "plan.csv")})
    assert answer.status_code == 400
