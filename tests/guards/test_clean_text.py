"""What is found in a draft without its disguise is reported where it stands in the draft as sent."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.domain.text import INVISIBLE
from kb.guards.clean_text import clean
from kb.search.words import words

ANY_TEXT = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("T\u200bB\u200dD", "TBD"),
        ("Т\u0412D", "TBD"),  # Cyrillic letters in a Latin word
        ("ТВС", "TBC"),  # and a word of nothing else, where nothing else is Cyrillic
        ("ТВС на русском", "ТВС на русском"),
        ("ﬁne ＴＢＤ", "fine TBD"),
        ("\u200fשלום\u200f", "שלום"),
        ("לְהוֹסִיף קִישׁוּר", "להוסיף קישור"),
        ("\ufb2aל", "של"),
        ("T\u0336B\u0336D\u0336", "TBD"),
        ("café", "café"),
        ("wait… or not…", "wait... or not..."),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_disguise_is_taken_off(text: str, plain: str) -> None:
    assert clean(text).text == plain


def test_words_and_signs_stand_between_single_spaces() -> None:
    assert clean("Hello,  WORLD!!!\n50% off").spaced.text == " hello , world !!! 50 % off "


@given(st.text("a1 .,$€%_-!ש״'😀🇮", max_size=30))
@example("costs $$5, not €€ 7")
def test_the_words_are_those_of_a_search(text: str) -> None:
    cleaned = clean(text)
    assert [cleaned.text[start:end] for start, end in cleaned.words()] == words(cleaned.text)


@given(ANY_TEXT)
def test_every_part_leads_back_to_a_part_of_the_text_as_sent(text: str) -> None:
    cleaned = clean(text)
    spaced = cleaned.spaced
    places = range(len(spaced.text) + 1)
    for offsets, length in (
        (cleaned.offsets, len(cleaned.text)),
        ([*map(spaced.offset, places)], places[-1]),
    ):
        assert len(offsets) == length + 1
        assert list(offsets) == sorted(offsets)
        assert offsets[-1] == len(text)
    for searched in (cleaned, spaced):
        for match in re.finditer(r"\w+", searched.text):
            span = searched.span(*match.span())
            assert 0 <= span.start < span.end <= len(text)


def test_letters_that_become_two_in_lower_case_lead_back_to_themselves() -> None:
    spaced = clean("AİB cİ").spaced
    assert [spaced.offset(place) for place in range(len(spaced.text) + 1)] == [
        0,
        0,
        1,
        1,
        2,
        2,
        4,
        5,
        5,
        5,
        6,
    ]


@given(st.text("abTBD ", min_size=1, max_size=20), st.sampled_from("\u200b\u200d\u00ad\u2060\ufeff"))
def test_invisible_characters_between_letters_change_nothing(text: str, invisible: str) -> None:
    assert re.match(f"[{INVISIBLE}]", invisible)
    disguised = invisible.join(text)
    cleaned = clean(disguised)
    assert cleaned.text == text
    assert disguised[slice(*cleaned.span(0, len(text)))] == disguised
