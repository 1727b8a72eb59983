"""A check whose receipt cannot be stored is answered all the same."""

from __future__ import annotations

import pytest

from kb.config import Settings
from kb.errors import StorageFull
from kb.messages import Message
from kb.services.core.unit_of_work import unit_of_work
from kb.web import recorded_checks
from tests.support.api import Api
from tests.support.busy_database import locked
from tests.support.pages import visitor

pytestmark = pytest.mark.slow

DRAFT = "Black Friday **** Need copy and link****"


def test_while_nothing_can_be_stored_a_draft_is_checked_and_its_text_stays_on_the_page(
    settings: Settings, dana: Api
) -> None:
    browser = visitor(dana, "he")
    form = browser.open("/check")
    with locked(settings.sqlite_path):
        page = browser.send(form, "בדיקת הטיוטה", text=DRAFT, keep_text="true")
    assert page.status == 200
    assert page.texts(".finding.stop")
    assert "הבדיקה הושלמה, אבל כרגע אי אפשר לשמור" in page.text
    assert page.one("#fix #text").get_text().strip() == DRAFT
    assert dana.get("/checks").get_json()["items"] == []
    again = browser.send(page, "בדיקה חוזרת")
    assert "/checks/" in again.url


def test_a_full_disk_does_not_keep_a_draft_from_being_checked(
    dana: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        with unit_of_work():
            raise StorageFull(Message("The disk is full."))

    monkeypatch.setattr(recorded_checks, "record_check", refuse)
    browser = visitor(dana)
    page = browser.send(browser.open("/check"), "Check it", text=DRAFT)
    assert (page.status, page.texts(".answers")) == (200, [])
    assert "None of this was kept." in page.text


def test_the_api_answers_like_the_page_unless_the_answer_must_be_stored(
    settings: Settings, dana: Api
) -> None:
    with locked(settings.sqlite_path):
        answer = dana.post("/checks", {"text": DRAFT}).get_json()
        with_key = dana.post("/checks", {"text": DRAFT}, Idempotency_Key="a")
    assert (answer["verdict"], answer["id"]) == ("stop", None)
    assert [note["pointer"] for note in answer["notes"]] == [""]
    assert with_key.status_code == 503
    again = dana.post("/checks", {"text": DRAFT}, Idempotency_Key="a").get_json()
    assert again["id"] is not None
    assert again["notes"] == []
