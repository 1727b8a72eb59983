"""The nearest known word."""

from __future__ import annotations

from kb.domain.suggestion import nearest


def test_only_a_near_enough_word_is_suggested() -> None:
    known = ["tone-deaf", "offensive"]
    assert nearest("Tone_Deff", known) == "tone-deaf"
    assert nearest("xyzzy", known) is None
    assert nearest("x" * 100_000, known) is None
