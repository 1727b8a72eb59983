"""Guards of the type `pattern`, sets of patterns, and patterns that match too much."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.guards.breadth import breadth, check_breadth
from kb.guards.corpus import Posts
from kb.guards.errors import GuardError
from kb.guards.patterns.pattern_set import PatternSet, compile_pattern
from kb.guards.patterns.wide import Alphabet
from kb.guards.ruleset import compile_guard
from tests.support.guard_matches import EMPTY_CONCEPTS, analyzed, found, guard, matcher


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (" sale ", "Sale! On sale, wholesale", ["Sale", "sale"]),
        (r"buy \d+ , get \d+", "BUY 2, get 10 free", ["BUY 2, get 10"]),
        (" B1 G1 ", "b1 g1", ["b1 g1"]),
        (r" ב?מבצע ", "במבצע: מבצע, מבצעים", ["במבצע", "מבצע"]),
        (r"\$ \d+", "Only $ 20 or $30", ["$ 20", "$30"]),
        (r" \*+ ", "**** note ****", ["****", "****"]),
        (r" free .* gift ", "Fr\u200bee\n\u202bbig gift", ["Fr\u200bee\n\u202bbig gift"]),
        (r" straße ", "In der STRAßE", ["STRAßE"]),
        (r" +", "nothing but spaces", []),
    ],
)
def test_a_pattern_sees_words_between_single_spaces(pattern: str, text: str, matches: list[str]) -> None:
    assert found(matcher("pattern", pattern=pattern), text) == matches


def test_a_phrase_that_excuses_the_draft_takes_all_matches_of_a_pattern_away() -> None:
    guard = matcher("pattern", pattern=" account [0-9]{6} ", unless=["donation", "לתרומות"])
    assert found(guard, "Account 123456 for your donations, account 654321 for the raffle") == []
    assert found(guard, "לתרומות: account 123456") == []
    assert found(guard, "Dana, account 123456, thank you!") == ["account 123456"]


def test_a_pattern_finds_nothing_in_an_exception() -> None:
    guard = matcher("pattern", pattern=r" tk ", **{"except": ["TK  Maxx", "(tk)"]})
    assert found(guard, "TK Maxx and ( TK ), price TK.") == ["TK"]


@pytest.mark.parametrize(
    ("pattern", "advice"),
    [
        ("", "Write a pattern"),
        ("a" * 501, "500"),
        ("(", "missing"),
        ("a*", "empty text"),
        ("a(?!b)", "lookahead"),
        ("(?<=a)b", "lookahead"),
        (r"\bמבצע\b", "Write a space"),
        (r"(a)\1", "invalid escape"),
        (r"(\pL{50}){20}", "too large"),
        ("\ud800", "half of a character"),
        (7, "Put this in quotes: it is read as 7"),
    ],
)
def test_an_invalid_pattern_is_refused_with_what_to_do(pattern: object, advice: str) -> None:
    with pytest.raises(GuardError, match=advice) as error:
        matcher("pattern", pattern=pattern)
    assert error.value.pointer == "/parameters/pattern"


@given(st.text(max_size=60))
def test_what_a_pattern_finds_stands_in_the_text(text: str) -> None:
    draft = analyzed(text)
    for match in matcher("pattern", pattern=r" \S+ ").matches(draft):
        assert match.span is not None
        assert 0 <= match.span.start < match.span.end <= len(text)
        assert draft.text_at(match.span).strip()


def test_a_set_names_the_patterns_that_match() -> None:
    patterns = [f" word{number} " for number in range(500)]
    together = PatternSet(patterns)
    assert together.matches(" word3 stands before WORD499 ") == {3, 499}
    assert together.matches(" none ") == frozenset()
    assert PatternSet([]).matches("text") == frozenset()


def test_patterns_that_do_not_fit_into_one_set_are_matched_in_several() -> None:
    patterns = [rf"(?:^|[^\pL\pN])word{number}\pL(?:[^\pL\pN]|$)" for number in range(90)]
    options = re2.Options()
    options.log_errors = False
    single = re2.Set.SearchSet(options)
    for pattern in patterns:
        single.Add(pattern)
    with pytest.raises(re2.error):
        single.Compile()
    assert PatternSet(patterns).matches(" word7é word89א word90a ") == {7, 89}


def test_the_patterns_of_a_set_are_those_that_match_alone() -> None:
    patterns = [r" a+ ", r"\d\d", r"b .* c", r" ש", r"x{3}"]
    together = PatternSet(patterns)
    for text in (" aa ", " b 12 c ", " שלום xxx ", " - ", " a b c 1 1 "):
        alone = {number for number, pattern in enumerate(patterns) if compile_pattern(pattern).search(text)}
        assert together.matches(text) == alone, text


def test_patterns_that_match_are_among_the_candidates_of_a_set() -> None:
    patterns = [r" sale ", r"\d\d", r" (?:buy|get) .* free ", r" מבצע ", r"x+y", r" closed? "]
    together = PatternSet(patterns)
    for text in (" sale 12 ", " Get one FREE ", " מבצע xxy ", " close ", " - ", ""):
        alone = {number for number, pattern in enumerate(patterns) if compile_pattern(pattern).search(text)}
        assert alone <= together.matches(text) <= together.candidates(text), text
    assert together.matches(" nothing ") == frozenset()


def test_a_set_holds_the_words_of_hundreds_of_long_patterns() -> None:
    words = [[f"word{number}x{other}y" for other in range(60)] for number in range(300)]
    together = PatternSet([f" (?:{'|'.join(each)}) " for each in words])
    assert together.candidates(" word3x7y word299x59y ") == {3, 299}


def test_of_many_patterns_with_the_same_words_only_those_that_match_are_candidates() -> None:
    together = PatternSet(
        [f" sale {number} " for number in range(3)] + [f" {x} .* sale " for x in "abcde"] * 20
    )
    assert together.candidates(" a b sale ") == {3, 4, *range(8, 103, 5), *range(9, 103, 5)}


def test_a_set_that_minds_case_knows_what_a_class_of_one_case_excludes() -> None:
    together = PatternSet([r"1[^A-Z]2", r"1[^a-z]2"], ignore_case=False)
    assert together.matches("1a2") >= {0}
    assert together.matches("1A2") >= {1}


def test_a_pattern_that_has_no_wide_form_is_searched_in_every_text(monkeypatch: pytest.MonkeyPatch) -> None:
    widen = Alphabet.widen
    monkeypatch.setattr(
        Alphabet, "widen", lambda self, pattern: "(" if "sale" in pattern else widen(self, pattern)
    )
    together = PatternSet([" now ", " sale ", " free "])
    assert together.matches(" sale is now ") == {0, 1}


def test_patterns_in_any_script_are_ruled_out_in_long_texts_by_their_words() -> None:
    together = PatternSet([f" скидка{chr(ord('а') + number)} " for number in range(32)])
    assert together.candidates(f" скидкав {'и ещё раз ' * 1000}") == {2}


@pytest.mark.parametrize("repetitions", [1, 1000])
def test_a_long_text_is_matched_as_a_short_one_is(repetitions: int) -> None:
    patterns = [r" sale ", r" (?:buy|get) .* free ", r" מבצע ", r"x+y", r"\d\d", r" and sale "]
    text = f" sale 20 {'and then ' * repetitions} xxy "
    together = PatternSet(patterns)
    for _ in range(2):  # some sets are compiled the first time
        assert together.matches(text) == {0, 3, 4}
        assert together.candidates(text) >= {0, 3, 4}


@pytest.mark.parametrize(
    "pattern", [" sale ", "^ (?i:sale)", "sale $", r"\Asale|now", "[^a-z ] ", "e  s", r"\bsale\b"]
)
def test_the_breadth_of_a_pattern_is_that_of_each_post_by_itself(pattern: str) -> None:
    posts = Posts(
        AnalyzedDraft(Draft(text=text), EMPTY_CONCEPTS)
        for text in ("Sale", "A sale", "Our sale ends", "Nothing here", "", "se", "sale.")
    )
    alone = compile_pattern(pattern)
    found = breadth(compile_guard(guard("pattern", pattern=pattern), EMPTY_CONCEPTS), posts)
    assert found.drafts == tuple(post.draft for post in posts if alone.search(post.clean.spaced.text))


def test_a_pattern_that_matches_much_of_the_harmless_corpus_is_refused() -> None:
    texts = [*(f"Post {number}" for number in range(19)), "Our sale " + "!" * 90]
    posts = Posts(AnalyzedDraft(Draft(text=text), EMPTY_CONCEPTS) for text in texts)
    narrow = compile_guard(guard("pattern", pattern=" sale "), EMPTY_CONCEPTS)
    check_breadth(narrow, posts)
    assert breadth(narrow, posts).share == 0.05
    broad = compile_guard(guard("pattern", pattern=r"sale|1\d"), EMPTY_CONCEPTS)
    with pytest.raises(GuardError, match=r"50\.0%.*'Post 10'") as error:
        check_breadth(broad, posts)
    assert error.value.pointer == "/parameters/pattern"
    assert breadth(broad, Posts()).share == 0
