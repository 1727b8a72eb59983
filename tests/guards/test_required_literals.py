from __future__ import annotations

from collections.abc import Sequence

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from bench.drafts import RISKY
from bench.drafts.cases import read_lines
from kb.guards.clean_text import clean
from kb.guards.corpus import harmless_drafts
from kb.guards.patterns.literal_index import LiteralIndex, literal_table
from kb.guards.patterns.required_literals import required_literals
from kb.guards.placeholders.shipped_forms import shipped_forms, slip_forms
from tests.support.re2_patterns import PATTERNS, TEXTS


def _literals(pattern: str) -> list[list[str]]:
    return [sorted(condition.literals) for condition in required_literals(pattern)]


def _indexed(patterns: Sequence[str]) -> LiteralIndex:
    return LiteralIndex(literal_table(patterns))


def test_a_pattern_requires_what_stands_in_all_of_its_alternatives() -> None:
    assert _literals(r"(?i)\bTBD\b") == [["tbd"]]
    assert _literals(r"(?:hello|hi) (?:\w+ )?\[name\]") == [["[name]"], ["hello ", "hi "]]
    assert _literals(r"ticket\d{4,9}|order #\d+") == [["order #", "ticket"]]
    assert _literals(r"[{<]{2} *שם") == [["<<", "<{", "{<", "{{"], ["שם"]]
    assert _literals(r"to(?:day|morrow)? only(?: x)*") == [["to only", "today only", "tomorrow only"]]


def test_a_part_that_may_be_missing_is_not_required() -> None:
    assert _literals(r"(?:draft )?\pL+") == []
    assert _literals(r"(?:draft )*\d|\w+") == []
    assert _literals(r"(?:draft ){0,3}§§") == [["§§"]]
    assert _literals(r"(?:draft |^)\w+") == []


def test_a_repeated_part_is_required_as_often_as_it_must_stand() -> None:
    assert _literals("(?:na){3}") == [["nanana"]]
    assert _literals("q{2,}") == [["qq"]]
    assert _literals("§+?") == [["§"]]


def test_what_common_letters_or_signs_only_need_is_no_condition() -> None:
    assert _literals(r"[a-z]+e") == []
    assert _literals(r"\w+\.") == []


def test_syntax_that_is_rare_requires_nothing() -> None:
    for pattern in (r"\Qtbd\E", r"tbd\101", r"\Ctbd", r"tbd(?i)*zz", f"{'(' * 60}tbd{')' * 60}"):
        assert required_literals(pattern) == (), pattern


@given(TEXTS)
def test_a_text_that_matches_has_all_that_is_required(text: str) -> None:
    index = _indexed(PATTERNS)
    for ignore_case in (True, False):
        options = re2.Options()
        options.case_sensitive = not ignore_case
        matching = {
            number
            for number, each in enumerate(PATTERNS)
            if re2.compile(each, options).search(text) is not None
        }
        assert matching <= index.candidates(text)


def test_literals_that_end_with_each_other_are_not_all_looked_for() -> None:
    index = _indexed([f"{'§' * length}!" for length in range(1, 200)])
    assert (
        len(index.candidates(f"{'§' * 1_000}")) > 150
    )  # the shortest ones are ruled out, the others were not looked for
    index = _indexed([f"{'§' * length}" for length in range(1, 200)])
    assert index.candidates("§§") >= {0, 1}


_NAMED = st.sampled_from("AbkKsSſ\u212aςσΣßẞéÉǅǆǄµμïИиІіDd0את")


@given(st.text(_NAMED, min_size=1, max_size=4).filter(str.isalnum), st.data())
def test_letters_of_any_script_are_found_in_any_case(literal: str, data: st.DataObject) -> None:
    options = re2.Options()
    options.case_sensitive = False
    pattern = f"QQ{literal}"
    text = f"qq{''.join(data.draw(_NAMED) for _ in literal)}"
    if re2.compile(pattern, options).search(text) is not None:
        assert _indexed([pattern]).candidates(text) == {0}


@pytest.mark.no_cover
def test_the_shipped_rules_that_match_a_draft_are_among_the_candidates() -> None:
    patterns = [rule.pattern for rule in (*shipped_forms(), *slip_forms())]
    index = _indexed(patterns)
    compiled = [re2.compile(pattern) for pattern in patterns]
    texts = [draft.text for draft in harmless_drafts()[::8]] + [row["text"] for row in read_lines(RISKY)[::4]]
    for text in map(clean, texts):
        candidates = index.candidates(text.text)
        left = set(range(len(patterns))) - candidates
        assert not [patterns[number] for number in left if compiled[number].search(text.text)], text.text


def test_few_of_the_shipped_rules_are_candidates_for_a_post() -> None:
    patterns = [rule.pattern for rule in (*shipped_forms(), *slip_forms())]
    index = _indexed(patterns)
    texts = [clean(draft.text).text for draft in harmless_drafts()]
    assert sum(len(index.candidates(text)) for text in texts) < 0.1 * len(texts) * len(patterns)
