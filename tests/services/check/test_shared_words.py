"""The words that a draft shares with a precedent, as a receipt without text stores them."""

from __future__ import annotations

import pytest

from kb.services.check.receipts.shared_words import spelled_as_in


@pytest.mark.parametrize(
    ("language", "text", "shared", "spelled"),
    [
        ("en", "Zebras were laid off.", "ZEBRA", "Zebras"),
        ("en", "A zebra, some Zebras.", "ZEBRAS", "Zebras"),
        ("en", "The colour of a cafe", "COLOR", "colour"),
        ("en", "The colour of a cafe", "Cafés", "cafe"),
        ("fr", "Le café était fermé", "Cafe", "café"),
        ("en", "It read #ShareYourSecret all day", "secrets", "Secret"),
        ("he", "הפיצוחים נגמרו", "לפיצוחים", "הפיצוחים"),
        ("he", "השוקו נגמר, לכו לשוק", "בשוק", "לשוק"),
        ("en", "It was Nestlé’s own", "nestle's", "Nestlé’s"),
        ("en", "As well as we’ll", "We'll", "we’ll"),
    ],
)
def test_a_shared_word_is_spelled_as_in_the_incident(
    language: str, text: str, shared: str, spelled: str
) -> None:
    assert spelled_as_in({language: [text]}, [shared]) == [spelled]


def test_a_word_that_the_incident_has_in_no_form_is_left_out() -> None:
    assert spelled_as_in({"en": ["A zebra"]}, ["Okapi", "ZEBRAS"]) == ["zebra"]


def test_two_forms_of_one_word_of_the_incident_are_one_word() -> None:
    assert spelled_as_in({"en": ["A zebra"]}, ["ZEBRAS", "Zebra"]) == ["zebra"]


def test_the_words_keep_their_order_whatever_text_has_them() -> None:
    assert spelled_as_in({"en": ["An okapi"], "he": ["שלום, zebra"]}, ["Zebras", "Okapis"]) == [
        "zebra",
        "okapi",
    ]
