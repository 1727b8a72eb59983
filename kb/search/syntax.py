"""The lexical rules of the query language: operators, signs, names, quotation marks."""

from __future__ import annotations

import re

from kb.domain.taxonomy import NAMESPACES
from kb.domain.text import INVISIBLE
from kb.search.query import FIELD_NAMES

AND, OR, NOT = "AND", "OR", "NOT"

OPERATORS = {AND: AND, OR: OR, NOT: NOT, "&&": AND, "||": OR, "|": OR}
"""The tokens that combine clauses. `!` is not one: it also precedes words that nobody wants to exclude."""

ORGANIZATION = FIELD_NAMES["org"]
SOURCE = FIELD_NAMES["source"]
BEFORE, AFTER = "before", "after"

REQUIRED_NAMES = frozenset((*NAMESPACES, ORGANIZATION, BEFORE, AFTER))
"""The names whose clauses are required without a sign."""

NAMES = {**FIELD_NAMES, **{name: name for name in REQUIRED_NAMES}, "mode": "failure_mode"}
"""Maps each name that may precede a colon to its field, namespace or condition."""

SHORT_NAMES = {ORGANIZATION: "org", "tags": "tag", "why_failure": "why", "sources": "source"}

_SIGNS = ("+", "-", "−")
_HYPHEN = "[-‐‑־–]"
# A Hebrew particle attached by a hyphen, as before a number or a word in Latin letters: `ב-Blue`,
# `שב-"הארץ"`. Before Hebrew letters, only a single letter counts: `כש-לא`, `מה-זה` may be words.
_PARTICLES = (
    f"(?:(?=[ובכלמשה])ו?(?:לכש|כש|מש|ש)?(?:מה|[בכלמה])?{_HYPHEN}(?=[^\\s)א-ת])"
    f"|[ובכלמשה]{_HYPHEN}(?=[א-ת]{{2}}))*"
)
HEAD = re.compile(
    r"\s*"
    # a sign at the beginning of a token, not followed by a space; -20% is a number
    r"(?:(?<![^\s(])(\+|[\-−](?!\d[\d.,]*[%‰]))(?=[^\s)+\-−]))?"
    r"(?:([A-Za-z][A-Za-z_-]*):(?=[^\s)]))?"  # a name, not followed by a space
    f"{_PARTICLES}"
)
"""What precedes the value of a token; it may be empty. Groups: the sign, the name."""

CHUNK = re.compile(r"[^\s()]+")
"""A token without quotation marks."""

_END = r"(?![^\s()\"“”„«])"
OPERATOR = re.compile(f"(?:{'|'.join(map(re.escape, OPERATORS))}){_END}")
"""A token that is an operator."""

_NOTHING = rf"\s*(?:\Z|\)|(?:AND|OR|&&|\|\|?){_END}"
LEFT_ALONE = {
    AND: re.compile(f"{_NOTHING})"),
    OR: re.compile(f"{_NOTHING})"),
    NOT: re.compile(f"{_NOTHING}|NOT{_END})"),
}
"""By operator, the text that follows if there is no operand to its right."""

_CURLY = '“”‟"'
_QUOTATION_MARKS = {
    '"': '"', "“": _CURLY, "”": _CURLY, "„": _CURLY, "‟": _CURLY, "״": "״", "＂": "＂",
    "«": "»", "»": "«»", "‹": "›", "›": "‹›", "「": "」", "『": "』", "｢": "｣", "《": "》", "〝": "〞〟",
}  # fmt: skip
# Two apostrophes used as a quotation mark. A single one is just an apostrophe.
_DOUBLED = ("''", "‘‘", "’’", "׳׳")
# Between two Hebrew letters, a quotation mark is gershayim: part of the word.
_CLOSING = {
    opening: re.compile(f"(?<![א-ת])(?:{closing})|(?:{closing})(?![א-ת])")
    for opening, closing in (
        *((mark, f"[{closing}]") for mark, closing in _QUOTATION_MARKS.items()),
        *((mark, mark) for mark in _DOUBLED),
        ("‘‘", "’’|‘‘"),
    )
}

_EMOJI = "[\u2190-\u2bff\U0001f000-\U0001faff]"
_INVISIBLE = re.compile(f"(?!\u200d)[{INVISIBLE}]")
_STRAY_JOINER = re.compile(f"(?<!{_EMOJI})\u200d|\u200d(?!{_EMOJI})")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


_SPACE_BEFORE_SIGN = re.compile(r"(?<=\d) (?=[%‰€₪](?!\S))")
_SPACE_AFTER_SIGN = re.compile(r"(?<=[$€£₪]) (?=\d)")


def clean(text: str) -> str:
    """Remove invisible characters, except the joiners of emoji; control characters become spaces.

    The space between a number and its sign is removed: `50 %` -> `50%`.
    """
    text = _UNPRINTABLE.sub(" ", _STRAY_JOINER.sub("", _INVISIBLE.sub("", text)))
    return _SPACE_BEFORE_SIGN.sub("", _SPACE_AFTER_SIGN.sub("", text))


def opening_quote(text: str, position: int) -> str | None:
    """The opening quotation mark at this position, or None."""
    mark = text[position : position + 2]
    if mark in _CLOSING:
        return mark
    return mark[:1] if mark[:1] in _CLOSING else None


def find_closing_quote(opening: str, text: str, position: int) -> re.Match[str] | None:
    """Find the next mark that closes this opening one."""
    return _CLOSING[opening].search(text, position)


def is_plain(text: str) -> bool:
    """Whether a text would be parsed as a plain value without quotation marks around it."""
    head = HEAD.match(text)
    assert head is not None
    named = head[2] is not None and head[2].lower().replace("-", "_") in NAMES
    return (
        text[:1] not in _SIGNS
        and (head.end() == 0 or head.start(2) == 0)
        and not named
        and CHUNK.fullmatch(text) is not None
        and text not in OPERATORS
        and opening_quote(text, 0) is None
    )
