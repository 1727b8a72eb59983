"""Foreign tables on pages: their columns are guessed, corrected in the browser, and imported as shown."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from kb.pages.exchange import columns_form, imports
from tests.support.api import Api, people
from tests.support.pages import Browser, Page, try_file, visitor
from tests.support.waiting import PATIENCE

TABLE = (
    b"Brand,Day,What happened,Type,Notes,Dept\n"
    b"Acme,2019-03-02,A draft goes out.,Bad taste,Nobody read it twice.,North\n"
    b"Globex,2020-05-01,A joke about a flood.,offensive,An intern wrote it.,South\n"
)
UNKNOWN = b"X1,X2\nAcme,A draft goes out.\n"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers wait until an import has ended."""
    monkeypatch.setattr(imports, "_PATIENCE_SECONDS", PATIENCE)


@pytest.fixture
def admin(app: Flask) -> Api:
    """An administrator of one team."""
    return people(app)("Ada Admin", north="admin")


@pytest.fixture
def browser(admin: Api) -> Browser:
    return visitor(admin)


def stored(api: Api) -> list[dict[str, Any]]:
    """The incidents that were imported: all of them are drafts."""
    items: list[dict[str, Any]] = api.get("/incidents", status="draft").get_json()["items"]
    return items


def try_table(browser: Browser, content: bytes, **fields: str) -> Page:
    """Choose a table on the page for it, and have it tried."""
    return try_file(browser, content, "log.csv", **fields)


def full(api: Api) -> list[dict[str, Any]]:
    """The same with all of their fields."""
    return [api.get(f"/incidents/{each['id']}").get_json() for each in stored(api)]


def chosen(page: Page) -> dict[str, str]:
    """The field that each column is read as, by the heading of the column."""
    return {
        label.get_text(): str(page.one(f'[id="{label["for"]}"] option[selected]')["value"])
        for label in page.soup.select('label[for^="column."]')
    }


def control(page: Page, label: str) -> str:
    """The name of the control with a label."""
    (found,) = (each for each in page.soup.find_all("label") if each.get_text().strip() == label)
    return str(found["for"])


def test_the_meaning_of_foreign_columns_is_guessed_and_shown_before_anything_is_stored(
    browser: Browser, admin: Api
) -> None:
    page = try_table(browser, TABLE)
    assert page.heading == "The file can be imported"
    assert "This is a guess" in page.text
    assert chosen(page) == {
        "Brand": "organization",
        "Day": "occurred_on",
        "What happened": "summary",
        "Type": "category",
        "Notes": "",
        "Dept": "",
    }
    assert "A draft goes out. · A joke about a flood." in page.text
    assert stored(admin) == []
    assert browser.send(page, "Import it").heading == "The incidents are imported"
    assert {each["organization"] for each in stored(admin)} == {"Acme", "Globex"}


def test_a_corrected_column_is_read_again_and_what_was_seen_is_imported(browser: Browser, admin: Api) -> None:
    page = try_table(browser, TABLE)
    again = browser.send(page, "Read the file again", **{control(page, "Notes"): "cause"})
    assert again.url == page.url
    assert chosen(again)["Notes"] == "cause"
    assert chosen(again)["Brand"] == "organization"
    assert "This is a guess" not in again.text
    browser.send(again, "Import it")
    assert {each["cause"] for each in full(admin)} == {"Nobody read it twice.", "An intern wrote it."}


def test_changes_that_were_not_read_are_tried_instead_of_imported(browser: Browser, admin: Api) -> None:
    page = try_table(browser, TABLE)
    shown = browser.send(page, "Import it", **{control(page, "Notes"): "cause"})
    assert "nothing is imported yet" in shown.text
    assert stored(admin) == []
    assert browser.send(shown, "Import it").heading == "The incidents are imported"
    assert {each["cause"] for each in full(admin)} == {"Nobody read it twice.", "An intern wrote it."}


