"""What a person types, and how it is read."""

from __future__ import annotations

from datetime import date

import pytest

from kb.search.analysis import normalize
from kb.search.parser import MAX_CHARACTERS, MAX_DEPTH, parse
from kb.search.query import MAX_CLAUSES, Compound, DateCondition, Group, Phrase, TermCondition, Word
from tests.support.queries import deepest, org, read


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        # words and phrases
        ("", ""),
        ("  Gap   logo ", "Gap logo"),
        ("tone-deaf", "tone-deaf"),
        ("McDonald's c++ 24/7", "McDonald's c 24/7"),
        ("AND or NOT", '"AND" or "NOT"'),
        ('"just do it" nike', '"just do it" nike'),
        ("“just do it” „just say it“", '"just do it" "just say it"'),
        ('"logo"', "logo"),
        ('"" "!"', ""),
        ('"never closed', "never closed"),
        ('say"what now"', "say what now"),
        ("Nike nike NIKE", "Nike"),
        # signs
        ("+nike -shoes ad", "+nike ad -shoes"),
        ("\u2212shoes", "-shoes"),
        ("- a + b --c", "a b c"),
        ("+tone-deaf -well-known", '+"tone deaf" -"well known"'),
        ('+"just do it" -"big deal"', '+"just do it" -"big deal"'),
        ("-#tag", "-tag"),
        # fields
        ("title:logo", "title:logo"),
        ("TITLE:logo Lesson:test", "title:logo lessons:test"),
        ("why_failure:x why-failure:y tags:z", "why:x why:y tag:z"),
        ("title:tone-deaf", "title:tone-deaf"),
        ('-title:"big deal"', '-title:"big deal"'),
        ('title:(a "b c" -d)', 'title:a title:"b c" -title:d'),
        ("title: logo", "title logo"),
        ("title:!!!", "title"),
        ("gap.com 10:30 foo:bar", "gap.com 10:30 foo:bar"),
        # conditions
        ("org:nike ad", "org:nike ad"),
        ("organization:a org:b", "org:a org:b"),
        ("+org:a +org:b", "+org:a +org:b"),
        ("org:a +org:b org:c", "org:a org:c +org:b"),
        ("-org:a", "-org:a"),
        ("org:Coca-Cola", 'org:"Coca Cola"'),
        ("org:(a b)", "org:a org:b"),
        ("x org:(a -b)", "+(org:a -org:b) x"),
        ("category:Tone-Deaf", "category:tone-deaf"),
        ('category:"tone deaf" CATEGORY:racism', "category:tone-deaf category:racism"),
        ("category:(tone-deaf racism)", "category:tone-deaf category:racism"),
        ("-mode:no-review failure-mode:no-review", "failure_mode:no-review -failure_mode:no-review"),
        ("platform:TikTok)", "platform:tiktok"),
        ("category:no-such ad", "no-such ad"),
        ('category:"no such" -category:other', "no such -other"),
        ("before:2018 after:2018", "before:2018-01-01 after:2018-12-31"),
        ("before:2018-05-16 -after:2018-02", "before:2018-05-16 -after:2018-02-28"),
        ("before:christmas after:2018-13", "christmas 2018-13"),
        ("before:９９９９ before:0001", "９９９９ 0001"),
        # parentheses
        ("(a b) (c d)", "(a b) (c d)"),
        ("+(a b) -(c d) e", "+(a b) e -(c d)"),
        ("(a) ((b)) (+c)", "a b c"),
        ("x (-a) ()", "x (-a)"),
        ("brand(a b", "brand (a b)"),
        ("a) b)-c", "a b c"),
        ("sad :( day", "sad day"),
        ("(org:a) (org:b)", "org:a org:b"),
        ("(org:a category:racism) (org:b x)", "(org:a category:racism) (org:b x)"),
        ("-(org:a org:b)", "-(org:a org:b)"),
        # Hebrew
        ("פרסומת מביכה", "פרסומת מביכה"),
        ('ארה"ב ארה״ב', 'ארה"ב'),
        ('"ארה"ב בוערת" +צה"ל', '+צה"ל "ארה"ב בוערת"'),
        ("״טוב טעם״ ב-Blue", '"טוב טעם" Blue'),
        ("\u200f-מילה \u202b+אחרת\u202c", "+אחרת -מילה"),
        ("org:אל-על title:(לוגו חדש)", 'org:"אל על" (title:לוגו title:חדש)'),
        ("category:גזענות", "category:racism"),
        # what is not to be seen
        ("a\0b \ud800c\udfff d\u200fe", "a b c de"),
        ("*fo?o* ~^ [x TO y]", "fo o x TO y"),
    ],
)
def test_a_query_is_interpreted_as_shown(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted
    assert read(interpreted) == read(text)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("Gap logo", Group(should=(Word("Gap"), Word("logo")))),
        ('"gap logo" title:x', Group(should=(Phrase(("gap", "logo")), Word("x", "title")))),
        ("+a b -c", Group(must=(Word("a"),), should=(Word("b"),), must_not=(Word("c"),))),
        ("org:a", Group(must=(org("a"),))),
        ("org:a org:b", Group(must=(Group(should=(org("a"), org("b"))),))),
        ("+org:a +org:b", Group(must=(org("a"), org("b")))),
        ("-org:a -org:b", Group(must_not=(org("a"), org("b")))),
        ("category:racism x", Group(must=(TermCondition("category", "racism"),), should=(Word("x"),))),
        (
            "category:racism category:tone-deaf",
            Group(
                must=(
                    Group(
                        should=(TermCondition("category", "racism"), TermCondition("category", "tone-deaf"))
                    ),
                )
            ),
        ),
        ("before:2018", Group(must=(DateCondition(before=date(2018, 1, 1)),))),
        ("after:2016-02", Group(must=(DateCondition(after=date(2016, 2, 29)),))),
        ("a (b c)", Group(should=(Word("a"), Group(should=(Word("b"), Word("c")))))),
        ("(a b)", Group(should=(Word("a"), Word("b")))),
        ("-(-a)", Group(must_not=(Group(must_not=(Word("a"),)),))),
    ],
)
def test_a_query_is_parsed_into_a_tree(text: str, root: Group) -> None:
    assert read(text).root == root


