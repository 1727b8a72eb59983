"""Incidents are shown in the language of the page wherever they exist in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.api import Api, only_read, people
from tests.support.every_page import ADDRESSES
from tests.support.pages import Browser, visitor

PATHS = [address.path for address in ADDRESSES if address.path != "/incidents/999999"]


@pytest.fixture(scope="module")
def reviewer(module_app: Flask) -> Iterator[Browser]:
    """The browser of a reviewer who reads Hebrew and changes nothing."""
    dana = people(module_app)("Dana", north="reviewer")
    with only_read(module_app):
        yield visitor(dana, "he")


@pytest.fixture(scope="module")
def english_titles(reader: Api) -> list[str]:
    """The titles of incidents that have a Hebrew one, too."""
    items = reader.get("/incidents", lang="en").get_json()["items"]
    return [item["title"] for item in items if "he" in item["languages"]]


@pytest.mark.parametrize("path", PATHS)
def test_no_hebrew_page_shows_an_english_title(
    reviewer: Browser, english_titles: list[str], path: str
) -> None:
    assert english_titles
    text = reviewer.open(path).text
    assert [title for title in english_titles if title in text] == []


def test_precedents_and_findings_of_a_hebrew_check_are_in_hebrew(
    hebrew_browser: Browser, english_titles: list[str]
) -> None:
    page = hebrew_browser.open("/check")
    checked = hebrew_browser.send(page, "בדיקת הטיוטה", text="Black Friday **** Need copy and link****")
    assert "מקדונלד'ס: טיוטה לבלאק פריידי שפורסמה בטעות" in checked.text
    assert [title for title in english_titles if title in checked.text] == []


def test_a_hebrew_hit_that_matches_in_english_keeps_its_title_and_quotes_the_english(
    hebrew_browser: Browser,
) -> None:
    page = hebrew_browser.open("/search?q=yanny")
    assert page.texts(".hit h2") == ['חיל האוויר האמריקאי הופך תקיפה קטלנית לבדיחה על "יאני או לורל"']
    passage = page.one(".hit p bdi[lang=en]")
    assert passage["dir"] == "ltr"
    assert passage.mark is not None
    assert passage.mark.get_text() == "Yanny"
    assert passage.parent is not None
    assert passage.parent["dir"] == "ltr"
    assert page.soup.select(".hit p[lang=he]")[0].get_text().startswith("ב")


def test_a_hebrew_hit_that_matches_in_both_languages_is_marked_in_hebrew(hebrew_browser: Browser) -> None:
    page = hebrew_browser.open("/search?q=domestic+violence")
    assert page.texts(".hit h2 mark") == ["מאלימות במשפחה"]
    assert not page.soup.select(".hit [lang=en]")


def test_an_incident_without_a_translation_keeps_its_own_language(admin: Api) -> None:
    admin.file(title="A zebra in the newsletter", status="published")
    page = visitor(admin, "he").open("/search?q=zebra")
    assert page.one(".hit h2 a")["lang"] == "en"