def test_a_word_of_the_file_gets_the_term_that_is_chosen_for_it(browser: Browser, admin: Api) -> None:
    page = try_table(browser, TABLE)
    again = browser.send(page, "Read the file again", **{control(page, "Bad taste"): "wrong-account"})
    browser.send(again, "Import it")
    assert {each["organization"]: each["category"] for each in stored(admin)} == {
        "Acme": "wrong-account",
        "Globex": "offensive",
    }


def test_a_column_that_is_chosen_as_a_classification_has_its_words_guessed(browser: Browser) -> None:
    page = try_table(browser, b"Brand,What happened,Q\nAcme,A draft.,High\nAcme,Another.,Low\n")
    again = browser.send(page, "Read the file again", **{control(page, "Q"): "severity"})
    assert page.soup.find("legend", string="What its words mean: Severity") is None
    assert again.soup.find("legend", string="What its words mean: Severity") is not None
    words = [each["value"] for each in again.soup.select('select[name^="value."] option[selected]')]
    assert words == ["4", "2"]


def test_rows_without_an_organization_get_the_team_or_what_is_typed(browser: Browser, admin: Api) -> None:
    page = try_table(browser, b"Incident,What happened\nA slip,A draft goes out.\n")
    assert page.one('[name="constant.organization"]')["value"] == "north"
    typed = {"constant.organization": "Acme Foods", "constant.category": "wrong-account"}
    again = browser.send(page, "Read the file again", **typed)
    assert again.one('[name="constant.organization"]')["value"] == "Acme Foods"
    browser.send(again, "Import it")
    (found,) = stored(admin)
    assert (found["organization"], found["category"]) == ("Acme Foods", "wrong-account")


def test_the_order_of_day_and_month_can_be_changed(browser: Browser, admin: Api) -> None:
    page = try_table(browser, b"Brand,Date,What happened\nAcme,03/04/2019,A draft goes out.\n")
    name = control(page, "What comes first in 03/04/2027")
    browser.send(browser.send(page, "Read the file again", **{name: "mdy"}), "Import it")
    assert [each["occurred_on"] for each in stored(admin)] == ["2019-03-04"]


def test_columns_that_nobody_can_guess_are_mapped_by_hand(browser: Browser, admin: Api) -> None:
    page = try_table(browser, UNKNOWN)
    assert page.heading == "The file cannot be imported as it is"
    assert "None of its headings was understood" in page.text
    by_hand = {"X1": "organization", "X2": "summary"}
    columns = {control(page, heading): field for heading, field in by_hand.items()}
    again = browser.send(page, "Read the file again", **columns, **{"constant.category": "offensive"})
    assert again.heading == "The file can be imported"
    browser.send(again, "Import it")
    assert [each["organization"] for each in stored(admin)] == ["Acme"]


def test_the_table_of_an_export_is_imported_without_questions(browser: Browser, admin: Api) -> None:
    page = try_table(browser, b"organization,category,summary\nAcme,offensive,A draft goes out.\n")
    assert "What its columns mean" not in page.text
    assert browser.send(page, "Import it").heading == "The incidents are imported"


def test_a_mapping_that_was_sent_is_shown_and_what_the_page_cannot_show_is_kept(
    browser: Browser, admin: Api
) -> None:
    table = TABLE.replace(b"Nobody read it twice.", b"one").replace(b"An intern wrote it.", b"two")
    mapping = (
        "columns: {brand: organization, What happened: summary, Type: category, Notes: slug}\n"
        "constants: {language: en, tags: [old, log]}\n"
        "values: {category: {Bad taste: [offensive]}}\n"
    )
    page = try_table(browser, table, mapping=mapping)
    assert "This is a guess" not in page.text
    assert chosen(page)["Notes"] == "slug"
    again = browser.send(page, "Read the file again", **{control(page, "Dept"): "audience"})
    assert chosen(again)["Notes"] == "slug"
    browser.send(again, "Import it")
    assert {each["audience"] for each in full(admin)} == {"North", "South"}
    assert [each["tags"] for each in full(admin)] == [["log", "old"], ["log", "old"]]


