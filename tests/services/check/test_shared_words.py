"""The words that a draft shares with a precedent, as a receipt without text stores them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from kb.services.accounts.authentication import anonymous
from kb.services.check.receipts.shared_words import spelled_in_incidents
from tests.support.api import Api

Spell = Callable[..., list[str]]


@pytest.fixture
def spelled(app: Flask, person: Callable[..., Api]) -> Spell:
    """How an incident with a title in some language, and a lesson, spells words."""

    def spell(words: list[str], title: str, language: str = "en", lesson: str = "Read it.") -> list[str]:
        incident = person("Ada", site_admin=True).file(
            title=title, language=language, lessons=[{"text": lesson}], status="published"
        )
        with app.app_context():
            return spelled_in_incidents(anonymous(), {incident["id"]: words})[incident["id"]]

    return spell


@pytest.mark.parametrize(
    ("language", "text", "shared", "expected"),
    [
        ("en", "Zebras were laid off.", "ZEBRA", "Zebras"),
        ("en", "A zebra, some Zebras.", "ZEBRAS", "Zebras"),
        ("en", "The colour of a cafe", "COLOR", "colour"),
        ("en", "The colour of a cafe", "Cafés", "cafe"),
        ("fr", "Le café était fermé", "Cafe", "café"),
        ("en", "It read #ShareYourSecret all day", "secrets", "#ShareYourSecret"),
        ("en", "It read #ShareYourSecret: a Secret", "secrets", "Secret"),
        ("he", "הפיצוחים נגמרו", "לפיצוחים", "הפיצוחים"),
        ("he", "השוקו נגמר, לכו לשוק", "בשוק", "לשוק"),
        ("he", "דובר צה״ל", 'צה"ל', "צה״ל"),
        ("en", "It was Nestlé’s own", "nestle's", "Nestlé’s"),
        ("en", "As well as we’ll", "We'll", "we’ll"),
        ("de", "Die Straße der ZEBRAS", "Zebras", "zebras"),
        ("en", "Rezebra, then zebra9, then Zebra", "zebras", "Zebra"),
    ],
)
def test_a_shared_word_is_spelled_as_in_the_incident(
    spelled: Spell, language: str, text: str, shared: str, expected: str
) -> None:
    assert spelled([shared], text, language) == [expected]


def test_a_word_that_the_incident_has_in_no_form_is_left_out(spelled: Spell) -> None:
    assert spelled(["Okapi", "ZEBRAS"], "A zebra") == ["zebra"]


def test_two_forms_of_one_word_of_the_incident_are_one_word(spelled: Spell) -> None:
    assert spelled(["ZEBRAS", "Zebra"], "A zebra") == ["zebra"]


def test_the_words_keep_their_order_whatever_text_has_them(spelled: Spell) -> None:
    assert spelled(["Zebras", "Okapis"], "An okapi", lesson="Ask a zebra.") == ["zebra", "okapi"]


def test_an_incident_that_is_not_indexed_for_its_reader_has_no_words(
    app: Flask, person: Callable[..., Api]
) -> None:
    hidden = person("Ada", site_admin=True).file(title="A zebra")["id"]
    with app.app_context():
        assert spelled_in_incidents(anonymous(), {hidden: ["zebra"], 12345: ["zebra"]}) == {}
