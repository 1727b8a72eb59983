"""The nearest known word."""

from __future__ import annotations

from kb.domain.spelling import closest_match


def test_only_a_near_enough_word_is_suggested() -> None:
    known = ["tone-deaf", "offensive"]
    assert closest_match("Tone_Deff", known) == "tone-deaf"
    assert closest_match("xyzzy", known) is None
    assert closest_match("x" * 100_000, known) is None


def test_accents_and_width_make_no_other_word() -> None:
    assert closest_match("cátegory", ["category"]) == closest_match("ｃategory", ["category"]) == "category"
