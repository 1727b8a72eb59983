"""Writing a guard in labeled fields: what is typed becomes the guard, and mistakes stand at their fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from kb.domain.guard import GuardType
from kb.pages.guards.guard_example_fields import example_rows
from kb.pages.guards.guard_fields import FIELDS
from kb.services.check.guard_writing.skeletons import guard_skeleton
from kb.services.check.guard_writing.written_guards import WrittenGuard
from kb.yaml_text import read_yaml
from tests.support.api import Api, only_read, people
from tests.support.pages import Browser, Page, visitor

BUTTON = "Run its tests"
IN_HEBREW = "הרצת המבחנים"

HOSTILE = '"><script>alert(1)<'

OUR_DAY = {"p-days-month": ["03"], "p-days-day": ["x"], "p-days-en": ["Our day"], "p-days-he": [""]}


@pytest.fixture(scope="module")
def member(module_app: Flask) -> Iterator[Api]:
    """A contributor who only tests guards, and keeps none."""
    api = people(module_app)("Dana", north="contributor")
    with only_read(module_app):
        yield api


@pytest.fixture
def dana(member: Api) -> Browser:
    return visitor(member)


def send(browser: Browser, type_: str, **values: Any) -> Page:
    return browser.send(browser.open(f"/guards/new?type={type_}"), BUTTON, **values)


def written(page: Page) -> dict[str, Any]:
    guards: list[dict[str, Any]] = read_yaml(page.one("#as-file").get_text())["guards"]
    return guards[0]


def error_at(page: Page, control: str) -> str:
    assert page.status == 422
    field = page.one(f"#{control}")
    assert field.name == "fieldset" or field["aria-invalid"] == "true"
    assert f"{control}-error" in str(field["aria-describedby"])
    assert page.soup.select(f'[role=alert] a[href="#{control}"]')
    return page.one(f"#{control}-error").get_text()


@pytest.mark.parametrize("type_", list(GuardType))
def test_the_fields_of_each_type_say_what_its_skeleton_says(dana: Browser, type_: GuardType) -> None:
    page = send(dana, type_)
    assert page.status == 200, page.text
    with dana.client.application.app_context():
        as_typed = WrittenGuard(page.one("#as-file").get_text()).guard
        skeleton = WrittenGuard(guard_skeleton(type_)).guard
    defaults = {field.name: field.default for field in FIELDS[type_]}
    said = {name: value for name, value in skeleton.parameters.items() if value != defaults[name]}
    assert as_typed.parameters == said
    assert (as_typed.bad, as_typed.good) == (skeleton.bad, skeleton.good)
    assert (as_typed.severity, as_typed.message) == (skeleton.severity, skeleton.message)


@pytest.mark.parametrize("type_", list(GuardType))
def test_a_reader_of_hebrew_begins_with_examples_in_hebrew_that_hold(member: Api, type_: GuardType) -> None:
    browser = visitor(member, "he")
    page = browser.send(browser.open(f"/guards/new?type={type_}"), IN_HEBREW)
    assert page.status == 200, page.text
    examples = written(page)["examples"]
    texts = [each if isinstance(each, str) else each["text"] for each in examples["bad"] + examples["good"]]
    assert any(re.search("[א-ת]", text) for text in texts)


def test_a_guard_is_written_in_fields_alone(dana: Browser) -> None:
    page = send(
        dana,
        "phrase",
        **{
            "title-en": "Walruses",
            "title-he": "",
            "p-phrases": "walrus\nסוס ים",
            "p-except": "walrus mustache",
            "severity": "stop",
            "message-en": "No {text} here.",
            "message-he": "",
            "suggestion-en": "Write about seals.",
            "suggestion-he": "",
            "bad": "Two walruses, one price\nכל סוס ים במבצע",
            "good": "A walrus mustache for everybody\nSeals are fine",
            "countries": "Israel, US",
            "platforms": ["facebook", "instagram"],
            "accounts": "@acme",
            "key": "",
        },
    )
    assert page.status == 200, page.text
    guard = written(page)
    assert guard["key"] == "walruses"
    assert guard["parameters"] == {"phrases": ["walrus", "סוס ים"], "except": ["walrus mustache"]}
    assert guard["examples"]["bad"] == ["Two walruses, one price", "כל סוס ים במבצע"]
    assert (guard["countries"], guard["platforms"]) == (["IL", "US"], ["facebook", "instagram"])
    assert guard["accounts"] == ["@acme"]
    assert guard["message"] == {"en": "No {text} here."}


@pytest.mark.parametrize(
    ("type_", "control", "value"),
    [
        ("phrase", "p-phrases", "one two three four five six seven eight nine ten eleven twelve thirteen"),
        ("hashtag", "p-words", "xy"),
        ("link", "p-hosts", "https://staging.example.com"),
    ],
)
def test_a_problem_with_one_of_several_texts_quotes_it_once(
    dana: Browser, type_: str, control: str, value: str
) -> None:
    assert error_at(send(dana, type_, **{control: value}), control).count(value) == 1


def test_a_problem_that_does_not_quote_its_text_is_told_after_it(dana: Browser) -> None:
    long = "walrus" * 100
    assert error_at(send(dana, "phrase", **{"p-phrases": long}), "p-phrases").startswith(
        f"“{long}”: This has"
    )


def test_subjects_are_picked_by_name_in_the_readers_language(dana: Browser) -> None:
    hebrew = Browser(dana.client, "he")
    page = hebrew.open("/guards/new?type=themes")
    names = [str(option.get_text()) for option in page.soup.select("datalist#subjects option")]
    assert {"זיכרון והנצחה", "מבצעים והנחות"} <= {*names}
    for known in ("זיכרון והנצחה", "Remembrance", "memorial"):
        tested = hebrew.send(page, IN_HEBREW, **{"p-all_of-0": [known], "p-clear_only": []})
        assert written(tested)["parameters"]["all_of"] == [["memorial"], ["discount"]]
        picked = tested.soup.select("#p-all_of input")
        assert [each["value"] for each in picked if each["value"]] == ["זיכרון והנצחה", "מבצעים והנחות"]
    assert "זיכרון והנצחה" in error_at(
        hebrew.send(page, IN_HEBREW, **{"p-all_of-0": ["זכרון והנצחה"]}), "p-all_of"
    )


@pytest.mark.parametrize(
    ("type_", "values", "control", "words"),
    [
        ("phrase", {"p-phrases": ""}, "p-phrases", "at least one word"),
        ("phrase", {"p-phrases": "one two three four five six"}, "p-phrases", "5 words"),
        ("phrase", {"message-en": "", "message-he": ""}, "message-en", "in one language at least"),
        ("phrase", {"message-en": "No {txt}"}, "message-en", "{txt}"),
        ("phrase", {"countries": "Atlantis"}, "countries", "two-letter codes"),
        ("phrase", {"key": "our words"}, "key", "hyphens"),
        ("phrase", {"bad": ""}, "bad", "must find"),
        ("phrase", {"good": ""}, "good", "must let pass"),
        ("pattern", {"p-pattern": "(a"}, "p-pattern", ""),
        ("themes", {"p-all_of-0": ["Remembrence"]}, "p-all_of", "Did you mean"),
        ("themes", {"p-within": "distance", "p-distance": "soon"}, "p-distance", "from 1 to 100"),
        ("date", OUR_DAY, "p-days", "from 1 to 31"),
        ("date", {"p-observances": ["Yomm Kippurr"]}, "p-observances", "Did you mean"),
        ("account", {"p-quiet_from": "22:00", "p-time_zone": ""}, "p-time_zone", "time zone"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    dana: Browser, type_: str, values: dict[str, Any], control: str, words: str
) -> None:
    page = send(dana, type_, **values)
    assert words in error_at(page, control)
    assert not page.soup.select("#as-file")


def test_an_example_that_does_not_hold_is_told_with_its_text(dana: Browser) -> None:
    page = send(dana, "phrase", **{"p-phrases": "walrus", "bad": "walrus\n<b>seal</b>", "good": "otter"})
    assert page.status == 422
    assert "<b>seal</b>" in page.texts("ul.error bdi")
    assert not page.soup.select("ul.error b")
    assert page.texts(".figures")


def test_examples_of_a_day_have_a_moment_each(dana: Browser) -> None:
    page = send(dana, "date", **{"good-0-scheduled_at": "2027-09-11T12:00"})
    assert page.status == 422
    assert page.one("#good-0-text")["aria-invalid"] == "true"


def test_all_times_are_in_one_time_zone(dana: Browser) -> None:
    page = dana.open("/guards/new?type=date")
    assert page.one("#examples-zone option[selected]")["value"] == "-04:00"
    moved = dana.send(page, BUTTON, **{"examples-zone": "Asia/Jerusalem"})
    assert moved.one("#examples-zone option[selected]")["value"] == "Asia/Jerusalem"
    assert moved.one("#bad-0-scheduled_at")["value"] == "2027-09-11T12:00"
    assert written(moved)["examples"]["bad"][0]["scheduled_at"] == "2027-09-11T12:00:00+03:00"


@pytest.mark.parametrize(
    ("moment", "zone", "typed"),
    [
        ("2027-09-11T19:00:00+03:00", "-04:00", "2027-09-11T12:00"),
        ("2027-09-11T19:00:00+03:00", "UTC", "2027-09-11T16:00"),
        ("2027-01-11T12:00:00-05:00", "Asia/Jerusalem", "2027-01-11T19:00"),
        ("tomorrow", "UTC", "tomorrow"),
        ("2027-09-11T19:00", "UTC", "2027-09-11T19:00"),
        ("2027-09-11T19:00:00+03:00", "Moon/Sea", "2027-09-11T19:00:00+03:00"),
        ("0001-01-01T00:00:00+03:00", "-04:00", "0001-01-01T00:00:00+03:00"),
    ],
)
def test_a_moment_is_shown_by_the_clock_of_the_form(moment: str, zone: str, typed: str) -> None:
    rows = example_rows("bad", [{"text": "Sale", "scheduled_at": moment}], zone)
    assert [row.values["scheduled_at"] for row in rows] == [typed, ""]


@pytest.mark.parametrize("type_", list(GuardType))
def test_what_was_typed_comes_back_as_text(dana: Browser, type_: GuardType) -> None:
    page = dana.open(f"/guards/new?type={type_}")
    controls = page.soup.select("main form textarea[name]:not(#guard), main form input[name]:not([type])")
    names = [str(each["name"]) for each in controls]
    answer = dana.send(page, BUTTON, **dict.fromkeys(names, f"{HOSTILE}</script>"))
    assert answer.status == 422
    assert len(answer.soup.find_all("script")) == 1
    for name in names:
        shown = answer.soup.select(f'main form [name="{name}"]')
        assert any(HOSTILE in f"{each.get_text()}{each.get('value')}" for each in shown), name


def test_a_guard_that_the_fields_cannot_hold_is_changed_as_yaml(dana: Browser) -> None:
    text = (
        "key: a\ntype: phrase\nseverity: note\nmessage: {en: Stop, fr: Non}\n"
        "parameters: {phrases: [walrus]}\nexamples: {bad: [walrus], good: [seal]}\n"
    )
    page = dana.send(dana.open("/guards/new?type=phrase"), BUTTON, guard=text)
    assert page.status == 200, page.text
    assert page.one("#guard").get_text().strip() == text.strip()
    assert not page.soup.select("#bad")
