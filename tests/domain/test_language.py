"""Choosing a language, filtering by one, and what a script says about it."""

from __future__ import annotations

import pytest

from kb.domain.language import candidate_languages, choose_language, in_language, script_language


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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Η εταιρεία ζήτησε συγγνώμη", "el"),
        ("บริษัทขอโทษ", "th"),
        ("회사가 사과했다", "ko"),
        ("ソニーが謝罪", "ja"),
        ("Sony が広告について謝罪した", "ja"),
        ("Ընկերությունը ներողություն խնդրեց", "hy"),
        ("კომპანიამ ბოდიში მოიხადა", "ka"),
        ("நிறுவனம் மன்னிப்பு கேட்டது", "ta"),
        ("Компания извинилась", None),
        ("اعتذرت الشركة", None),
        ("公司道歉", None),
        ("The company apologized", None),
        ("", None),
        ("100 % !", None),
    ],
)
def test_a_script_of_one_language_implies_it(text: str, language: str | None) -> None:
    assert script_language(text) == language


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("Компания", {"ru", "uk", "bg"}),
        ("公司道歉", {"zh", "ja"}),
        ("اعتذرت", {"ar", "fa"}),
        ("L'été", {"fr", "en"}),
    ],
)
def test_a_script_of_several_languages_leaves_these(text: str, languages: set[str]) -> None:
    assert languages <= set(candidate_languages(text))


def test_one_borrowed_kana_makes_no_text_japanese() -> None:
    assert "zh" in candidate_languages("優の良品公司就冒犯性廣告向顧客道歉")


def test_a_language_has_its_variants_and_no_other_language() -> None:
    assert in_language("en-GB", "en")
    assert in_language("zh-Hant-TW", "zh-Hant")
    assert not in_language("en", "en-GB")
    assert not in_language("fil", "fi")
