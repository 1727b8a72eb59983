"""Tokens of a query: beginnings, phrases in any quotation marks, words that are one thing."""

from __future__ import annotations

import pytest

from kb.search.query import MAX_CLAUSES, Compound, Group, Phrase, Prefix, Word
from kb.search.syntax import clean
from tests.support.queries import read


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


QUOTATION_MARKS = tuple(
    (pair[0], pair[1])
    for pair in (
        *('""', "“”", "““", "”“", "””", "„“", "„”", '„"', '“"', "‟”", "«»", "»«", "»»", "‹›", "›‹", "››"),
        *("״״", "＂＂", "「」", "『』", "｢｣", "《》", "〝〞", "〝〟"),
        *(("''", "''"), ("‘‘", "’’"), ("’’", "’’"), ("׳׳", "׳׳")),
    )
)


@pytest.mark.parametrize("marks", QUOTATION_MARKS)
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
    for opening, closing in QUOTATION_MARKS:
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
        ("ftp://www.gap.com/logo", "ftp www gap com logo"),
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
