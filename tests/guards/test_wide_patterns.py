from __future__ import annotations

import re2
from hypothesis import given

from kb.guards.pattern_set import PatternSet
from kb.guards.wide_patterns import Alphabet
from tests.support.re2_patterns import PATTERNS, TEXTS


@given(TEXTS)
def test_wide_patterns_match_whatever_the_patterns_match(text: str) -> None:
    for ignore_case in (True, False):
        options = re2.Options()
        options.case_sensitive = not ignore_case
        matching = {
            number
            for number, pattern in enumerate(PATTERNS)
            if re2.compile(pattern, options).search(text) is not None
        }
        assert matching <= _SETS[ignore_case].matches(text)


_SETS = {ignore_case: PatternSet(PATTERNS, ignore_case=ignore_case) for ignore_case in (True, False)}


def test_each_character_is_one_byte() -> None:
    alphabet = Alphabet(["–[–א]"])
    assert alphabet.encode("a–אב👍") == b"a\x80\x81\xbf\xbf"


def test_letters_that_stand_for_ascii_where_case_does_not_matter_are_in_no_alphabet() -> None:
    assert Alphabet(["s"]).encode("le\u017fs") is None


def test_any_letter_is_one_that_the_patterns_name_or_one_of_the_others() -> None:
    alphabet = Alphabet(["–א"])
    assert _matching(alphabet, r"^[\pL_]$", "aא_é–1") == "aא_é"


def test_what_a_class_excludes_becomes_less() -> None:
    alphabet = Alphabet(["–א"])
    assert _matching(alphabet, r"^[^\pL–]$", "1é?א–a") == "1é?"


def test_long_repetitions_have_no_limit() -> None:
    widen = Alphabet([]).widen
    assert widen("a{0,60}b{2}c{1,4}d{2,}e{30,50}f{7}") == "a{0,}b{2}c{1,4}d{2,}e{4,}f{4,}"


def test_patterns_in_ascii_without_repetitions_stay_as_they_are() -> None:
    for pattern in (r" sale ", r"\\pL", r"[\\pL]", r"\d\x{4C}", "[^ .!?]+", "[{1,9}]", r"\{1,9}"):
        assert Alphabet([]).widen(pattern) == pattern


def _matching(alphabet: Alphabet, pattern: str, characters: str) -> str:
    """Those of some characters that a wide pattern matches."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    wide = re2.Set.SearchSet(options)
    wide.Add(alphabet.widen(pattern))
    wide.Compile()
    return "".join(each for each in characters if wide.Match(alphabet.encode(each)))
