"""Text rules: normalization, folding, invisible and forbidden characters, blank text, slugs and keys."""

from __future__ import annotations

import re
import unicodedata
from itertools import filterfalse, groupby
from typing import Literal, TypeVar

MAX_SLUG_LENGTH = 100
MAX_KEY_LENGTH = 200
"""Maximum length of the key of an organization, name or tag: folding makes some texts longer."""

_T = TypeVar("_T")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_APOSTROPHES = re.compile("['’‘׳`\"״”“]")

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
"""Invisible characters, as the inside of a character class: soft hyphens, joiners, direction marks,
variation selectors. They come with pasted text, and are not part of a word."""

_MARK_CODES = [
    ord(character)
    for character in filterfalse(str.isalnum, map(chr, range(0x0300, 0xFE30)))
    if unicodedata.category(character) in ("Mn", "Mc", "Me")
]
COMBINING = "".join(
    f"\\u{codes[0]:04x}-\\u{codes[-1]:04x}"
    for codes in (
        [code for _, code in run]
        for _, run in groupby(enumerate(_MARK_CODES), lambda numbered: numbered[1] - numbered[0])
    )
)
"""Combining marks, as the inside of a character class: Hebrew points, Arabic vowels, vowel signs of Indic
scripts. They occur inside words, but `\\w` does not match them."""

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_WORD = re.compile(rf"[^\W_]+(?:[{COMBINING}{INVISIBLE}]+[^\W_]*)*")

# Accents and points: marks that are optional in Latin, Greek, Cyrillic, Hebrew and Arabic. In other scripts
# (kana, Indic), a mark makes a different letter.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufb1e\ufe20-\ufe2f]"
)

_MAX_MARKS = 30
"""Maximum number of marks on one letter, as in Unicode's stream-safe format (UAX #15): no script has more."""

MAX_GROWTH = 18
"""Maximum number of characters in the compatibility form of one character."""

# `\w` does not match marks, other than two of half-width kana.
_MARK = r"(?:[^\w\s\x00-\x7f]|[\uff9e\uff9f])"
_MANY_MARKS = re.compile(rf"{_MARK}(?<!{_MARK}.){_MARK}{{{_MAX_MARKS}}}", re.DOTALL)
"""Prefilter for more marks. Each run of marks is counted from its first one only."""

_UNDECOMPOSED = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "ĸ": "k", "ŋ": "n",
        "ɓ": "b", "ɗ": "d", "ƙ": "k", "ə": "e", "ǝ": "e", "ɨ": "i", "ʉ": "u", "ƀ": "b", "ɉ": "j", "ꝑ": "p",
        "ȷ": "j", "æ": "ae", "œ": "oe", "þ": "th", "ƿ": "w", "ĳ": "ij", "ʻ": "'", "ʼ": "'", "ʽ": "'",
    }
)  # fmt: skip
"""Latin letters that Unicode does not decompose, in lower case."""


PLAIN = re.compile("[\x00-\x7fא-ת]*")
"""Texts that need only lowercasing to be folded: most of those in English and Hebrew."""

# Typographic characters of phones and word processors, and their keyboard equivalents.
_PUNCTUATION = str.maketrans(
    dict.fromkeys("’‘׳`", "'") | dict.fromkeys("״”“„", '"') | dict.fromkeys("‐‒–—−־", "-") | {",": " "}
)


