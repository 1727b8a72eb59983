"""A draft is started in the browser, from the little that a team knows on the first day."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kb.errors import RequestInFlight
from kb.messages import Message
from tests.support.api import Api
from tests.support.checks import store_check
from tests.support.pages import Browser, Page, visitor

PEOPLE = Callable[..., Api]

KNOWN = {
    "title": "A cheerful scheduled post during a flood",
    "summary": "A scheduled post went out during a flood.\r\nIt was deleted after an hour.",
    "organization": "Acme",
    "category": "tone-deaf",
}
FILE = "File it as a draft"


def drafts(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/incidents", status="draft").get_json()["items"]
    return found


def number_of(page: Page) -> int:
    matched = re.match(r"/incidents/(\d+)/edit", page.url)
    assert matched is not None, page.url
    return int(matched[1])


def test_what_is_known_becomes_a_draft_that_is_gone_on_with(dana: Api) -> None:
    browser = visitor(dana)
    page = browser.send(browser.open("/incidents/new"), FILE, **KNOWN)
    assert page.status == 200
    assert page.heading == KNOWN["title"]
    assert page.texts("[role=status]") == [
        "Filed as a draft. Only your team sees it; the rest can follow, one part at a time."
    ]
    stored = dana.get(f"/incidents/{number_of(page)}").get_json()
    assert {name: stored[name] for name in KNOWN} == {**KNOWN, "summary": KNOWN["summary"].replace("\r", "")}
    assert (stored["status"], stored["kind"], stored["team"]) == ("draft", "incident", "north")


def test_a_failure_is_written_down_from_the_check_that_had_passed_it(dana: Api) -> None:
    browser = visitor(dana)
    store_check(dana, {}, text="Our fryers are on fire today!", keep_text=True, language="en")
    form = browser.follow(browser.open("/checks/1"), "It went out and failed: write it down")
    assert form.one("#passed_check")["value"] == "1"
    number = number_of(browser.send(form, FILE, **KNOWN))
    assert dana.get(f"/incidents/{number}").get_json()["passed_check"] == 1
    assert "A check had passed this post" in browser.open(f"/incidents/{number}").text


@pytest.mark.parametrize("typed", ["seven", "9999", "1" * 30, "²"])
def test_a_check_that_cannot_be_found_is_not_named(dana: Api, typed: str) -> None:
    browser = visitor(dana)
    page = browser.send(browser.open("/incidents/new"), FILE, **KNOWN, passed_check=typed)
    assert page.status == 422
    assert "Write the number of a check of yours" in page.one("#passed_check-error").get_text()
    assert not drafts(dana)


def test_it_is_the_draft_that_the_api_would_have_made(dana: Api) -> None:
    browser = visitor(dana)
    number = number_of(browser.send(browser.open("/incidents/new"), FILE, **KNOWN))
    stored = dana.get(f"/incidents/{number}").get_json()
    same = dana.post("/incidents", {**KNOWN, "summary": KNOWN["summary"].replace("\r", "")}).get_json()
    own = ("id", "url", "slug", "created_at", "updated_at")
    assert {name: value for name, value in stored.items() if name not in own} == {
        name: same[name] for name in stored if name not in own
    }


def test_a_form_that_is_sent_again_leads_to_the_same_draft(dana: Api) -> None:
    browser = visitor(dana)
    form = browser.open("/incidents/new")
    first = browser.send(form, FILE, **KNOWN)
    again = browser.send(form, FILE, **KNOWN)
    assert number_of(again) == number_of(first)
    assert len(drafts(dana)) == 1
    other = browser.send(browser.open("/incidents/new"), FILE, **KNOWN)
    assert number_of(other) != number_of(first), "another form is another incident"


def test_a_form_that_is_sent_while_it_is_being_filed_keeps_what_was_typed(
    dana: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_in_flight(*_: object) -> None:
        raise RequestInFlight(Message("The first request is in flight."), retry_after=30)

    browser = visitor(dana)
    form = browser.open("/incidents/new")
    with monkeypatch.context() as patch:
        patch.setattr("kb.services.core.idempotency.claim", is_in_flight)
        page = browser.send(form, FILE, **KNOWN)
    assert page.status == 409
    assert page.texts("[role=alert] h2") == ["One moment, please"]
    assert "it is filed only once" in page.texts("[role=alert] a")[0]
    assert page.one("#title")["value"] == KNOWN["title"]
    number = number_of(browser.send(page, FILE, summary=KNOWN["summary"]))
    assert number_of(browser.send(form, FILE, **KNOWN)) == number
    assert len(drafts(dana)) == 1


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(dana: Api) -> None:
    browser = visitor(dana)
    form = browser.open("/incidents/new")
    page = browser.send(form, FILE, **{**KNOWN, "title": " ", "summary": "x" * 20_001, "category": ""})
    assert page.status == 422
    assert page.texts("[role=alert] h2") == ["Nothing was filed yet"]
    links = [str(link["href"]) for link in page.soup.select("[role=alert] a")]
    assert links == ["#title", "#summary", "#category"], "in the order of the form"
    for link in links:
        assert page.one(link)["aria-invalid"] == "true"
        assert str(page.one(link)["aria-describedby"]).split()[-1] == f"{link[1:]}-error"
    assert page.one("#summary").get_text().strip() == "x" * 20_001
    assert page.one("#organization")["value"] == "Acme"
    assert drafts(dana) == []
    page = browser.send(page, FILE, summary=KNOWN["summary"])
    assert [str(link["href"]) for link in page.soup.select("[role=alert] a")] == ["#title", "#category"]
    corrected = browser.send(page, FILE, title=KNOWN["title"], category="tone-deaf")
    stored = dana.get(f"/incidents/{number_of(corrected)}").get_json()
    assert stored["summary"] == KNOWN["summary"].replace("\r", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [("title", "x" * 301), ("summary", "x" * 20_001), ("organization", "x" * 201), ("category", "nothing")],
)
def test_what_the_api_rejects_the_form_rejects(dana: Api, name: str, value: str) -> None:
    browser = visitor(dana)
    page = browser.send(browser.open("/incidents/new"), FILE, **{**KNOWN, name: value})
    assert page.status == 422
    assert [str(link["href"]) for link in page.soup.select("[role=alert] a")] == [f"#{name}"]
    assert drafts(dana) == []


def test_whoever_files_for_several_teams_chooses_one(person: PEOPLE) -> None:
    api = person("Noa", north="contributor", south="admin", west="reader")
    browser = visitor(api)
    form = browser.open("/incidents/new")
    assert form.texts("#team option") == ["Choose one", "north", "south"]
    refused = browser.send(form, FILE, **KNOWN)
    assert (refused.status, refused.texts("#team-error")) == (422, ["Choose the team to file it for."])
    assert browser.send(form, FILE, **KNOWN, team="west").status == 422
    page = browser.send(refused, FILE, team="south")
    assert api.get(f"/incidents/{number_of(page)}").get_json()["team"] == "south"
    assert not visitor(person("Dana", north="contributor")).open("/incidents/new").soup.select("#team")


def test_the_page_of_a_team_leads_to_the_form_for_it(person: PEOPLE) -> None:
    noa = visitor(person("Noa", north="contributor", south="contributor"))
    form = noa.follow(noa.open("/teams/south"), "Write down a failure")
    assert form.one("#team option[selected]")["value"] == "south"
    lea = visitor(person("Lea", north="contributor", south="reader"))
    assert "Write down a failure" not in lea.open("/teams/south").text


def test_the_form_is_found_after_a_failure_and_on_the_list(dana: Api, person: PEOPLE) -> None:
    browser = visitor(dana)
    page = browser.open("/after-a-failure")
    buttons = page.texts("main a.button")
    assert buttons == ["Write it down here"]
    assert page.text.index(buttons[0]) < page.text.index("Download the form")
    assert browser.follow(page, buttons[0]).url == "/incidents/new"
    assert browser.follow(browser.open("/incidents"), "Write down a failure").url == "/incidents/new"
    lea = visitor(person("Lea", north="reader"))
    assert lea.open("/after-a-failure").texts("main a.button") == ["Download the form"]
    assert "Write down a failure" not in lea.open("/incidents").text


def test_a_visitor_signs_in_and_comes_back_to_the_form(browser: Browser) -> None:
    page = browser.follow(browser.open("/after-a-failure"), "Write it down here")
    assert page.url.startswith("/sign-in?")
    assert page.one("input[name=next]")["value"] == "/incidents/new"


def test_whoever_may_not_file_finds_no_form_and_files_nothing(person: PEOPLE, dana: Api) -> None:
    form = visitor(dana).open("/incidents/new")
    for name, roles in (("Lea", {"north": "reader"}), ("Tom", {})):
        browser = visitor(person(name, **roles))
        assert browser.open("/incidents/new").status == 403, name
        token = str(browser.open("/check").one("main input[name=csrf_token]")["value"])
        assert browser.send(form, FILE, **KNOWN, csrf_token=token).status == 403, name
    assert drafts(dana) == []


def test_what_may_be_written_down_already_is_shown_beside_the_draft(dana: Api) -> None:
    words = "A cheerful scheduled post about rain boots went out while the whole valley was under water"
    known = dana.file(title="Boots in a flood", summary=words, organization="Acme", occurred_on=None)
    browser = visitor(dana)
    page = browser.send(browser.open("/incidents/new"), FILE, **{**KNOWN, "summary": words})
    assert "It may be written down already" in page.texts("h2")
    assert browser.follow(page, "Boots in a flood").url == f"/incidents/{known['id']}"
    answered = dana.get(f"/incidents/{number_of(page)}/duplicates").get_json()["items"]
    assert [each["incident"]["title"] for each in answered] == page.texts("article.hit h3")
    assert "It may be written down already" not in browser.open(page.url.partition("?")[0]).text


def test_likely_duplicates_are_only_those_that_the_reader_may_see(dana: Api, person: PEOPLE) -> None:
    person("Uri", south="contributor").file(title="Boots", organization="Acme", occurred_on=None)
    browser = visitor(dana)
    page = browser.send(browser.open("/incidents/new"), FILE, **KNOWN)
    assert "duplicates" not in page.url
    assert "Boots" not in browser.open(f"{page.url}?duplicates=1").text


def test_it_is_filed_in_hebrew(dana: Api) -> None:
    browser = visitor(dana, "he")
    page = browser.send(
        browser.open("/incidents/new"), "שמירה כטיוטה", **{**KNOWN, "title": "פוסט עליז ומתוזמן בזמן שיטפון"}
    )
    assert page.heading == "פוסט עליז ומתוזמן בזמן שיטפון"


def test_its_fields_are_called_in_the_language_of_each_reader(dana: Api) -> None:
    for language, called in (("en", ["Title", "What happened"]), ("he", ["כותרת", "מה קרה"])):
        page = visitor(dana, language).open("/incidents/new")
        assert page.texts("main label")[:2] == called, language
