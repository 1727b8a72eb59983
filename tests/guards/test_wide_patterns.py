from __future__ import annotations

from string import ascii_lowercase

import re2
from hypothesis import given

from kb.guards.patterns.pattern_set import PatternSet
from kb.guards.patterns.wide import Alphabet
from tests.support.call_counts import count_calls
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


def test_signs_have_a_byte_each_and_characters_that_no_pattern_names_share_one() -> None:
    alphabet = Alphabet(["–[–“]"])
    first, second, *others = alphabet.encode("–“é👍") or b""
    assert first != second
    assert others == [0xBF, 0xBF]


def test_a_question_mark_is_no_other_character_even_if_a_pattern_names_a_surrogate() -> None:
    for alphabet in (Alphabet(["–"]), Alphabet(["\ud800"])):
        assert alphabet.encode("?é?👍") == b"?\xbf?\xbf"


def test_a_text_of_emoji_is_encoded_in_one_go() -> None:
    alphabet = Alphabet(["–"])
    assert count_calls(lambda: alphabet.encode("👍 " * 1_000)) < 100


def test_letters_have_no_case_and_few_bytes() -> None:
    alphabet = Alphabet([])
    assert alphabet.encode("SALE") == alphabet.encode("sale")
    for letters in (ascii_lowercase, "אבגדהוזחטיכךלמםנןסעפףצץקרשת"):
        assert len({*(alphabet.encode(letters) or b"")}) == 12


def test_letters_that_stand_for_ascii_where_case_does_not_matter_are_in_no_alphabet() -> None:
    assert Alphabet(["s"]).encode("le\u017fs") is None


def test_any_letter_is_one_that_the_patterns_name_or_one_of_the_others() -> None:
    alphabet = Alphabet(["–א"])
    assert _matching(alphabet, r"^[\pL_]$", "aא_é–1") == "aא_é"


def test_what_a_class_excludes_becomes_less() -> None:
    alphabet = Alphabet(["–א"])
    assert _matching(alphabet, r"^[^\pL–]$", "1é?א–a") == "1é?"


def test_a_class_without_letters_of_one_case_has_those_of_the_other() -> None:
    assert _matching(Alphabet([]), "^[^A-Z]$", "a–1") == "a–1"
    assert _matching(Alphabet([]), "^[^a-z]$", "A–1") == "A–1"


def test_a_class_of_all_letters_has_nothing_else_and_its_opposite_no_letter() -> None:
    alphabet = Alphabet(["–"])
    for letters in ("[a-zA-Z]", "[A-Z]", r"[^\W\d_]"):
        assert _matching(alphabet, f"^{letters}$", "aZ@[`{1_–\n") == "aZ"
    assert _matching(alphabet, "^[א-ת]$", "את–aé") == "את"
    assert _matching(alphabet, "^[^a-zA-Zא-ת]$", "aZתא@[`{–é") == "@[`{–é"


def test_classes_know_escapes_of_control_characters_and_of_numbers() -> None:
    alphabet = Alphabet([])
    assert _matching(alphabet, r"^[\n\t]$", "\n\tnt ") == "\n\t"
    assert _matching(alphabet, r"^[^\s\x41-\x5a\x61-\x7a]$", "\n aZ1.") == "1."


def test_long_repetitions_have_no_limit() -> None:
    widen = Alphabet([]).widen
    assert widen("1{0,60}2{2}3{1,4}4{2,}5{30,50}6{7}") == "1{0,}2{2}3{1,4}4{2,}5{4,}6{4,}"


def test_signs_and_digits_without_repetitions_stay_as_they_are() -> None:
    for pattern in (r"\\", r" \d\.", "(?:1|2)", r"\b(?s:.)$", r"\{1,9}"):
        assert Alphabet([]).widen(pattern) == pattern


def test_flags_of_case_are_dropped_and_others_stay() -> None:
    widen = Alphabet([]).widen
    assert widen("(?i)1(?i:2)(?-i:3)(?im)4(?m-i:5)") == "1(?:2)(?:3)(?m)4(?m:5)"


def _matching(alphabet: Alphabet, pattern: str, characters: str) -> str:
    """Those of some characters that a wide pattern matches."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    wide = re2.Set.SearchSet(options)
    wide.Add(alphabet.widen(pattern))
    wide.Compile()
    return "".join(each for each in characters if wide.Match(alphabet.encode(each)))