def normalize(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """A text in a Unicode normalization form. Marks of a letter beyond the thirtieth are dropped.

    Sorting the marks of one letter takes quadratic time: a second for 20,000 of them.
    """
    if _MANY_MARKS.search(text) is not None:
        groups = ((is_mark, "".join(characters)) for is_mark, characters in groupby(text, _is_mark))
        text = "".join(group[:_MAX_MARKS] if is_mark else group for is_mark, group in groups)
    return unicodedata.normalize(form, text)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or character in "\uff9e\uff9f"


def compose(value: _T) -> _T:
    """A text, or all texts in a list, tuple or dictionary, in Unicode's composed form (NFC).

    `é` becomes one character, never `e` and an accent. The letters themselves do not change.
    """
    if isinstance(value, str):
        return value if value.isascii() else normalize("NFC", value)  # type: ignore[return-value]
    if isinstance(value, dict):
        return {compose(name): compose(item) for name, item in value.items()}  # type: ignore[return-value]
    if isinstance(value, (list, tuple)):
        return type(value)(map(compose, value))
    return value


def forbidden_character(text: str) -> str | None:
    """The first forbidden character (a control character or lone surrogate) as `U+XXXX`, or None."""
    match = _FORBIDDEN.search(text)
    return f"U+{ord(match.group()):04X}" if match else None


def name_key(name: str) -> str:
    """A key that is equal for spelling variants of any kind of name: `Nestlé`, `NESTLE` -> `nestle`.

    The key of a key is the key itself.
    """
    return slugify(name) or fold(name)[:MAX_KEY_LENGTH]


def title_key(title: str) -> str:
    """A sort key that orders titles as readers expect, ignoring case, accents, points and quotes.

    Titles in other scripts follow those in Latin letters.
    """
    return slugify(title) or fold(title)[:MAX_SLUG_LENGTH]


def tag_key(tag: str) -> str:
    """A key that is equal for spelling variants of a tag: `Spring Sale`, `SPRING  SALE` -> `spring sale`.

    Punctuation matters, but not its typographic variants: `C++` is not `C#`. A key has no comma, because
    commas separate tags in a filter. The key of a key is the key itself.
    """
    key = " ".join(fold(tag).translate(_PUNCTUATION).split())
    return (key or compose(tag).replace(",", " ").strip())[:MAX_KEY_LENGTH].rstrip()


def fold(text: str) -> str:
    """Remove spelling variation from a text: case, accents, width, ligatures, invisible characters.

    `Łódź` -> `lodz`, `İstanbul` -> `istanbul`, `œuvre` -> `oeuvre`. Equal for a text in NFC and in NFD, and
    idempotent. Letters of other scripts are kept, without their points and accents.
    """
    if text.isascii() or PLAIN.fullmatch(text):
        return text.lower()
    # Case folding and decomposition can each require the other again: `ΐ`, `ﬃ`, `İ`.
    for _ in range(2):
        text = normalize("NFKD", normalize("NFKD", text).casefold())
    plain = _MARKS.sub("", _INVISIBLE.sub("", text)).translate(_UNDECOMPOSED)
    return normalize("NFKC", plain)


def strip_invisible(text: str) -> str:
    """A text without the invisible characters that neither split nor change a word, such as soft hyphens."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def plain_length(text: str) -> int:
    """The length of a text with each character in compatibility form (NFKC): `㎏` counts two, `kg`."""
    if text.isascii() or PLAIN.fullmatch(text):
        return len(text)
    lengths = {character: len(unicodedata.normalize("NFKC", character)) for character in set(text)}
    return sum(map(lengths.__getitem__, text))


def count_words(text: str) -> tuple[int, int]:
    """Count the words of a text, and the distinct ones; an apostrophe or a hyphen separates words."""
    words = _WORD.findall(text)
    return len(words), len(set(words))


def is_blank(text: str) -> bool:
    """Whether a text has only spaces, direction marks and other invisible characters."""
    return all(c.isspace() or unicodedata.category(c) in ("Cf", "Cc", "Zs", "Mn") for c in text)


def slugify(*parts: str) -> str:
    """Make a slug in any script: `McDonald's`, `Need copy` -> `mcdonalds-need-copy`.

    Returns an empty string if none of the characters is allowed in a slug.
    """
    text = _APOSTROPHES.sub("", fold(" ".join(parts)))
    words = "".join(c if _is_part_of_word(c) else " " for c in text).split()
    slug = "-".join(filter(None, map(_without_leading_marks, words)))
    if len(slug) <= MAX_SLUG_LENGTH:
        return slug
    return slug[: MAX_SLUG_LENGTH + 1].rpartition("-")[0] or slug[:MAX_SLUG_LENGTH]


def is_slug(text: str) -> bool:
    """Whether a text is a slug as made by `slugify`, or by version 0.2, which kept `ø`."""
    plain = "".join(text.split("-")).translate(_UNDECOMPOSED)
    is_lower = text == text.casefold() and 0 < len(text) <= MAX_SLUG_LENGTH
    return is_lower and all(text.split("-")) and plain == slugify(plain)


def _is_part_of_word(character: str) -> bool:
    """Whether a character is a letter, a digit, or a mark, such as the vowel signs of Indic scripts."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def _without_leading_marks(word: str) -> str:
    """A word without the marks at its start, which would attach to the hyphen before it."""
    start = next((n for n, c in enumerate(word) if c.isalnum()), len(word))
    return word[start:]
