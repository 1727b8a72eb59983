"""A guard of each type is written in fields, put on a lesson, and finds the draft that went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from kb.domain.guard import GuardType
from kb.pages.guards.guard_example_fields import FACTS
from tests.support.api import Api
from tests.support.pages import Page, visitor


class Case(NamedTuple):
    """What is typed and chosen for what the guard looks for, the drafts that are its tests, and the place."""

    fields: Mapping[str, str | list[str]]
    bad: str
    good: str
    place: str
    bad_facts: Mapping[str, str] = {}
    good_facts: Mapping[str, str] = {}


NOON = {"scheduled_at": "2027-03-14T12:00"}

IN_ENGLISH = {
    GuardType.PLACEHOLDER: Case(
        {"p-marks": "@@copy@@", "p-kinds": []}, "News @@copy@@ soon", "The store opens at nine.", "@@copy@@"
    ),
    GuardType.PHRASE: Case(
        {"p-phrases": "walrus", "p-exact": [], "p-unless": "at the zoo"},
        "Two walruses, one price",
        "Walruses, and seals at the zoo",
        "walruses",
    ),
    GuardType.PATTERN: Case(
        {"p-pattern": "acme - [0-9]{6}"}, "Use ACME-123456 now", "ACME-12", "ACME-123456"
    ),
    GuardType.THEMES: Case(
        {
            "p-all_of-0": ["remembrance", ""],
            "p-all_of-1": ["Sales and discounts"],
            "p-within": "sentence",
            "p-clear_only": [],
        },
        "20% off in memory of the fallen",
        "In memory of the fallen. Today we are closed.",
        "in memory of",
    ),
    GuardType.OPEN_INVITATION: Case(
        {"p-kind": "form", "p-require": ["tag"], "p-concepts": []},
        "Tell us your best Acme story with #MyAcme",
        "Here is our best story. #MyAcme",
        "Tell us your best Acme story",
    ),
    GuardType.DATE: Case(
        {
            "p-tones": [],
            "p-concepts": [],
            "p-days-month": "03",
            "p-days-day": "14",
            "p-days-en": "The accident",
            "examples-zone": "UTC",
        },
        "A new color is here",
        "A new color is here",
        "",
        NOON,
        {"scheduled_at": "2027-03-18T12:00"},
    ),
    GuardType.LINK: Case(
        {"p-checks": ["staging"], "p-hosts": "next.acme.example"},
        "Read https://next.acme.example/sale today",
        "Read https://www.acme.example/sale today",
        "https://next.acme.example/sale",
    ),
    GuardType.HASHTAG: Case(
        {"p-words": "anal"}, "Tonight: #susanalbumparty", "Tonight: #SusanAlbumParty", "#susanalbumparty"
    ),
    GuardType.ACCOUNT: Case(
        {"p-accounts": "@acme", "p-quiet_from": "", "p-quiet_until": "", "p-time_zone": ""},
        "Good morning",
        "Good morning",
        "",
        {"account": "@dana", "scheduled_at": ""},
        {"account": "@acme", "scheduled_at": ""},
    ),
    GuardType.APPROVAL: Case(
        {"p-concepts": ["layoffs and closures"]},
        "We laid off 200 people today",
        "Boots for every budget",
        "laid off",
    ),
}

IN_HEBREW = {
    GuardType.PHRASE: Case(
        {"p-phrases": "מחיר שרוף"}, "רק היום מחירים שרופים", "מגפיים לכל כיס", "מחירים שרופים"
    ),
    GuardType.THEMES: Case(
        {
            "p-all_of-0": ["זיכרון והנצחה"],
            "p-all_of-1": ["מבצעים והנחות"],
            "p-within": "post",
            "p-clear_only": [],
        },
        "לזכר הנופלים: 20% הנחה על המנגלים",
        "לזכר הנופלים. היום החנויות סגורות",
        "לזכר",
    ),
    GuardType.OPEN_INVITATION: Case(
        {"p-kind": "form", "p-require": ["tag"], "p-concepts": []},
        "ספרו לנו את הסיפור שלכם עם #הסיפורשלי",
        "זה הסיפור שלנו #הסיפורשלי",
        "ספרו לנו",
    ),
    GuardType.DATE: Case(
        {
            "p-tones": [],
            "p-observances": ["יום הכיפורים"],
            "p-concepts": [],
            "examples-zone": "Asia/Jerusalem",
        },
        "צבע חדש בחנויות",
        "צבע חדש בחנויות",
        "",
        {"scheduled_at": "2027-10-11T12:00", "audience_countries": "ישראל"},
        {"scheduled_at": "2027-10-20T12:00", "audience_countries": "ישראל"},
    ),
    GuardType.APPROVAL: Case({"p-concepts": ["מבצעים והנחות"]}, "20% הנחה היום", "צבע חדש בחנויות", "הנחה"),
}

BUTTONS = {
    "en": ("Run its tests", "Put it on this lesson"),
    "he": ("הרצת המבחנים", "צירוף ללקח הזה"),
}


def typed(page: Page, case: Case, language: str) -> dict[str, Any]:
    """What is filled in, instead of all that the example of the type says."""
    other = "he" if language == "en" else "en"
    names = {str(each["name"]) for each in page.soup.select("main [name]")}
    assert case.fields.keys() <= names
    texts = {f"message-{language}": "Found", f"message-{other}": "", "p-except": "", "countries": ""}
    examples = {**example("bad", case.bad, case.bad_facts), **example("good", case.good, case.good_facts)}
    return {name: value for name, value in {**texts, **examples, **case.fields}.items() if name in names}


def example(kind: str, text: str, facts: Mapping[str, str]) -> dict[str, str]:
    """The only example of a kind: a line, or a box for the types that look beside the text."""
    emptied = {f"{kind}-{number}-{name}": "" for number in range(5) for name in ("text", *FACTS)}
    return {**emptied, kind: text, f"{kind}-0-text": text, **{f"{kind}-0-{k}": v for k, v in facts.items()}}


def draft(text: str, facts: Mapping[str, str], zone: str) -> dict[str, Any]:
    """A draft for the API, with the same facts."""
    moment = {"scheduled_at": f"{facts['scheduled_at']}{zone}"} if facts.get("scheduled_at") else {}
    countries = {"audience_countries": ["IL"]} if "audience_countries" in facts else {}
    account = {"account": facts["account"]} if "account" in facts else {}
    return {"text": text, **moment, **countries, **account}


CASES = [
    pytest.param(language, type_, case, id=f"{type_}-{language}")
    for language, cases in (("en", IN_ENGLISH), ("he", IN_HEBREW))
    for type_, case in cases.items()
]


def test_no_type_is_left_out() -> None:
    assert IN_ENGLISH.keys() == {*GuardType}


@pytest.mark.parametrize(("language", "type_", "case"), CASES)
def test_a_guard_written_in_fields_finds_what_went_wrong_from_then_on(
    noa: Api, language: str, type_: GuardType, case: Case
) -> None:
    lesson = noa.file(status="published", lessons=[{"text": "Ask first."}])["lessons"][0]["id"]
    browser = visitor(noa, language)
    run, attach = BUTTONS[language]
    page = browser.open(f"/guards/new?type={type_}&lesson={lesson}")
    tested = browser.send(page, run, **typed(page, case, language))
    assert tested.status == 200, tested.text
    marks = [mark.get_text() for mark in tested.soup.select(".samples mark")]
    assert [each for each in marks if case.place and case.place in each] == marks[: bool(case.place)], marks
    done = browser.send(tested, attach)
    assert done.url == f"/guards/lesson:{lesson}"
    for text, facts, is_found in ((case.bad, case.bad_facts, True), (case.good, case.good_facts, False)):
        checked = noa.post("/checks", draft(text, facts, "+03:00" if language == "he" else "Z"))
        keys = [finding["guard"] for finding in checked.get_json()["findings"]]
        assert (f"lesson:{lesson}" in keys) is is_found
