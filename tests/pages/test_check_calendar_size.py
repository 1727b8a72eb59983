from io import BytesIO
from random import choices
from typing import Any

import pytest

from kb.errors import Unavailable
from kb.messages import Message
from kb.services.check.calendars import batch, file
from kb.services.check.checking import examine_draft
from tests.support.content_calendars import ADDRESS, upload
from tests.support.pages import Browser


def test_a_long_calendar_shows_the_worst_and_counts_the_rest(browser: Browser) -> None:
    page = upload(browser, "Copy\n" + "Hello\n" * 60 + "Need copy and link\n")
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
