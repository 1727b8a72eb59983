"""Words are forms of one another if one is inflected from the other, and not if they only look alike."""

from __future__ import annotations

import pytest

from kb.search.word_forms import candidate_forms, entry_form


def is_form(word: str, entry: str) -> bool:
    return entry_form(entry) in {form for _, form in candidate_forms(word)}


@pytest.mark.parametrize(
    ("entry", "forms"),
    [
        ("slap", "slap slaps slapped slapping Slap's SLAPPED"),
        ("bake", "bakes baked baking"),
        ("box", "boxes boxed boxing"),
        ("party", "parties party's"),
        ("bury", "buries buried"),
        ("ceasefire", "ceasefires"),
        ("סטירה", "סטירה הסטירה בסטירה סטירות והסטירות סטירת"),
        ("פיגוע", "פיגועים הפיגועים מהפיגוע"),
        ("שואה", "השואה בשואה"),
    ],
)
def test_inflections_are_forms(entry: str, forms: str) -> None:
    for form in forms.split():
        assert is_form(form, entry), form


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ("execution", "executive"),
        ("like", "likely"),
        ("win", "wine"),
        ("butt", "but"),
        ("celebrate", "celebrity"),
        ("mad", "made"),
        ("doge", "dogs"),
        ("gas", "ga"),
        ("שפחה", "משפחה"),
        ("שרד", "המשרד"),
    ],
)
def test_words_that_look_alike_are_not(entry: str, word: str) -> None:
    assert not is_form(word, entry)


def test_the_nearest_form_comes_first() -> None:
    assert candidate_forms("slapped")[0] == (0, "slapped")
    assert [distance for distance, _ in candidate_forms("והסטירות")] == sorted(
        distance for distance, _ in candidate_forms("והסטירות")
    )
