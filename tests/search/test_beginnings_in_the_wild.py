"""Beginnings of words as people type them, completed in any spelling and script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.small_index import SmallIndex

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # dozens of indexes


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("gda*", {"Gdańsk", "gdansk"}),
        ("éga*", {"Égalité"}),
        ("ega*", {"Égalité"}),
        ("ist*", {"İstanbul"}),
        ("stras*", {"straße", "strasse"}),
        ("straß*", {"straße", "strasse"}),
        ("orei*", {"O’Reilly"}),
        ("o'rei*", {"O’Reilly"}),
        ("елк*", {"Ёлка"}),
        ("news*", {"news\u00adletter"}),
        ("art*", {"d’Artagnan"}),
    ],
)
def test_a_beginning_without_accents_finds_words_with_them(
    typed: str, found: set[str], tmp_path: Path
) -> None:
    index = SmallIndex(
        tmp_path,
        *("Gdańsk", "gdansk", "Égalité", "İstanbul", "straße", "strasse", "O’Reilly", "Ёлка"),
        *("news\u00adletter", "d’Artagnan", "other"),
    )
    assert set(index.found(typed)) == found
    assert set(index.suggested(typed.rstrip("*"))) == found


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("gdansk", "Gdań"),
        ("besiktas", "Beşik"),
        ("thingvellir", "Þing"),
        ("nuernberg", "Nürn"),
        ("obrien", "O’Br"),
        ("الاسلام", "الإس"),
        ("ציפס", "צ'יפ"),
    ],
)
def test_a_beginning_with_accents_finds_words_without(title: str, typed: str, tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, title, "nothing")
    assert index.suggested(typed) == [title]
    assert index.found(f"{typed}*") == [title]


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("スターバックスの謝罪", "スターバ"),
        ("スターバックスの謝罪", "ｽﾀｰﾊﾞ"),
        ("中国东方航空", "中国东"),
        ("삼성전자 사과", "삼성전"),
        ("การโฆษณา", "การโฆ"),
    ],
)
def test_a_title_in_a_script_without_spaces_is_completed(title: str, typed: str, tmp_path: Path) -> None:
    assert SmallIndex(tmp_path, "nothing", title, language="ja").suggested(typed) == [title]
