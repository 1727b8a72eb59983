"""Imports on pages: a file is tried, then imported, canceled, restarted; by whoever administers a team."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import update

from kb.models import ImportJob, db
from kb.models.base import utc_now
from kb.pages.exchange import imports
from kb.services.exchange.imports import jobs
from tests.support.api import Api, people
from tests.support.imports import DRAFT, ORGANIZATION, interrupt, lines, stored
from tests.support.incidents import incident
from tests.support.pages import Browser, Page, try_file, visitor
from tests.support.waiting import PATIENCE


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


def first_problem(page: Page) -> str:
    """The first problem of a file, with the signs between its parts as they are read."""
    problem = page.soup.select_one(".problems dd")
    assert problem is not None
    return problem.get_text().strip()


def test_a_file_is_tried_before_it_is_imported_and_what_it_brought_is_linked(
    browser: Browser, admin: Api
) -> None:
    body = DRAFT + lines(incident(organization=ORGANIZATION, title="Another"))
    tried = try_file(browser, gzip.compress(body), "mine.jsonl.gz")
    assert tried.heading == "The file can be imported"
    assert tried.texts(".tally tr") == ["New incidents 2"]
    assert "Line 2 may be the same as Line 1" in tried.text
    assert stored(admin) == []
    done = browser.send(tried, "Import it")
    assert done.heading == "The incidents are imported"
    assert len(stored(admin)) == 2
    assert done.texts("#incidents .muted") == ["Draft", "Draft"]
    assert browser.follow(done, "Another").heading == "Another"
    assert "mine.jsonl.gz" in browser.open("/imports").text


def test_what_is_not_valid_is_told_by_place_and_the_rest_is_imported_if_that_is_said(
    browser: Browser, admin: Api
) -> None:
    tried = try_file(browser, DRAFT + lines(incident(organization=ORGANIZATION, severity=9)))
    assert tried.heading == "Some of the file can be imported"
    assert tried.texts(".tally tr") == ["New incidents 1", "Not valid 1"]
    assert tried.texts(".problems dt") == ["Line 2"]
    assert first_problem(tried).startswith("Severity /severity: Write a number from 1 to 5.")
    refused = browser.send(tried, "Import the rest")
    assert (refused.heading, stored(admin)) == ("Nothing was imported", [])
    done = browser.send(tried, "Import the rest", skip_invalid="1")
    assert (done.heading, len(stored(admin))) == ("The incidents are imported", 1)


def test_a_foreign_table_comes_with_its_mapping(browser: Browser, admin: Api) -> None:
    rows = f"{ORGANIZATION},A draft goes out.,2020\n{ORGANIZATION},Another.,soon\n"
    table = f"Brand,What happened,Day\n{rows}".encode()
    columns = "{Brand: organization, What happened: summary, Day: occurred_on}"
    mapping = f"columns: {columns}\nconstants: {{category: offensive}}\n"
    refused = try_file(browser, table, "log.csv", mapping="columns: [")
    assert refused.status == 422
    assert refused.soup.select_one("#mapping").text.strip() == "columns: ["  # type: ignore[union-attr]
    tried = try_file(browser, table, "log.csv", mapping=mapping)
    assert tried.texts(".problems dt")[0] == "Row 3"
    assert first_problem(tried).startswith("Day /occurred_on: 'soon' is not a date.")
    assert browser.send(tried, "Import the rest", skip_invalid="1").heading == "The incidents are imported"
    assert len(stored(admin)) == 1


def test_a_file_that_was_imported_before_is_imported_again_only_if_that_is_said(
    browser: Browser, admin: Api
) -> None:
    body = lines(incident(organization=ORGANIZATION))
    browser.send(try_file(browser, body), "Import it")
    again = try_file(browser, body)
    assert "Store the incidents a second time" in again.text
    assert "again=true" not in again.text
    assert browser.send(again, "Import it").heading == "Nothing was imported"
    assert browser.send(again, "Import it", again="1").heading == "The incidents are imported"
    assert len(stored(admin)) == 2


def test_an_import_under_way_shows_how_far_it_is_and_can_be_canceled(
    browser: Browser, admin: Api, app: Flask
) -> None:
    number = try_file(browser, DRAFT).url.rpartition("/")[2]
    interrupt(app, int(number), state="running", done=30, total=120, phase="checking", heartbeat_at=utc_now())
    page = browser.open(f"/imports/{number}")
    assert page.heading == "The file is being tried"
    progress = page.soup.select_one("progress")
    assert progress is not None
    assert (progress["value"], progress["max"]) == ("30", "120")
    assert browser.follow(page, "Look again").heading == page.heading
    busy = browser.send(browser.open("/imports"), "Try the file", file=(BytesIO(DRAFT), "a.jsonl"))
    assert (busy.status, f"Import {number} into this team has not ended." in busy.text) == (409, True)
    assert browser.send(page, "Cancel it").heading == "The import was canceled"
    assert stored(admin) == []


def test_a_trial_never_says_that_incidents_are_being_stored(browser: Browser, app: Flask) -> None:
    number = try_file(browser, DRAFT).url.rpartition("/")[2]
    interrupt(app, int(number), state="running", done=30, total=120, phase="writing", heartbeat_at=utc_now())
    page = browser.open(f"/imports/{number}")
    assert page.heading == "The file is being tried"
    assert "being stored" not in page.text
    assert "The file is being checked." in page.text


def test_an_interrupted_import_is_started_again(browser: Browser, app: Flask) -> None:
    number = try_file(browser, DRAFT).url.rpartition("/")[2]
    interrupt(app, int(number))
    page = browser.open(f"/imports/{number}")
    assert page.heading == "The import was interrupted"
    assert browser.send(page, "Start it again").heading == "The file can be imported"


def test_the_file_of_a_trial_is_imported_while_it_is_kept(browser: Browser, app: Flask) -> None:
    tried = try_file(browser, DRAFT)
    number = int(tried.url.rpartition("/")[2])
    with app.app_context():
        db.session.execute(update(ImportJob).where(ImportJob.id == number).values(content=None))
        db.session.commit()
    refused = browser.send(tried, "Import it")
    assert (refused.status, "no longer kept" in refused.text) == (409, True)
    assert "Import it" not in browser.open(f"/imports/{number}").text


def test_a_trial_of_more_than_a_day_ago_is_not_imported(browser: Browser, admin: Api, app: Flask) -> None:
    tried = try_file(browser, DRAFT)
    number = int(tried.url.rpartition("/")[2])
    with app.app_context():
        expired = utc_now() - jobs.FILE_KEPT_FOR - timedelta(minutes=1)
        db.session.execute(update(ImportJob).where(ImportJob.id == number).values(heartbeat_at=expired))
        db.session.commit()
    refused = browser.send(tried, "Import it")
    assert (refused.status, "no longer kept" in refused.text) == (409, True)
    assert "Import it" not in browser.open(f"/imports/{number}").text
    assert stored(admin) == []


def test_hebrew_readers_read_all_of_it_in_hebrew(admin: Api) -> None:
    browser = visitor(admin, "he")
    page = browser.open("/imports")
    assert page.heading == "ייבוא אירועים"
    broken = lines(incident(severity=9))
    tried = browser.send(page, "בדיקת הקובץ", file=(BytesIO(DRAFT + broken), "א.jsonl"))
    assert tried.heading == "אפשר לייבא חלק מהקובץ"
    assert tried.texts(".problems dt") == ["שורה 2"]
    assert first_problem(tried).startswith("חומרה /severity: ")
    done = browser.send(tried, "ייבוא השאר", skip_invalid="1")
    assert done.heading == "האירועים יובאו"


def test_what_many_rows_have_in_common_is_shown_once(browser: Browser) -> None:
    rows = "".join(f"Acme,Slap {n},tone-def,It was a slap.,huge\n" for n in range(300))
    file = f"organization,title,category,summary,severity\n{rows}".encode()
    page = try_file(browser, file, "many.csv")
    assert {*page.texts(".problems dt")} == {"Rows 2–301"}
    assert len(page.soup.select(".problems dd")) < 5


def test_a_page_of_a_thousand_problems_stays_small(browser: Browser) -> None:
    page = try_file(browser, lines(*({} for _ in range(1_200))))
    assert page.heading == "There is nothing to import in the file"
    assert len(page.response.data) < 60_000
    assert "more are not shown" in page.text


def test_without_a_file_the_form_says_so(browser: Browser) -> None:
    page = browser.send(browser.open("/imports"), "Try the file")
    assert (page.status, "Choose a file of incidents." in page.text) == (422, True)


def test_what_is_wrong_stands_beside_its_field_and_the_mapping_is_kept(browser: Browser) -> None:
    page = browser.send(browser.open("/imports"), "Try the file")
    assert page.texts("#file-error") == ["Choose a file of incidents."]
    assert page.one("#file")["aria-invalid"] == "true"
    file = (BytesIO(b"A,B\n1,2\n"), "mine.csv")
    page = browser.send(browser.open("/imports"), "Try the file", file=file, mapping="columns: [")
    assert page.status == 422
    assert [link["href"] for link in page.soup.select("[role=alert] a")] == ["#mapping"]
    assert page.texts("#mapping-error")[0].startswith("The mapping is not readable YAML")
    assert page.one("#mapping").get_text().strip() == "columns: ["
    assert page.soup.select("details[open] #mapping")


def test_an_empty_file_is_called_empty(browser: Browser) -> None:
    page = try_file(browser, b"", "mine.csv")
    assert page.status == 422
    assert "The file is empty: there is nothing to import." in page.text


def test_a_line_that_is_not_json_is_named_once(browser: Browser) -> None:
    tried = try_file(browser, DRAFT + b'{"organization": nope}\n')
    assert tried.texts(".problems dt") == ["Line 2"]
    assert first_problem(tried).endswith("Expecting value at line 2, column 18.")


def test_a_table_that_nobody_understands_is_told_where_the_page_takes_a_mapping(browser: Browser) -> None:
    page = try_file(browser, b"X1,X2\nAcme,A draft\n", "mine.csv")
    assert page.heading == "The file cannot be imported as it is"
    assert "with --mapping, or beside the file when uploading it" in page.text
    assert browser.follow(page, "Upload a file").soup.select_one("details #mapping") is not None


def test_only_those_who_administer_a_team_import_and_see_the_imports_of_their_teams(
    app: Flask, browser: Browser
) -> None:
    person: Callable[..., Api] = people(app)
    address = try_file(browser, DRAFT).url
    other, reviewer = visitor(person("Sol", south="admin")), visitor(person("Rea", north="reviewer"))
    assert other.open(address).status == 404
    assert "mine.jsonl" not in other.open("/imports").text
    assert reviewer.open("/imports").status == 403
    assert "Import incidents" not in reviewer.open("/").texts(".menu a")
    assert "Import incidents" in browser.open("/").texts(".menu a")
    both = visitor(person("Bo", north="admin", south="admin")).open("/imports")
    assert both.texts("#team option") == ["north", "south"]
