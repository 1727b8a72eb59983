"""AND, OR and NOT in a query."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.search.parser import MAX_DEPTH
from kb.search.query import Group, Node, Word, is_condition
from kb.search.unparse import unparse
from tests.support.queries import deepest, org, read


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("a AND b", "+a +b"),
        ("a AND b AND c", "+a +b +c"),
        ("a AND a", "+a"),
        ("oil spill AND bp", "+(oil spill) +bp"),
        ("a OR b", "a b"),
        ("a b OR c", "a b c"),
        ("a AND b OR c", "(+a +b) c"),
        ("a OR b AND c d", "a (+b +(c d))"),
        ("(a OR b) AND c", "+(a b) +c"),
        ("(a AND b) AND c", "+a +b +c"),
        ("a AND (b OR c AND d)", "+a +(b (+c +d))"),
        ('"big deal" AND logo', '+"big deal" +logo'),
        ("a && b || c | d", "(+a +b) c d"),
        ('(a b)AND(c d)OR"e f"AND"g h"', '(+(a b) +(c d)) (+"e f" +"g h")'),
        ("פיטורים AND לוויה OR הלוויה", "(+פיטורים +לוויה) הלוויה"),
    ],
)
def test_and_requires_both_sides_and_or_either(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("NOT funeral", "-funeral"),
        ("ad NOT funeral", "ad -funeral"),
        ("ad AND NOT funeral", "+ad -funeral"),
        ("NOT ad AND NOT funeral", "-ad -funeral"),
        ("ad OR NOT funeral", "ad (-funeral)"),
        ("ad NOT funeral OR logo", "(ad -funeral) logo"),
        ("NOT a b", "b -a"),
        ("NOT (a b)", "-(a b)"),
        ("NOT (NOT a)", "-(-a)"),
        ('NOT "big deal" NOT(a b) NOT„a b“', '-"big deal" -(a b) -"a b"'),
        ("NOT org:nike", "-org:nike"),
        ("NOT category:racism", "-category:racism"),
        ("NOT title:logo", "-title:logo"),
        ("title:(a AND NOT b)", "+title:a -title:b"),
    ],
)
def test_not_excludes_what_follows_it(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted


ATOMS = ("a", "b", "c", "org:d", "org:e", "before:2018")

FORMULAS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), inner, inner) | st.tuples(st.just("NOT"), inner),
    max_leaves=8,
)
BINDING = {"OR": 1, "AND": 2, "NOT": 3}
"""How tight an operator binds."""


def written(formula: str | tuple[Any, ...], outside: int = 0) -> str:
    """A formula as a query, with no more parentheses than necessary."""
    if isinstance(formula, str):
        return formula
    operator, *operands = formula
    binding = BINDING[operator]
    texts = [written(operand, binding + (operator == "NOT")) for operand in operands]
    text = f"NOT {texts[0]}" if operator == "NOT" else f" {operator} ".join(texts)
    return f"({text})" if binding < outside else text


def is_true(formula: str | tuple[Any, ...], atoms: set[str]) -> bool:
    if isinstance(formula, str):
        return formula in atoms
    operator, *operands = formula
    values = [is_true(operand, atoms) for operand in operands]
    return not values[0] if operator == "NOT" else all(values) if operator == "AND" else any(values)


def matches(node: Node, atoms: set[str]) -> bool:
    """What a tree means for a document that only these atoms are true of."""
    if not isinstance(node, Group):
        return unparse(Group(should=(node,))).removesuffix("-01-01") in atoms
    optional = not node.should or not all(map(is_condition, node.must))
    return (
        all(matches(clause, atoms) for clause in node.must)
        and (optional or any(matches(clause, atoms) for clause in node.should))
        and not any(matches(clause, atoms) for clause in node.must_not)
    )


@given(FORMULAS)
def test_operators_mean_what_logic_says(formula: str | tuple[Any, ...]) -> None:
    parsed = read(written(formula))
    assume('"' not in parsed.interpreted)  # nested too deeply
    for size in range(len(ATOMS) + 1):
        for atoms in map(set, combinations(ATOMS, size)):
            assert matches(parsed.root, atoms) == is_true(formula, atoms)
    assert read(parsed.interpreted) == parsed


def test_a_query_that_only_excludes_asks_for_everything_else() -> None:
    assert read("NOT funeral").root == Group(must_not=(Word("funeral"),))


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("AND a", '"AND" a'),
        ("a AND", 'a "AND"'),
        ("(a OR) b", '(a "OR") b'),
        ("(OR a b)", '"OR" a b'),
        ("a AND OR b", 'a "AND" b'),
        ("NOT", '"NOT"'),
        ("NOT NOT a", '"NOT" -a'),
        ("a NOT AND b", '+(a "NOT") +b'),
        ("&& a ||", "a"),
        ("a and b Or c not d", "a and b Or c not d"),
        ("NOT, a AND: b", '"NOT" a "AND" b'),
        ('a "AND" b', 'a "AND" b'),
        ("a +AND b", '+"AND" a b'),
        ("a title:NOT b", 'a title:"NOT" b'),
        ("אמון ו אמינות או לא", "אמון ו אמינות או לא"),
        ("black & white !important", "black white important"),
    ],
)
def test_an_operator_that_combines_nothing_is_a_word(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("a AND ()", "a"),
        ("a AND !!!", "a"),
        ("a OR - b", "a b"),
        ("NOT !!! a", "a"),
    ],
)
def test_what_has_no_words_leaves_an_operator_without_effect(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("-a AND b", "+b -a"),
        ("+a OR b", "+a b"),
        ("-a OR b", "b -a"),
        ("+a b AND c OR d", "+a (+b +c) d"),
        ("a AND b -c OR d +e", "+e (+a +b) d -c"),
        ("NOT -a", "-a"),
        ("NOT +a", "-a"),
    ],
)
def test_a_sign_counts_for_the_whole_group_wherever_operators_stand(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("org:nike OR org:adidas", "org:nike org:adidas"),
        ("org:nike AND org:adidas", "+org:nike +org:adidas"),
        ("org:nike OR funeral", "org:nike OR funeral"),
        ("funeral OR org:nike OR org:adidas", "funeral OR org:nike OR org:adidas"),
        ("org:nike OR category:racism", "org:nike OR category:racism"),
        ("tweet (org:nike OR category:racism)", "+(org:nike OR category:racism) tweet"),
        ("org:nike ad OR category:racism", "(org:nike ad) OR category:racism"),
        ("before:2018 AND tweet", "before:2018-01-01 +tweet"),
        ("before:2018 OR after:2020", "before:2018-01-01 OR after:2020-12-31"),
        ("+a org:nike OR org:adidas -b", "+a org:nike org:adidas -b"),
        ("+org:nike category:racism OR b", "+org:nike category:racism OR b"),
        ("org:(a AND b)", "+(+org:a +org:b)"),
        ("category:(tone-deaf OR racism) x", "category:tone-deaf category:racism x"),
    ],
)
def test_operators_combine_conditions(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted
    assert read(interpreted) == read(text)


def test_alternatives_of_a_condition_and_a_word_match_either() -> None:
    assert read("org:nike OR funeral").root == Group(should=(org("nike"), Word("funeral")))


def test_operators_that_would_nest_too_deeply_are_words() -> None:
    deep = "a AND (b OR " * MAX_DEPTH + "c" + ")" * MAX_DEPTH
    assert deepest(read(deep).interpreted) <= MAX_DEPTH
    assert '"AND"' in read(deep).interpreted
