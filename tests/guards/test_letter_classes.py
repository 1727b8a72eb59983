from __future__ import annotations

import re2
from hypothesis import given
from hypothesis import strategies as st

from kb.guards.letter_classes import widen_letters

PATTERNS = (
    r"\pL+",
    r"[^\pL\pN*]x",
    r"(?:^|[^\pL\pN])word\pL(?:[^\pL\pN]|$)",
    r"[]\pL]\d",
    r"[^]\p{L}\]]\p{N}",
    r"\\pL",
    r"[\\pL]+",
    r"[[:alpha:]\pN]{2}",
    r"\PL[\PN]",
    r"\Q\pL\E",
    r"\x{5d0}[ֿ-ת\pL]",
)


@given(st.text(alphabet=st.sampled_from("aZ09 *x]\\pLNQEword[אבéſK²٣_.-\n"), max_size=12))
def test_widened_patterns_match_whatever_the_patterns_match(text: str) -> None:
    for pattern in PATTERNS:
        if re2.search(pattern, text) is not None:
            assert re2.search(widen_letters(pattern), text) is not None, pattern


def test_any_letter_is_one_of_ascii_or_any_other_character() -> None:
    assert widen_letters(r"a\pL[\pN_]") == r"a[A-Za-z\x{80}-\x{10FFFF}][0-9\x{80}-\x{10FFFF}_]"


def test_what_a_class_excludes_becomes_less() -> None:
    assert widen_letters(r"[^\pL\p{N}*]") == "[^A-Za-z0-9*]"


def test_patterns_without_letters_of_any_script_stay_as_they_are() -> None:
    for pattern in (r" sale ", r"\\pL", r"[\\pL]", r"\PL\d\x{4C}", r"\Q\pL\E", "[^ .!?]+"):
        assert widen_letters(pattern) == pattern
