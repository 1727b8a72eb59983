"""Slugs and keys, one form of a text, and characters that cannot be stored."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import text as text_rules
from kb.domain.text import (
    MAX_GROWTH,
    MAX_KEY_LENGTH,
    MAX_SLUG_LENGTH,
    compose,
    count_words,
    fold,
    forbidden_character,
    is_slug,
    name_key,
    plain_length,
    slugify,
    tag_key,
)

KEYS = (fold, slugify, name_key, tag_key)


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
        ("हिन्दी विज्ञापन", "हिन्दी-विज्ञापन"),
        ("தமிழ் நாடு", "தமிழ்-நாடு"),
        ("Mc\u00adFoo", "mcfoo"),
        ("Ørsted in Łódź", "orsted-in-lodz"),
        ("O‘Reilly and ארה”ב", "oreilly-and-ארהב"),
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


@given(st.text(max_size=200))
def test_every_key_is_its_own_key_and_that_of_both_forms_of_a_text(text: str) -> None:
    for key in KEYS:
        assert key(key(text)) == key(text)
        assert key(normalize("NFD", text)) == key(normalize("NFC", text)) == key(text)
    assert len(name_key(text)) <= MAX_KEY_LENGTH
    assert len(tag_key(text)) <= MAX_KEY_LENGTH


@pytest.mark.parametrize(
    "variant",
    [
        "SPRING SALE",
        " spring  sale ",
        "Spring\u00a0Sale",
        "Sp\u00adring Sale",
        "Ｓpring Sale",
        "spring\nsale",
        "Spríng Sale",
    ],
)
def test_variants_of_spelling_are_one_tag(variant: str) -> None:
    assert tag_key(variant) == tag_key("Spring Sale")


@pytest.mark.parametrize(
    ("one", "other"), [("C++", "C#"), ("a/b", "ab"), ("#metoo", "metoo"), ("re-use", "re use"), ("!", "?")]
)
def test_punctuation_makes_another_tag(one: str, other: str) -> None:
    assert tag_key(one) != tag_key(other)


def test_typographic_punctuation_makes_no_other_tag() -> None:
    assert tag_key("mother’s day – ארה״ב") == tag_key("mother's day - ארה\"ב")


def test_a_key_of_a_tag_has_no_comma() -> None:
    assert tag_key("a，b") == "a b"


def test_spellings_of_one_name_have_one_key() -> None:
    assert {*map(name_key, ("Nestlé", "NESTLÉ", "nestle", "Nestle\u0301", "Nest\u200blé"))} == {"nestle"}


@given(
    st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_composing_reaches_every_text_of_a_value(value: object) -> None:
    assert compose(compose(value)) == compose(value)
    assert compose({"a": [normalize("NFD", "é"), 1]}) == {"a": ["é", 1]}


@given(st.text(max_size=200))
def test_what_is_made_as_a_slug_is_one(text: str) -> None:
    slug = slugify(text)
    assert is_slug(slug) == (slug != "")


@pytest.mark.parametrize("slug", ["ørsted-a-title", "łodz", "a-1", "हिन्दी"])
def test_a_slug_of_an_earlier_version_is_still_one(slug: str) -> None:
    assert is_slug(slug)


@pytest.mark.parametrize(
    "text",
    ["", "-", "a--b", "a-", "Ørsted", "café", "mc\u00adfoo", "a b", "ø" * (MAX_SLUG_LENGTH + 1)],
)
def test_anything_else_is_no_slug(text: str) -> None:
    assert not is_slug(text)


@pytest.mark.parametrize("form", ["NFC", "NFKC", "NFKD"])
def test_a_letter_keeps_thirty_marks(form: Any) -> None:
    """To sort more takes time quadratic in their number."""
    assert text_rules.normalize(form, "x" + "\u0301" * 9_000 + "\u0323" * 9_000) == normalize(
        form, "x" + "\u0301" * 30
    )
    assert len(text_rules.normalize(form, "\u0301\uff9e" * 9_000)) == 30
    for text in ("שָׁלוֹם " * 50, "x\u0301\u0323" * 50, "हिन्दी" * 50, "👩‍👩‍👧‍👦" * 50, "…—„" * 50):
        assert text_rules.normalize(form, text) == normalize(form, text)


@given(
    st.lists(
        st.tuples(st.sampled_from(["x", "א", " ", "-", "\n", ""]), st.sampled_from("\u0301\u05b0\uff9e"))
        | st.tuples(st.sampled_from(["x", "\uff76", ""]), st.sampled_from(["\u0301" * 29, "\uff9e" * 16])),
        max_size=60,
    )
)
def test_thirty_marks_are_kept_wherever_a_letter_with_more_of_them_stands(
    letters: list[tuple[str, str]],
) -> None:
    text = "".join(letter + marks for letter, marks in letters)
    runs = re.split("([\u0301\u05b0\uff9e]+)", text)
    kept = "".join(run[:30] if place % 2 else run for place, run in enumerate(runs))
    assert text_rules.normalize("NFC", text) == normalize("NFC", kept)


@given(st.text(max_size=200))
def test_a_plain_text_is_as_long_as_its_characters_written_out(text: str) -> None:
    assert plain_length(text) == sum(len(normalize("NFKC", character)) for character in text)
    assert plain_length(text) <= MAX_GROWTH * len(text)


@pytest.mark.no_cover
def test_no_character_grows_more_than_the_limit_for_long_texts_assumes() -> None:
    assert max(plain_length(chr(code)) for code in range(0x110000)) == MAX_GROWTH


@pytest.mark.parametrize(
    ("text", "count", "different"),
    [
        ("", 0, 0),
        ("Buy one, get one!", 4, 3),
        ("don't re-read it_all", 6, 6),
        ("שָׁלוֹם שלום", 2, 2),
        ("ภาษาน้ำ नमस्ते a\u00adb", 3, 3),
        ("😂 50% ---", 1, 1),
    ],
)
def test_words_are_counted_with_the_marks_inside_them(text: str, count: int, different: int) -> None:
    assert count_words(text) == (count, different)
