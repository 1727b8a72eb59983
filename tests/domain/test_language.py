"""Choosing a language, and detecting one from its script."""

from __future__ import annotations

import pytest

from kb.domain.language import choose_language, script_language


@pytest.mark.parametrize(
    ("languages", "chosen"),
    [
        (["he"], "he"),
        (["he-IL"], "he"),
        (["fr", "he"], "he"),
        (["fr"], "en"),
        ([], "en"),
        (["en-GB"], "en-US"),
    ],
)
def test_the_first_available_preferred_language_is_chosen_or_the_fallback(
    languages: list[str], chosen: str
) -> None:
    available = ["en-US", "he"] if chosen == "en-US" else ["en", "he"]
    assert choose_language(languages, available, "en") == chosen


def test_hebrew_is_detected_from_its_letters() -> None:
    assert (script_language("ציוץ של McDonald"), script_language("ציוץ by McDonald's")) == (None, None)
    assert script_language("טיוטה שפורסמה") == "he"
