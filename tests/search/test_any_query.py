"""Text that nobody would type, and what is true of every query."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis import normalize
from kb.search.chunks import MAX_COMPOUND_WORDS, MIN_PREFIX_LETTERS
from kb.search.parser import MAX_CHARACTERS, MAX_DEPTH
from kb.search.query import MAX_CLAUSES, Compound, Phrase, Prefix, Word
from kb.search.unparse import unparse
from tests.support.queries import deepest, leaves, read

UNSEEN = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)

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
    "addresses of the web": "http://a.b/(" * 9_000,
    "distinct addresses": " ".join(f"https://a.b/{number}" for number in range(9_000)),
    "hosts": "a." * 50_000 + "/b",
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
    *(
        "https://a.co/b_(c) ",
        "www.a.co/b",
        "a.co/1 ",
        "source:",
        "source:a.co/b ",
        "<https://a.co>,",
        '"http://a.co/b"',
        '%"',
    ),
    *("«", "»", "״", "''", "’’", "׳׳", "‹", "›", "「", "」", "\u00ad", "\ufeff", "❤\ufe0f", "👩\u200d💻"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=80).map("".join))
def test_any_mixture_of_operators_can_be_parsed(text: str) -> None:
    assert_invariants(text)
