"""The pure rules."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.dates import KNOWN_PRECISIONS, DatePrecision, PartialDate, parse_partial_date
from kb.domain.language import choose_language, script_language
from kb.domain.spelling import closest_match
from kb.domain.strict_json import loads
from kb.domain.text import MAX_SLUG_LENGTH, forbidden_character, slugify


class TestDates:
    @given(st.dates(min_value=date(1800, 1, 1)), st.sampled_from(KNOWN_PRECISIONS))
    def test_a_date_lies_within_what_is_known_of_it(self, day: date, precision: DatePrecision) -> None:
        known = PartialDate(day, DatePrecision.DAY).at(precision)
        assert known.first <= day <= known.last
        digits = {"day": 10, "month": 7, "year": 4}[precision]
        assert parse_partial_date(known.first.isoformat()[:digits]) == known

    @pytest.mark.parametrize(
        "text", ["", "18", "2018-5", "2018-00", "2018-02-29", "٢٠١٨", "2018-01-01T00:00", "1799"]
    )
    def test_what_is_no_date_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"\w+ .*\."):
            parse_partial_date(text)


class TestSlugs:
    @given(st.text(max_size=200))
    def test_a_slug_is_a_slug_of_itself_and_short(self, text: str) -> None:
        slug = slugify(text)
        assert slugify(slug) == slug
        assert len(slug) <= MAX_SLUG_LENGTH
        assert not slug.startswith("-")
        assert not slug.endswith("-")

    @pytest.mark.parametrize(
        ("text", "slug"),
        [
            ("McDonald's: need copy & link!", "mcdonalds-need-copy-link"),
            ("מקדונלד'ס — טיוטה", "מקדונלדס-טיוטה"),
            ("Café Zürich", "cafe-zurich"),
            ("?!", ""),
        ],
    )
    def test_it_reads_like_the_text(self, text: str, slug: str) -> None:
        assert slugify(text) == slug


class TestLanguages:
    @pytest.mark.parametrize(
        ("wanted", "chosen"),
        [
            (["he"], "he"),
            (["he-IL"], "he"),
            (["fr", "he"], "he"),
            (["fr"], "en"),
            ([], "en"),
            (["en-GB"], "en-US"),
        ],
    )
    def test_the_first_wanted_that_there_is_else_the_fallback(self, wanted: list[str], chosen: str) -> None:
        available = ["en-US", "he"] if chosen == "en-US" else ["en", "he"]
        assert choose_language(wanted, available, "en") == chosen

    def test_hebrew_is_known_by_its_letters(self) -> None:
        assert (script_language("ציוץ של McDonald"), script_language("ציוץ by McDonald's")) == (None, None)
        assert script_language("טיוטה שפורסמה") == "he"


@pytest.mark.parametrize(
    ("text", "character"),
    [("a\0", "U+0000"), ("\ud800", "U+D800"), ("\x1b[31m", "U+001B"), ("ok\n\t🦓", None)],
)
def test_what_may_not_be_stored_is_named(text: str, character: str | None) -> None:
    assert forbidden_character(text) == character


def test_the_nearest_known_word_is_found_and_nothing_far_away() -> None:
    known = ["tone-deaf", "offensive"]
    assert closest_match("Tone_Deff", known) == "tone-deaf"
    assert closest_match("xyzzy", known) is None
    assert closest_match("x" * 100_000, known) is None


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(), st.lists))
def test_json_that_is_json_is_read(value: object) -> None:
    assert loads(json.dumps(value)) == value
