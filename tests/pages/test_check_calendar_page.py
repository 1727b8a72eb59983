"""Content calendars on their page: what is sent, and what the answer shows."""

import csv
import io
import zlib
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from random import choices
from typing import Any

import pytest

from kb.errors import Unavailable
from kb.messages import Message
from kb.services.check.calendars import batch, file
from kb.services.check.checking import examine_draft
from tests.support.content_calendars import ADDRESS, BUTTON, CALENDAR, upload
from tests.support.pages import Browser

VISITORS_ONLY_READ = True


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


def test_rows_pasted_from_a_spreadsheet_are_checked_like_a_file(browser: Browser) -> None:
    rows = "תאריך\tערוץ\tטקסט\n26.11.2027\tאינסטגרם\t[להשלים קישור]\n27.11.2027\tאינסטגרם\tבוקר טוב\n"
    page = browser.send(browser.open(ADDRESS), BUTTON, pasted=rows)
    assert page.heading == "1 post should not go out as it is"
    assert [row["id"] for row in page.soup.select(".posts tbody tr")] == ["row-2", "row-3"]


def test_pasted_rows_that_cannot_be_read_stay_on_the_page_to_be_corrected(browser: Browser) -> None:
    rows = "Copy\tDate\nHi\t2027-05-06\n"
    page = browser.send(browser.open(ADDRESS), BUTTON, pasted=rows, time_zone="Mars")
    assert page.status == 422
    assert page.one("#pasted").get_text().strip() == rows.strip()
    assert not page.soup.select("#file-kept")
    nothing = browser.send(browser.open(ADDRESS), BUTTON)
    assert nothing.status == 422
    assert "Choose a CSV file or paste the posts, with a row for each." in nothing.text


@pytest.mark.parametrize("language", ["en", "he"])
def test_the_example_is_in_the_language_of_the_page_and_shows_what_a_check_finds(
    browser: Browser, language: str
) -> None:
    example = browser.client.get(f"{ADDRESS}/example.csv?lang={language}").data
    assert (b"Date,Time" if language == "en" else "תאריך,שעה".encode()) in example
    page = upload(browser, example)
    assert page.texts(".legend li")[0] == "Do not publish yet 1"
    assert "Instagram" in page.text


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


def test_the_example_can_be_checked(browser: Browser) -> None:
    example = browser.client.get(browser.open(ADDRESS).link("Download an example"))
    page = upload(browser, example.data)
    assert page.status == 200
    assert len(page.texts(".posts tbody tr")) == 3


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


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a spreadsheet", b'Copy\n"open'])
def test_a_file_that_cannot_be_read_says_what_to_do(browser: Browser, content: bytes) -> None:
    page = upload(browser, content)
    assert page.status == 422
    assert "The calendar was not checked" in page.one("[role=alert]").get_text()
    assert page.one("#file")["aria-invalid"] == "true"


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
    assert "placeholder" in row["Most severe finding"]


def test_a_long_calendar_shows_the_worst_and_counts_the_rest(browser: Browser) -> None:
    page = upload(browser, "Date,Copy\n" + ",Hello\n" * 60 + ",Need copy and link\n")
    assert page.texts(".posts tbody tr")[0].startswith("62 ")
    assert len(page.texts(".posts tbody tr")) == 20
    assert "41 more posts" in page.text
    assert "61 posts have no day that could be read" in page.text


def test_a_calendar_of_long_posts_in_hebrew_is_a_small_page(hebrew_browser: Browser) -> None:
    words = ["".join(choices("אבגדהוזחטיכלמנסעפצקרשת", k=5)) for _ in range(1_000)]
    posts = (f"[להשלים קישור] מבצע! {{{{שם}}}} TBD {' '.join(choices(words, k=40))}" for _ in range(50))
    rows = "".join(f"{1 + number % 2}.10,פייסבוק + אינסטגרם,{post}\n" for number, post in enumerate(posts))
    page = upload(hebrew_browser, "תאריך,ערוץ,טקסט\n" + rows, "בדיקת לוח התוכן")
    assert len(page.texts(".posts tbody tr")) == 20
    assert len(page.response.data) < 60_000
    assert page.soup.select("[name=content]")


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of the drafts that calendars have checked; "Fail" fails."""
    texts: list[str] = []

    def check(*args: Any, **named: Any) -> Any:
        texts.append(args[1].draft.text)
        if texts[-1] == "Fail":
            raise Unavailable(Message("The index is being rebuilt."))
        return examine_draft(*args, **named)

    monkeypatch.setattr(batch, "examine_draft", check)
    return texts


def test_a_long_calendar_says_how_far_it_is_and_closing_the_page_stops_it(
    browser: Browser, checked: list[str]
) -> None:
    form = browser.open(ADDRESS).one("[name=csrf_token]")
    file = (BytesIO(b"Copy\n" + b"Hello\n" * 200), "plan.csv")
    data = {"csrf_token": form["value"], "file": file}
    response = browser.client.post(ADDRESS, data=data, buffered=False)
    pieces = filter(None, response.iter_encoded())
    assert b"</main>" not in next(pieces)
    assert b"200 posts are read" in next(pieces)
    assert not checked
    assert b"25 of 200 posts are checked" in next(pieces)
    response.close()
    assert len(checked) < 50


def test_a_calendar_whose_check_fails_midway_says_so(browser: Browser, checked: list[str]) -> None:
    page = upload(browser, "Copy\n" + "Hello\n" * 3 + "Fail\nHello\n")
    assert page.one("[role=alert] h1").get_text() == "The check has stopped"
    assert "3 posts had been checked" in page.text
    assert page.soup.find("footer") is not None
    assert len(checked) == 4


def test_a_calendar_that_is_too_long_is_refused(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "MAX_ROWS", 2)
    page = upload(browser, "Copy\n" + "Hello\n" * 3)
    assert page.status == 422
    assert "Send them in parts" in page.text


def test_a_file_that_is_too_large_says_what_to_do(browser: Browser) -> None:
    limit = browser.client.application.config["MAX_CONTENT_LENGTH"]
    page = upload(browser, b"Copy\n" + b"x" * limit)
    assert page.status == 413
    assert "in several parts" in page.text
