"""What a person types, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis import normalize
from kb.search.chunks import MAX_COMPOUND_WORDS, MIN_PREFIX_LETTERS
from kb.search.parser import MAX_CHARACTERS, MAX_DEPTH, ParsedQuery, parse
from kb.search.query import (
    MAX_CLAUSES,
    Compound,
    DateCondition,
    Group,
    Node,
    Phrase,
    Prefix,
    TermCondition,
    Word,
)
from kb.search.syntax import clean
from kb.search.unparse import unparse

TERMS = {
    ("category", "tone-deaf"): "tone-deaf",
    ("category", "tone deaf"): "tone-deaf",
    ("category", "גזענות"): "racism",
    ("category", "racism"): "racism",
    ("failure_mode", "no-review"): "no-review",
    ("platform", "tiktok"): "tiktok",
}


UNSEEN = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)


def resolve(namespace: str, name: str) -> str | None:
    return TERMS.get((namespace, name.lower()))


def read(text: str) -> ParsedQuery:
    return parse(text, resolve)


def org(name: str) -> Word:
    return Word(name, "organization")


def leaves(node: Node) -> Iterator[Node]:
    if not isinstance(node, Group):
        yield node
        return
    for clause in (*node.must, *node.should, *node.must_not):
        yield from leaves(clause)


def deepest(written: str) -> int:
    depth = most = 0
    for character in written:
        depth += (character == "(") - (character == ")")
        most = max(most, depth)
    return most


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
        ("http://gap.com 10:30 foo:bar", "http gap com 10:30 foo:bar"),
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


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("fun*", "fun*"),
        ("FUN* fun* fun", "FUN* fun"),
        ("פרסו*", "פרסו*"),
        ("рекл* réc* 201*", "рекл* réc* 201*"),
        ("title:fun* -fan* +fin* org:fox*", "+fin* org:fox* title:fun* -fan*"),
        ("fun** *fun*, (fun*)?", "fun*"),
        ("fun*,games*!", "fun* games*"),
        ("fun* AND NOT fan*", "+fun* -fan*"),
        ("category:fun*", "fun*"),
    ],
)
def test_an_asterisk_after_three_letters_is_a_beginning(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted
    assert read(interpreted) == read(text)


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("fu* * ** *fun", "fu fun"),
        ("e\u0301t\u0301*", "e\u0301t\u0301"),  # two letters and their accents
        ("f*ck sh*t", "f*ck sh*t"),  # not a beginning, but one thing
        ("t-mob* +t-mob*", '+"t mob" t-mob'),
        ('"big dea*" "fun*"', '"big dea" fun'),
        ("日本語* 한국어*", "日本語 한국어"),  # found by any part of them anyway
        ("fun?* fun *", "fun"),
    ],
)
def test_any_other_asterisk_is_ignored(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted


def test_a_beginning_is_a_clause_of_its_own() -> None:
    assert read("title:fun* fun").root == Group(should=(Prefix("fun", "title"), Word("fun")))


QUOTATION_MARKS = (
    *('""', "“”", "““", "”“", "””", "„“", "„”", '„"', '“"', "‟”", "«»", "»«", "»»", "‹›", "›‹", "››"),
    *("״״", "＂＂", "「」", "『』", "｢｣", "《》", "〝〞", "〝〟"),
)


@pytest.mark.parametrize("marks", [*map(tuple, QUOTATION_MARKS), ("''", "''"), ("‘‘", "’’"), ("׳׳", "׳׳")])
def test_quotation_marks_of_any_country_delimit_a_phrase(marks: tuple[str, str]) -> None:
    opening, closing = marks
    for phrase in ("oil spill", "טוב טעם", 'ארה"ב בוערת', "צה״ל חזק", " oil  spill "):
        text = f"x {opening}{phrase}{closing} +{opening}a b{closing} title:{opening}c d{closing}"
        root = read(text).root
        words = tuple(phrase.replace("״", '"').split())
        [_word, found, titled] = root.should
        assert isinstance(found, Phrase)
        assert tuple(word.replace("״", '"') for word in found.words) == words
        assert titled == Phrase(("c", "d"), "title")
        assert root.must == (Phrase(("a", "b")),)


@pytest.mark.parametrize(
    "text", ["‘oil spill’", "'oil spill'", "‚oil spill‘", "oil‘ spill", "«oil spill", "''oil spill"]
)
def test_apostrophes_and_unclosed_quotation_marks_delimit_nothing(text: str) -> None:
    assert read(text).interpreted == "oil spill"


@pytest.mark.parametrize("acronym", ['דו"ח', "דו״ח", "דו''ח", "דו׳׳ח", "דו’’ח", "דו”ח"])
def test_gershayim_open_and_close_no_phrase(acronym: str) -> None:
    assert read(f"{acronym} על {acronym}").interpreted == f"{acronym} על"
    for opening, closing in (*QUOTATION_MARKS, ("''", "''"), ("׳׳", "׳׳")):
        assert len(read(f"{opening}{acronym} סודי{closing}").root.should) == 1


@pytest.mark.parametrize(
    "invisible", ["\ufeff", "\u00ad", "\u200b", "\u2060", "\u200e", "\u200f", "\u202b", "\u200d"]
)
def test_invisible_characters_change_nothing(invisible: str) -> None:
    text = '+nike -"big deal" org:gap title:(logo) a AND NOT fun* AT&T «טוב טעם»'
    assert read(invisible.join(text)) == read(text)
    assert read(invisible + text.replace(" ", f"{invisible} {invisible}") + invisible) == read(text)


def test_the_joiners_within_an_emoji_are_kept() -> None:
    assert clean("a\u200db 👩\u200d💻 👁\ufe0f\u200d🗨\ufe0f \u200d👩") == "ab 👩\u200d💻 👁\u200d🗨 👩"


@pytest.mark.parametrize(
    ("chunk", "words"),
    [
        ("AT&T", ("AT", "T")),
        ("H&M", ("H", "M")),
        ("T-Mobile", ("T", "Mobile")),
        ("Coca‑Cola", ("Coca", "Cola")),
        ("9/11", ("9", "11")),
        ("24/7", ("24", "7")),
        ("co.il", ("co", "il")),
        ("foo_bar", ("foo", "bar")),
        ("C++/CLI", ("C", "CLI")),
        ("P!nk", ("P", "nk")),
        ("info@gap.com", ("info", "gap", "com")),
        ("www.gap.co.il", ("www", "gap", "co", "il")),
        ("AT&T's", ("AT", "T's")),
        ("בין־לאומי", ("בין", "לאומי")),
        ("תל-אביב", ("תל", "אביב")),
        ('ארה"ב-ישראל', ('ארה"ב', "ישראל")),
        ("コカ・コーラ", ("コカ", "コーラ")),
    ],
)
def test_words_typed_as_one_are_one_thing(chunk: str, words: tuple[str, ...]) -> None:
    compound = Compound(chunk, words)
    for text in (chunk, f"({chunk}),", f"{chunk}?", f"#{chunk}", f"{chunk} {chunk.upper()}", f"{chunk}*"):
        assert read(text).root == Group(should=(compound,))
    assert read(chunk).interpreted == chunk
    assert read(f"title:{chunk}").root == Group(should=(Compound(chunk, words, "title"),))


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("+AT&T -T-Mobile org:H&M", '+"AT T" org:"H M" -"T Mobile"'),
        ("+(AT&T) NOT T-Mobile", '+"AT T" -"T Mobile"'),
        ("AT&T AND T-Mobile", '+"AT T" +"T Mobile"'),
        ("org:nike OR org:H&M OR AT&T", 'org:nike OR org:"H M" OR AT&T'),
    ],
)
def test_what_is_required_or_excluded_matches_as_a_whole_only(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("Nike,Adidas;Puma", "Nike Adidas Puma"),
        ("wait...what wait…what", "wait what"),
        ("sorry—not sorry–ever so--so", "sorry not ever so"),
        ("AT&T,Verizon—T-Mobile", "AT&T Verizon T-Mobile"),
        ("a-b-c-d-e", "a b c d e"),
        ("https://www.gap.com/logo", "https www gap com logo"),
        ("#title:logo", "title logo"),
        ("H & M", "H M"),
    ],
)
def test_words_that_nothing_connects_are_words(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("ב-Blue ה-iPhone ל-7 שב-BBC", "Blue iPhone 7 BBC"),
        ("ב־AT&T וב-9/11 כש–Nike", "AT&T 9/11 Nike"),
        ('ב-"ידיעות אחרונות" ל-«מעריב לנוער»', '"ידיעות אחרונות" "מעריב לנוער"'),
        ("+ב-Nike -ל-Gap org:ה-BBC", "+Nike org:BBC -Gap"),
        ("ה-פרסומת ב-ארה״ב", "פרסומת ארה״ב"),
        ("אל-על כלב-ים מה-זה ב-", "אל-על כלב-ים מה-זה ב"),
    ],
)
def test_a_hebrew_particle_with_a_hyphen_is_no_part_of_a_name(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted


def test_every_word_of_a_compound_counts_toward_the_limit() -> None:
    compounds = [f"a{number}&b" for number in range(MAX_CLAUSES)]
    assert len(read(" ".join(compounds)).root.should) == MAX_CLAUSES // 2
    assert read(" ".join(["x", *compounds])).root.should[-1] == Word("a24")


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


HOSTILE = {
    "words": "word " * 20_000,
    "thousands of terms": " ".join(f"w{number}" for number in range(20_000)),
    "required terms": "".join(f"+org:a{number} " for number in range(9_000)),
    "filters": "category:racism " * 6_000,
    "a long word": "a" * 100_000,
    "parentheses": "(" * 10_000 + "a" + ")" * 10_000,
    "signed parentheses": "-(" * 10_000 + "a",
    "closing parentheses": ")" * 100_000,
    "empty groups": "(!)" * 30_000,
    "names": "title:" * 17_000,
    "named groups": "title:(" * 14_000 + "a",
    "no name": "a-" * 50_000 + ":",
    "unclosed quotes": "„ “ ” ״ ״x " * 10_000,
    "gershayim": 'א"' * 50_000,
    "apostrophes": "a'" * 50_000,
    "signs": "+-" * 50_000,
    "wildcards": "*" * 100_000,
    "question marks": "a?" * 50_000,
    "NUL": "\0" * 100_000,
    "bidi": "\u202e\u2066\u200f" * 33_000 + "a",
    "surrogates": "\ud800a\udfff" * 33_000,
    "marks": "a" + "\u0301" * 100_000,
    "ligatures": "\ufdfa" * 100_000,
    "no spaces": "가" * 100_000,
    "negations": "NOT " * 30_000,
    "conjunctions": "AND " * 30_000,
    "alternated operators": "a AND b OR NOT " * 10_000,
    "nested operators": "a AND (b OR (NOT " * 10_000,
    "operators and spaces": ("AND" + " " * 500) * 200,
    "symbols": "&& || | & " * 10_000,
    "asterisks": "a*a*a*" * 20_000,
    "beginnings": " ".join(f"word{number}*" for number in range(20_000)),
    "connected words": "a&" * 50_000,
    "connected pairs": "a&b," * 25_000,
    "addresses": "//a.b" * 20_000,
    "particles": "ב-" * 50_000,
    "unequal quotes": "« ‹ „ “x » › ” " * 10_000,
    "doubled apostrophes": "''" * 50_000,
    "apostrophes that open": " ''a" * 30_000,
    "all quotes": "\"“”„‟«»‹›״＂「」『』｢｣《》〝〞''‘‘’’׳׳" * 3_000,
    "all quotes apart": "\" “ ” „ ‟ « » ‹ › ״ ＂ 「 」 『 』 ｢ ｣ 《 》 〝 〞 '' ‘‘ ’’ ׳׳ " * 2_000,
    "joiners": "\u200d" * 100_000,
    "emoji": "👩\u200d💻\ufe0f" * 30_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_parsed_like_any_other(text: str) -> None:
    assert_invariants(text)


def assert_invariants(text: str) -> None:
    """Check what is true of every query."""
    parsed = read(text)
    root, interpreted = parsed.root, parsed.interpreted
    assert interpreted == unparse(root)
    assert read(interpreted) == parsed
    words = sum(len(leaf.words) if isinstance(leaf, (Phrase, Compound)) else 1 for leaf in leaves(root))
    assert words <= MAX_CLAUSES
    assert deepest(interpreted) <= MAX_DEPTH
    assert len(interpreted) <= MAX_CHARACTERS
    interpreted.encode()
    assert not UNSEEN.search(interpreted)
    for leaf in leaves(root):
        assert not isinstance(leaf, Word) or leaf.text
        assert not isinstance(leaf, Phrase) or len(leaf.words) > 1
        assert not isinstance(leaf, Compound) or 1 < len(leaf.words) <= MAX_COMPOUND_WORDS
        assert not isinstance(leaf, Prefix) or len(normalize(leaf.text)) >= MIN_PREFIX_LETTERS


@given(
    st.text(st.characters(codec=None, categories=None))
    | st.text(st.characters(categories=["Cs", "Cc", "Cf"]))
)
def test_any_text_can_be_parsed(text: str) -> None:
    assert_invariants(text)


PIECES = [
    *"ab +-−:()\"'״“”„א",
    *(
        "  ",
        "Nike",
        'ארה"ב',
        "tone-deaf",
        "racism",
        '"b a"',
        "2019-02",
        "\u200f",
        "\0",
        "\ud800",
        "(((",
        "))",
    ),
    *("title:", "org:", "+org:", "-org:", "category:", "mode:", "before:", "after:"),
    *("org:a ", "org:b ", "+org:b ", "+(org:a org:b) ", "category:racism ", "before:2018 ", " (", ") "),
    *(" AND ", " OR ", " NOT ", " AND NOT ", " && ", " || ", " | ", "AND", "(NOT ", " OR org:a ", " AND c "),
    *("fun* ", "fun*", "*", "AT&T ", "T-Mobile", "9/11 ", "a,b", "&", "/", "ב-", "של-", "ל־7 "),
    *("«", "»", "״", "''", "’’", "׳׳", "‹", "›", "「", "」", "\u00ad", "\ufeff", "❤\ufe0f", "👩\u200d💻"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=80).map("".join))
def test_any_mixture_of_operators_can_be_parsed(text: str) -> None:
    assert_invariants(text)
