"""Short Hebrew words are found in their forms, and not in words that merely end in the same three letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.small_index import SmallIndex

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ("שואה", "השוואה הלוואה"),
        ("השואה", "השוואה הלוואה"),
        ("טבח", "מטבח במטבח המטבחים"),
        ("ספר", "מספר במספרים"),
        ("עוגה", "ללעוג"),
        ("כתב", "מכתב המכתבים"),
    ],
)
def test_a_short_word_is_not_found_in_words_of_other_roots(typed: str, others: str, tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, f"abc {typed}", *others.split(), language="he")
    assert index.found(typed) == [f"abc {typed}"]


@pytest.mark.parametrize(("typed", "shorter"), [("השוואה", "שואה"), ("המטבח", "טבח"), ("מספר", "ספר")])
def test_a_word_is_not_found_in_the_short_one_that_it_ends_in(
    typed: str, shorter: str, tmp_path: Path
) -> None:
    index = SmallIndex(tmp_path, typed, shorter, language="he")
    assert index.found(typed) == [typed]


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("שואה", "בשואה"),
        ("השואה", "שואה"),
        ("בנק", "ולבנק"),
        ("ילד", "הילדים"),
        ("ספר", "בספרים"),
        ("חבר", "חבריה"),
        ("שיר", "השירים"),
        ("צבא", "מהצבא"),
        ("אסם", "באסם"),
    ],
)
def test_a_short_word_is_found_in_its_forms(typed: str, form: str, tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, form, "abc", language="he")
    assert index.found(typed) == [form]
    assert SmallIndex(tmp_path / "other", typed, "abc", language="he").found(form) == [typed]
