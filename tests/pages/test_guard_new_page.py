from collections.abc import Iterator

import pytest
from flask import Flask

from kb.domain.guard import GuardType
from kb.yaml_text import read_yaml
from tests.support.api import Api, only_read, people
from tests.support.pages import Browser, Page, visitor


@pytest.fixture(scope="module")
def member(module_app: Flask) -> Iterator[Api]:
    """A contributor who only tests guards, and keeps none."""
    api = people(module_app)("Dana", north="contributor")
    with only_read(module_app):
        yield api


@pytest.fixture
def dana(member: Api) -> Browser:
    return visitor(member)


def run(browser: Browser, text: str) -> Page:
    return browser.send(browser.open("/guards/new?type=phrase"), "Run its tests", guard=text)


@pytest.mark.parametrize("type_", list(GuardType))
def test_the_skeleton_of_each_type_passes_as_it_is(dana: Browser, type_: GuardType) -> None:
    types = dana.open("/guards/new")
    link = next(each for each in types.soup.select(".types a") if str(each["href"]).endswith(f"={type_}"))
    page = dana.open(str(link["href"]))
    tested = dana.send(page, "Run its tests")
    assert tested.status == 200, tested.text
    assert tested.texts(".passed h2") == ["It works: all its examples hold"]
    assert tested.texts(".rules dt")
    as_file = read_yaml(tested.one("#as-file").get_text())
    (row,) = as_file["guards"]
    assert row["type"] == type_
    as_lesson = read_yaml(tested.one("#as-lesson").get_text())["guard"]
    assert as_lesson["type"] == type_
    assert "key" not in as_lesson


def test_the_title_and_the_advice_of_the_sample_do_not_go_out_unread(dana: Browser) -> None:
    page = dana.open("/guards/new?type=phrase")
    for field, sample in (("title-en", "Words we do not use"), ("suggestion-en", "Say what it costs.")):
        control = page.one(f"#{field}")
        assert control["placeholder"] == sample
        assert not control.get("value")
        assert not control.get_text().strip()
    (row,) = read_yaml(dana.send(page, "Run its tests").one("#as-file").get_text())["guards"]
    assert row.keys().isdisjoint({"title", "suggestion"})
    changed = dana.open("/guards/new?changes=profanity")
    assert changed.one("#title-en")["value"]
    assert not changed.one("#title-en").get("placeholder")


def test_the_words_of_a_guard_are_explained_in_the_readers_language(dana: Browser) -> None:
    hints = Browser(dana.client, "he").open("/guards/new?type=phrase").texts("#guard-hint li")
    assert "caution (כדאי לשקול שוב לפני הפרסום)" in hints[0]
    assert hints[2].endswith("מה לכתוב במקום זה")


def test_a_guard_may_be_written_alone_in_a_list_or_as_a_file(dana: Browser) -> None:
    lines = [
        "# ours",
        "key: no-walrus",
        "type: phrase",
        "severity: note",
        "message: No walrus",
        "parameters: {phrases: [walrus]}",
        "examples: {bad: [walrus], good: [seal]}",
    ]
    alone = "\n".join(lines)
    listed = "- " + "\n  ".join(lines)
    whole = "guards:\n  - " + "\n    ".join(lines)
    for text in (alone, listed, whole, whole.replace("\n", "\r\n")):
        page = run(dana, text)
        assert page.status == 200, page.text
        assert read_yaml(page.one("#as-file").get_text())["guards"][0]["key"] == "no-walrus"
        assert "# ours" in page.one("#as-file").get_text()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "Begin with the skeleton"),
        ("- key: a\n  type: phrase\n severity: note", 3, "cannot be read as YAML"),
        ("- key: a\n  message: Stop: now", 2, "need quotes"),
        ("- key: a b\n  type: phrase", 1, "letters, digits and hyphens"),
        ("key: a\ntype: poem\nseverity: stop\nmessage: No", 2, "Must be one of"),
        ("key: a\ntype: phrase\nseverity: stop\nmessage: Stop\nparameters:\n  phrase: [a]", 5, "phrase"),
        ("key: a\ntype: phrase\nseverity: stop\nmessage: 'No {txt}'\nparameters: {phrases: [a]}", 4, "{txt}"),
        ("key: a\ntype: phrase\nseverity: stop\nmessage: No\nseverity: note", 5, "severity stands twice"),
        ("key: a\ntype: phrase\nseverity: stop\nmessage: No\ncountries: [IL, no]", 5, "into quotes"),
        ("key: a\ntype: phrase\nseverity: stop\nmessage: No\ncountries: IL", 5, "Write a list"),
        ("just words", None, "Write a guard"),
        ("- {}\n- {}", None, "one at a time"),
        ("key: &a x\ntype: *a", 1, "aliases"),
        ("key: a\ntype: date\nseverity: note\nmessage: 2018-02-30", None, "cannot be read as YAML"),
        ("x" * 20_001, None, "20,001 characters"),
        ("key: a\x00", None, ""),
        ("[[[[[[" * 500, None, ""),
        ("guards: 3", None, "Write a guard"),
        ("? [a]\n: b", None, ""),
        ("key: a\ntype: pattern\nseverity: stop\nmessage: Stop\nparameters: {pattern: '(a'}", 5, "pattern"),
        (
            "key: a\ntype: pattern\nseverity: stop\nmessage: Stop\nparameters: {pattern: ' the '}",
            5,
            "harmless",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(dana: Browser, text: str, line: int | None, words: str) -> None:
    page = run(dana, text)
    assert page.status == 422
    problem = page.one("[role=alert]").get_text(" ")
    assert words in problem
    if line is not None:
        assert f"Line {line}" in problem
    assert page.one("#guard").get_text().strip() == text.strip()
    assert not page.soup.select("#as-file")


@pytest.mark.parametrize(
    "parameters", ["{phrases: [1]}", "{phrases: walrus}", "{phrases: [[a]]}", "{except: 3}"]
)
def test_parameters_that_no_field_could_hold_are_named_as_mistakes(dana: Browser, parameters: str) -> None:
    text = f"key: a\ntype: phrase\nseverity: stop\nmessage: Stop\nparameters: {parameters}"
    page = run(dana, text)
    assert page.status == 422
    assert "Line 5" in page.one("[role=alert]").get_text(" ")
    assert page.one("#guard").get_text().strip() == text


def test_an_example_that_does_not_hold_is_shown_beside_the_backtest(dana: Browser) -> None:
    text = (
        "key: a\ntype: phrase\nseverity: stop\nmessage: '<b>No</b>'\nparameters: {phrases: [walrus]}\n"
        "examples:\n  bad:\n    - walrus\n    - <script>alert(1)</script>\n  good: [seal]\n"
    )
    page = run(dana, text)
    assert "Line 9" in page.one("[role=alert]").get_text()
    assert "- <script>alert(1)</script>" in page.texts("[role=alert] code")
    assert len(page.soup.find_all("script")) == 1
    assert page.texts(".figures")
    missing = run(dana, text.replace("    - <script>alert(1)</script>\n", "").replace("  good: [seal]\n", ""))
    assert "Add a draft that the guard must let pass" in missing.text


def test_only_those_who_are_signed_in_may_write_one(browser: Browser) -> None:
    assert browser.open("/guards/new").heading == "Sign in"
    assert browser.client.post("/guards/new", data={"guard": "x"}).status_code == 400