def test_a_file_that_was_read_otherwise_in_another_window_is_not_imported_unseen(
    browser: Browser, admin: Api
) -> None:
    page = try_table(browser, TABLE)
    browser.send(page, "Read the file again", **{control(page, "Notes"): "cause"})
    for button, fields in (("Import it", {}), ("Read the file again", {control(page, "Dept"): "audience"})):
        refused = browser.send(page, button, **fields)
        assert (refused.status, "read in another way meanwhile" in refused.text) == (409, True)
        assert chosen(refused)["Notes"] == "cause"
    assert stored(admin) == []


def test_a_field_that_does_not_exist_is_refused(browser: Browser, admin: Api) -> None:
    page = try_table(browser, TABLE)
    refused = browser.send(page, "Read the file again", **{control(page, "Notes"): "caus"})
    assert (refused.status, "Did you mean cause?" in refused.text) == (422, True)
    assert chosen(refused)["Notes"] == ""


def test_a_table_with_many_columns_has_controls_for_the_first_and_keeps_the_others(browser: Browser) -> None:
    many = columns_form.MAX_CONTROLS + 10
    header = ",".join(["Brand", "What happened", *(f"C{n}" for n in range(many)), "Root cause"])
    row = ",".join(["Acme", "A draft goes out.", *("x" for _ in range(many)), "No second reader."])
    page = try_table(browser, f"{header}\n{row}\n".encode())
    assert len(chosen(page)) == columns_form.MAX_CONTROLS
    assert "13 more columns and words keep their meaning" in page.text
    again = browser.send(page, "Read the file again", **{control(page, "C0"): "tags"})
    assert browser.send(again, "Import it").heading == "The incidents are imported"


def test_headings_and_cells_are_text(browser: Browser) -> None:
    page = try_table(browser, b"Brand,What happened,<b>x</b>\nAcme,<script>alert(1)</script>,<i>\n")
    assert page.soup.select("main script, main b, main i") == []
    assert "<b>x</b>" in chosen(page)


def test_administrators_of_other_teams_cannot_have_it_read(app: Flask, browser: Browser) -> None:
    person: Callable[..., Api] = people(app)
    page = try_table(browser, TABLE)
    other = visitor(person("Sol", south="admin"))
    token = other.open("/imports").soup.select('[name="csrf_token"]')[0]["value"]
    headers = {"Accept": "text/html", "Origin": "http://localhost"}
    fields = {"csrf_token": token, "column.4": "cause"}
    answer = other.client.post(f"{page.url}/reread", data=fields, headers=headers)
    assert answer.status_code == 404
    assert chosen(browser.open(page.url))["Notes"] == ""


def test_hebrew_readers_map_hebrew_tables_in_hebrew(admin: Api) -> None:
    browser = visitor(admin, "he")
    table = "מותג,תאריך,מה קרה,סוג התקלה,הערות\nאקמי,02/03/2019,טיוטה התפרסמה.,חשבון לא נכון,איש לא קרא.\n"
    page = browser.send(browser.open("/imports"), "בדיקת הקובץ", file=(BytesIO(table.encode()), "א.csv"))
    assert page.heading == "אפשר לייבא את הקובץ"
    assert chosen(page) == {
        "מותג": "organization",
        "תאריך": "occurred_on",
        "מה קרה": "summary",
        "סוג התקלה": "category",
        "הערות": "",
    }
    assert "זה ניחוש" in page.text
    again = browser.send(page, "קריאת הקובץ מחדש", **{control(page, "הערות"): "cause"})
    assert browser.send(again, "ייבוא").heading == "האירועים יובאו"
    assert [each["cause"] for each in full(admin)] == ["איש לא קרא."]