def test_a_filter_with_an_unknown_term_becomes_words() -> None:
    assert parse("category:tone-deaf").root == Group(should=(Compound("tone-deaf", ("tone", "deaf")),))


def test_clauses_are_limited_and_a_repeated_word_counts_once() -> None:
    many = [f"w{number}" for number in range(MAX_CLAUSES + 1)]
    assert read(" ".join(many)).root.should == tuple(map(Word, many[:MAX_CLAUSES]))
    assert len(read("a " * 1000 + "b").root.should) == 2


def test_every_word_of_a_phrase_counts_toward_the_limit() -> None:
    root = read(f'"{"a " * (MAX_CLAUSES - 1)}" "b c d" e').root
    assert root.should == (Phrase(("a",) * (MAX_CLAUSES - 1)), Word("b"))


def test_text_beyond_the_character_limit_is_ignored() -> None:
    assert read("a" + " " * MAX_CHARACTERS + "b").interpreted == "a"


def test_a_long_word_is_truncated_as_in_the_index() -> None:
    [word] = read("a" * 5000).root.should
    assert isinstance(word, Word)
    assert normalize(word.text) == normalize("a" * 5000) == word.text


def test_parentheses_nested_too_deeply_are_ignored() -> None:
    def nested(depth: int) -> str:
        return "-(a " * depth + "x" + ")" * depth + " b"

    assert deepest(read(nested(MAX_DEPTH)).interpreted) == MAX_DEPTH
    assert deepest(read(nested(10 * MAX_DEPTH)).interpreted) <= MAX_DEPTH
    assert read(nested(10 * MAX_DEPTH)).root.should == (Word("b"),)
