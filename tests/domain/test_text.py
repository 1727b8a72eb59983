"""Slugs, and characters that cannot be stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.text import MAX_SLUG_LENGTH, forbidden_character, slugify


@given(st.text(max_size=200))
def test_slugs_are_stable_and_short(text: str) -> None:
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
def test_a_slug_reads_like_its_text(text: str, slug: str) -> None:
    assert slugify(text) == slug


@pytest.mark.parametrize(
    ("text", "character"),
    [("a\0", "U+0000"), ("\ud800", "U+D800"), ("\x1b[31m", "U+001B"), ("ok\n\t🦓", None)],
)
def test_a_forbidden_character_is_named(text: str, character: str | None) -> None:
    assert forbidden_character(text) == character
