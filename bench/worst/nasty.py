"""Texts, JSON and headers that take more work than they look like. All are made from a seeded generator."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.corpus import WORDS

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    MakeText = Callable[[random.Random, int], str]

MAX_BODY = 990_000
"""Bytes of a body, just below what the service accepts (KB_MAX_BODY_BYTES)."""

HEADER_BYTES = 8_000
"""Bytes of a header, about what servers and proxies let through."""

_HEBREW = "אבגדהוזחטיכלמנסעפצקרשתםןףץך"
_MARKS = "".join(map(chr, (*range(0x300, 0x340), *range(0x5B0, 0x5BD))))
_WIDE = "\ufdfa\u3300ŉßİǰΐﬃ\u1e9a½㌀"
"""Characters that grow when they are folded, composed or decomposed."""

_ENGLISH = (
    "brand post twitter campaign apology customers sale black friday flag photo women racist tone deaf "
    "boycott free win today only link click here follow giveaway copy need insert name monday vaccine war"
).split()
_HEBREW_WORDS = (
    "מבצע סוף שבוע חנות שואה מלחמה נשים קישור להשלים תמונה לקוחות התנצלות פרסום הנחה היום בלבד".split()
)


def _repeated(piece: str, rng: random.Random, length: int) -> str:
    return (piece * (length // len(piece) + 1))[:length].strip() or "x"


def _before_letter(marks: str, rng: random.Random, length: int) -> str:
    return (marks * length)[: length - 1] + "x"


def _letters(alphabet: str, rng: random.Random, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def _words(vocabulary: list[str], rng: random.Random, length: int) -> str:
    return " ".join(rng.choices(vocabulary, k=length // 4))[:length].strip()


def _zalgo(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(_HEBREW) + "".join(rng.choices(_MARKS, k=30)) for _ in range(length // 31 + 1))[
        :length
    ]


def _distinct(alphabet: str, letters: int, rng: random.Random, length: int) -> str:
    return " ".join(_letters(alphabet, rng, letters) for _ in range(length // (letters + 1)))


_PIECES = (
    "(", ")(", "[[", "{{", "<b>", "&amp;", '"', "“", "’", "*", "**** ", "-", "- ", "#", "@a ", "#aא ",
    "$1 ", "1/1/", "1/1/2027 ", "2027-01-01 ", "a.b", "a.b ", "www.a.co ", "http://a.co/ ", "bit.ly/",
    "a@b.co ", "AT&T ", "a-", "a'b", "....", "…", "?!", "\n", "\n- ", "x\n", "TBD ", "[x] ", "{x} ",
    "<x> ", "%s ", "{{x}} ", "lorem ipsum ", "xxx ", "link here ", "link in bio ", "[להשלים] ",
    "TODO: ", "😀", "👩‍👩‍👧‍👦", "🇮🇱", "\u200f", "\u00ad", "a\u0301", "aא", "א ", "ה", "ו", "and ",
    "no not ", "not ", "11/9 ", "9/11 ", "yom kippur ", "happy ", "הכי ", "ב־11 בספטמבר ", "tomorrow ",
    "12:00 ", "50% ", "₪5 ", "Sept. ",
)  # fmt: skip
"""What parsers and patterns look at twice, repeated without end."""

TEXTS: dict[str, MakeText] = {
    **{f"{piece!r} repeated": partial(_repeated, piece) for piece in _PIECES},
    **{
        f"{marks!r} repeated before a letter": partial(_before_letter, marks)
        for marks in (".", "!.", "…", "<code>")
    },
    "Hebrew without blanks": partial(_letters, _HEBREW),
    "Latin without blanks": partial(_letters, "abcdefghijklmnopqrstuvwxyz"),
    "scripts mixed": partial(_letters, "aאбα日 "),
    "punctuation": partial(_letters, "()[]{}<>*_-.,:;!?#@&%$/'\"“”׳״ \n"),
    "digits and signs": partial(_letters, "0123456789/.:,-+% "),
    "zalgo": _zalgo,
    "characters that grow": partial(_letters, _WIDE),
    "distinct words": partial(_distinct, "abcdefghijklmnopqrstuvwxyz", 5),
    "distinct words of four letters": partial(_distinct, "abcdefghijklmnopqrstuvwxyz", 4),
    "distinct Hebrew words": partial(_distinct, _HEBREW[:22], 4),
    "distinct Cyrillic words": partial(_distinct, "абвгдежзийклмнопрстуфхцчшщъыьэюя", 5),
    "distinct words with accents": partial(_distinct, "abcdéèüöñçłø", 5),
    "distinct numbers": partial(_distinct, "0123456789", 5),
    "signs of four": partial(_distinct, "()[]{}<>*_-.,:;!?#@&%$/'\"“”׳״", 4),
    "words of the corpus": partial(_words, WORDS[:400]),
    "words of posts": partial(_words, _ENGLISH),
    "Hebrew words": partial(_words, _HEBREW_WORDS),
    "both languages": partial(_words, [*_ENGLISH, *_HEBREW_WORDS]),
    "white space": partial(_letters, " \n\t\u00a0\u2003"),
}
"""By what it is: a text of about so many characters."""


def texts(rng: random.Random, length: int) -> Iterator[tuple[str, str]]:
    """Each kind of text, with what it is."""
    for name, make in TEXTS.items():
        yield name, make(rng, length)


def prose(rng: random.Random, length: int) -> str:
    """A text of the words of the corpus, which many incidents have."""
    return _words(WORDS, rng, length)


def bodies(rng: random.Random, field: str = "text") -> Iterator[tuple[str, bytes]]:
    """Bodies that no endpoint accepts, or that say far more than any needs: some near the limit of size."""
    keys = {f"x{number}": 1 for number in range(60_000)}
    yield "60,000 unknown keys", _encoded(keys)
    yield "50,000 keys nearly right", _encoded({f"{field}{number}": 1 for number in range(50_000)})
    yield "a key of 900 kB", _encoded({"k" * 900_000: 1})
    yield "5,000 keys of 150 letters", _encoded({_letters("abcdefgh", rng, 150): 1 for _ in range(5_000)})
    yield "a text of 900 kB", _encoded({field: "x" * 900_000})
    yield "a text of 300,000 Hebrew letters", _encoded({field: _letters(_HEBREW, rng, 300_000)})
    yield "zalgo of 300,000 characters", _encoded({field: _zalgo(rng, 300_000)})
    yield "400,000 items", _encoded({field: [1] * 400_000})
    yield "a list of 400,000 items", _encoded([1] * 400_000)
    yield "a list of 120,000 objects", _encoded([{}] * 120_000)
    yield (
        "a list of 20,000 objects of unknown keys",
        _encoded([{f"x{number}": 1} for number in range(20_000)]),
    )
    yield "a text alone", _encoded("x" * 900_000)
    yield "nested 490,000 deep", b"[" * 490_000 + b"]" * 490_000
    yield "objects nested 150,000 deep", b'{"a":' * 150_000 + b"1" + b"}" * 150_000
    yield "nested 900 deep", b'{"%s":' % field.encode() + b"[" * 900 + b"]" * 900 + b"}"
    yield "a number of 900,000 digits", b'{"%s":' % field.encode() + b"9" * 900_000 + b"}"
    yield "9,000 numbers of 100 digits", _encoded({field: [10**99] * 9_000})
    yield "a float of 900,000 digits", b'{"%s":0.' % field.encode() + b"9" * 900_000 + b"}"
    yield "NaN", b'{"%s":NaN}' % field.encode()
    yield "1e999", b'{"%s":1e999}' % field.encode()
    yield "a key twice at the end", _encoded(keys)[:-1] + b',"x0":1}'
    yield "a long key twice", b'{"%s":1,"%s":1}' % (b"k" * 400_000, b"k" * 400_000)
    yield "100,000 escapes", b'{"%s":"%s"}' % (field.encode(), rb"\u05d0" * 100_000)
    yield "lone surrogates", b'{"%s":"%s"}' % (field.encode(), rb"\ud800" * 100_000)
    yield "not UTF-8", b'{"%s":"%s"}' % (field.encode(), b"\xff" * 900_000)
    yield "white space alone", b" " * MAX_BODY
    yield "cut off", _encoded(keys)[:-1]
    yield "10 MB", b" " * 10_000_000


def objects(rng: random.Random, valid: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """A valid object with a nasty value in each of its fields in turn."""
    values: list[tuple[str, Any]] = [
        ("60,000 items", [1] * 60_000),
        ("20,000 objects", [{"x": 1}] * 20_000),
        ("30,000 keys", {f"x{number}": 1 for number in range(30_000)}),
        ("900 kB", "x" * 900_000),
        ("200,000 marks", _zalgo(rng, 200_000)),
        ("100 nasty items", [{"x": "y" * 5_000}] * 100),
        ("100 long texts", ["y" * 9_000] * 100),
        ("a huge number", 10**99),
    ]
    for field in valid:
        for name, value in values:
            yield f"{field}: {name}", _encoded({**valid, field: value})


def headers(rng: random.Random) -> Iterator[tuple[str, dict[str, str]]]:
    """Headers of 8 kB."""
    tags = ",".join(
        f"{a}{b}-{c}{d};q=0.{rng.randrange(999)}"
        for a, b, c, d in zip(*[_letters("abcdefgh", rng, 700)] * 4, strict=True)
    )
    languages = {
        "languages": tags[:HEADER_BYTES],
        "commas": "," * HEADER_BYTES,
        "one language": "a" * HEADER_BYTES,
        "subtags": "-".join(["a"] * (HEADER_BYTES // 2)),
        "qualities": ("en;q=0.1," * 2_000)[:HEADER_BYTES],
        "quotes": ('"' * HEADER_BYTES),
    }
    for name, value in languages.items():
        yield f"Accept-Language of {name}", {"Accept-Language": value}
        yield f"Accept of {name}", {"Accept": value}
        yield f"Accept-Encoding of {name}", {"Accept-Encoding": value}
    etags = {
        "ETags": ",".join(f'"{number}"' for number in range(1_200))[:HEADER_BYTES],
        "one ETag": f'"{"x" * HEADER_BYTES}"',
        "quotes": '"' * HEADER_BYTES,
        "weak ones": ("W/," * 3_000)[:HEADER_BYTES],
        "digits": "1" * HEADER_BYTES,
    }
    for name, value in etags.items():
        yield f"If-None-Match of {name}", {"If-None-Match": value}
        yield f"If-Match of {name}", {"If-Match": value}
    yield "Cookie", {"Cookie": ("a=b;" * 2_000)[:HEADER_BYTES]}
    yield "Cookie of a form", {"Cookie": f"kb_form={'a.' * 4_000}"[:HEADER_BYTES]}
    yield "Cookie of a session", {"Cookie": f"kb_session={'a' * HEADER_BYTES}"}
    yield "Authorization", {"Authorization": f"Bearer kb_{'a' * HEADER_BYTES}"}
    yield "Idempotency-Key", {"Idempotency-Key": "é" * 4_000}
    yield "Origin", {"Origin": f"http://{'a.' * 4_000}"[:HEADER_BYTES]}


def queries(rng: random.Random) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Queries of some 8 kB that an endpoint may or may not understand."""
    yield "900 unknown parameters", [(f"x{number}", "1") for number in range(900)]
    yield "an unknown parameter of 8 kB", [("x" * HEADER_BYTES, "1")]
    yield "900 times a parameter", [("limit", "1")] * 900
    yield "a cursor of 8 kB", [("cursor", "a" * HEADER_BYTES)]
    yield "a nested cursor", [("cursor", "W1tb" * 70)]
    yield "lang of 8 kB", [("lang", "a-" * 4_000)]
    yield "a huge number", [("limit", "9" * HEADER_BYTES)]


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
