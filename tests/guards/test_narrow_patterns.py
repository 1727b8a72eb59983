from __future__ import annotations

import sys

import re2
from hypothesis import given

from kb.guards.patterns.narrow import is_narrow, narrowed
from kb.guards.patterns.pattern_set import PatternSet
from tests.support.re2_patterns import PATTERNS, TEXTS

_CLASSES = (r"\pL", r"\p{L}", r"\pN", r"[^\pL\pN_]", r"[\pL’-]", r"(?:^|[^\pL])", r"\PL", r"[\PN]", r"[\\pL]")


def _narrow_characters() -> str:
    """All of Unicode that is narrow: few blocks have to be looked at one by one."""
    codes = [code for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    blocks = ("".join(map(chr, codes[start : start + 64])) for start in range(0, len(codes), 64))
    return "".join(block if is_narrow(block) else "".join(filter(is_narrow, block)) for block in blocks)


def test_narrow_classes_match_the_same_in_every_narrow_character() -> None:
    characters = _narrow_characters()
    for pattern in _CLASSES:
        for flags in ("", "(?i)"):
            # Each character is there once, so that the same runs are the same characters.
            whole, narrow = (re2.compile(f"{flags}(?:{each})+") for each in (pattern, narrowed(pattern)))
            assert narrow.findall(characters) == whole.findall(characters), (pattern, flags)


def test_texts_with_letters_or_digits_of_other_scripts_are_not_narrow() -> None:
    assert [is_narrow(text) for text in ("ราคา", "値段", "१२", "ⅷ", "\u212a")] == [False] * 5
    assert all(map(is_narrow, ("", "plain", "שלום – 5₪ 👍", "αβγ", "Приве́т", "é…")))


@given(TEXTS)
def test_narrow_patterns_match_the_same_in_narrow_texts(text: str) -> None:
    if is_narrow(text):
        for pattern in PATTERNS:
            assert re2.compile(narrowed(pattern)).findall(text) == re2.compile(pattern).findall(text)


def test_patterns_without_such_classes_and_literal_text_stay_as_they_are() -> None:
    for pattern in (r" sale ", r"\\pL", r"\Q\pL\E", r"\p{So}", r"\PL", r"[\p{Hebrew}\\pN]"):
        assert narrowed(pattern) == pattern


def test_sets_search_a_text_of_any_script_with_the_pattern_as_it_is_written() -> None:
    patterns = PatternSet([r"^(\pL+) \[name\]"], ignore_case=False)
    for word in ("hello", "שלום", "नमन", "你好"):
        text = f"{word} [name]"
        (number,) = patterns.matches(text)
        assert patterns.compiled(number, text).findall(text) == [word]
