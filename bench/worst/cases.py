"""What nasty requests are made of: paths with nasty headers, queries of each kind, bodies of each kind."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate, takewhile
from typing import Any
from urllib.parse import urlencode

from bench.corpus import WORDS
from bench.worst import nasty
from bench.worst.large import encoded, large_incident
from bench.worst.site import Call, Site
from kb.config import API_ROOT
from kb.domain.draft import MAX_DIFFERENT_WORDS, MAX_DRAFT_LENGTH, MAX_PLAIN_LENGTH, MAX_WORDS
from kb.domain.guard import MAX_EXAMPLE_CHARACTERS
from kb.domain.text import count_words, plain_length
from kb.schemas.guards import MAX_ACCOUNTS

Calls = Iterator[Call]
Generate = Callable[[Site, random.Random], Calls]

COUNTRIES = "IL,US,GB,FR,DE,ES,IT,PT,RU,UA,PL,NL,SE,DK,FI,CZ,GR,TR,RO,HU,IN,CN,JP,KR,BR,MX,AR,CA,AU,NZ,ZA,EG"


def reads(
    path: str, site: Site, rng: random.Random, *queries: tuple[str, str], root: str = API_ROOT, **options: Any
) -> Calls:
    """A path with nasty headers and parameters, and with some queries of its own: (label, query)."""
    yield Call("plain", "GET", f"{root}{path}", **options)
    for label, headers in nasty.headers(rng):
        yield Call(label, "GET", f"{root}{path}", headers=headers, **options)
    for label, pairs in nasty.queries(rng):
        yield Call(label, "GET", f"{root}{path}?{urlencode(pairs)}", **options)
    for label, query in queries:
        yield Call(label, "GET", f"{root}{path}?{query}", **options)


def writes(
    method: str,
    path: str,
    rng: random.Random,
    valid: dict[str, Any],
    *others: tuple[str, Any],
    **options: Any,
) -> Calls:
    """A path with a valid body, nasty bodies, a nasty value in each field, and some bodies of its own."""
    path = f"{API_ROOT}{path}"
    yield Call("valid", method, path, encoded(valid), **options)
    field = next(iter(valid), "comment")
    for label, body in (*nasty.bodies(rng, field), *nasty.objects(rng, valid)):
        yield Call(label, method, path, body, **options)
    for label, value in others:
        yield Call(label, method, path, encoded(value), **options)
    for label, headers in nasty.headers(rng):
        yield Call(label, method, path, encoded(valid), headers=headers, **options)
    yield Call("gzip", method, path, b"\x1f\x8b" * 400_000, headers={"Content-Encoding": "gzip"}, **options)
    yield Call("another type", method, path, b"a" * nasty.MAX_BODY, content_type="text/plain", **options)


def deletes(path: str, site: Site, rng: random.Random) -> Calls:
    """A path, plain and with nasty headers; `{people}` in it is one of what the site has of that name."""
    path = path.format_map(site.pick(rng))
    yield Call("plain", "DELETE", f"{API_ROOT}{path}")
    for label, headers in nasty.headers(rng):
        yield Call(label, "DELETE", f"{API_ROOT}{path}", headers=headers)


def _draft(rng: random.Random, text: str) -> dict[str, Any]:
    return {
        "text": text,
        "audience_countries": COUNTRIES.split(","),
        "scheduled_at": "2027-09-11T09:00:00-04:00",
        "platform": "twitter",
        "links": [f"http://a{number}.example.com/{'x' * 300}" for number in range(100)],
        "approvers": [f"Name {number}" for number in range(20)],
        "weak": True,
    }


def _taken(text: str) -> str:
    """As much of a text, from its start, as a draft may have; of too many different words, as many as it may
    have, again and again."""
    lengths = accumulate(map(plain_length, text))
    text = text[: sum(1 for _ in takewhile(lambda length: length <= MAX_PLAIN_LENGTH, lengths))]
    if count_words(text)[1] > MAX_DIFFERENT_WORDS:
        # One less: where the text ends, a word may be cut off, and so another one.
        start = _longest(text, lambda part: count_words(part)[1] < MAX_DIFFERENT_WORDS)
        text = (f"{start} " * (MAX_DRAFT_LENGTH // len(start) + 1))[:MAX_DRAFT_LENGTH]
    return _longest(text, lambda part: count_words(part)[0] <= MAX_WORDS)


def _longest(text: str, is_taken: Callable[[str], bool]) -> str:
    """The longest start of a text that is taken."""
    return text[: bisect_left(range(len(text)), True, key=lambda end: not is_taken(text[: end + 1]))]


def checks(rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """Drafts of the worst kinds."""
    for label, text in nasty.texts(rng, 50_000):
        yield label, {"text": text}
        if (taken := _taken(text)) != text:
            yield f"{label}, as many as are taken", {"text": taken}
    for label, text in nasty.texts(rng, 5_000):
        yield f"{label} (5,000)", _draft(rng, text)
    suppress = [{"guard": f"guard-{number}-{'x' * 80}", "reason": "y" * 400} for number in range(500)]
    yield "500 suppressions", {"text": "Black Friday **** Need copy", "suppress": suppress}
    yield "links", _draft(rng, "http://a.example.com/ " * 2_000)


def calendars(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Calendars in CSV."""
    yield "5,000 rows", "text\n" + "Good morning\n" * 5_000
    yield "5,000 posts", "Date,Time,Channel,Copy\n" + "2027-09-11,09:00,Facebook,Half price today\n" * 5_000
    yield "30,000 rows", "text\n" + "Hi\n" * 30_000
    yield (
        "rows at one time",
        "Date,Time,Channel,Copy\n"
        + "".join(f"2027-09-11,09:00,Facebook,{nasty.prose(rng, 100)}\n" for _ in range(5_000)),
    )
    yield "one row", "text\n" + "a" * 900_000
    yield "400,000 columns", "," * 400_000 + "\n" + "," * 400_000
    yield "columns of texts", "text," * 2_000 + "\n" + ("Hello," * 2_000 + "\n") * 60
    yield "quotes", '"' * nasty.MAX_BODY
    yield "an open quote", 'text\n"' + "a\n" * 400_000
    yield "empty lines", "text\n" + "\n" * 900_000
    yield "semicolons", "text;" + "a;b,c\t" * 150_000
    yield "dates", "Date,Copy\n" + "03/04/2027,Hello\n" * 5_000
    yield (
        "nasty dates",
        "Date,Copy\n"
        + "".join(
            f"{nasty.TEXTS['digits and signs'](rng, 150).replace(',', '')},Hello\n" for _ in range(5_000)
        ),
    )
    yield (
        "nasty channels",
        "Channel,Copy\n"
        + "".join(f"{nasty.TEXTS['both languages'](rng, 150)},Hello\n" for _ in range(5_000)),
    )
    for label in ("zalgo", "punctuation", "'\"' repeated", "scripts mixed"):
        text = nasty.TEXTS[label](rng, 190_000).replace("\n", " ").replace(",", " ")
        yield (
            f"rows of {label}",
            "text\n" + "\n".join(text[at : at + 1_000] for at in range(0, len(text), 1_000)),
        )


def rows(rng: random.Random) -> Iterator[tuple[str, Any]]:
    """Calendars in JSON."""
    yield "5,000 rows", [{"text": "Good morning"}] * 5_000
    yield "30,000 rows", [{"text": "Hi"}] * 30_000
    yield "5,000 rows of unknown keys", [{f"x{number}": 1 for number in range(12)}] * 5_000
    yield "one row of unknown keys", [{f"x{number}": 1 for number in range(60_000)}]
    yield (
        "drafts of 50,000 characters",
        [{"text": nasty.TEXTS["words of posts"](rng, 50_000)} for _ in range(18)],
    )


def guard(**changes: Any) -> dict[str, Any]:
    guard = {
        "type": "phrase",
        "severity": "caution",
        "message": {"en": "We do not say this: {text}"},
        "parameters": {"phrases": ["dirt cheap"]},
        "examples": {"bad": [{"text": "Dirt cheap boots"}], "good": [{"text": "Boots"}]},
    }
    return {**guard, **changes}


def guards(rng: random.Random) -> Iterator[tuple[str, Any]]:
    """Guards to test."""
    yield "one guard", {"guards": [guard()]}
    yield "100 guards", {"guards": [guard(key=f"guard {number}") for number in range(100)]}
    phrases = [nasty.prose(rng, 280) for _ in range(500)]
    yield "500 phrases", {"guards": [guard(parameters={"phrases": [*phrases, "dirt cheap"]})]}
    for pattern in (
        r"(a+)+$",
        r"(\w+\s?)*x",
        r"\w{1,900}z",
        r"(x{1,30}){1,30}",
        r".*.*.*.*=",
        r"(?i)[\p{L}]+ [\p{L}]+ [\p{L}]+",
        "|".join(WORDS[:40]),
    ):
        yield (
            f"pattern {pattern[:20]}",
            {"guards": [guard(type="pattern", parameters={"pattern": pattern, "patterns": [pattern]})] * 20},
        )
        yield (
            f"patterns {pattern[:20]}",
            {"guards": [guard(type="pattern", parameters={"patterns": [pattern]})] * 20},
        )
    yield (
        "examples of 50,000 characters",
        {
            "guards": [
                guard(
                    examples={"bad": [{"text": nasty.TEXTS["words of posts"](rng, 45_000)}] * 20, "good": []}
                )
            ]
        },
    )
    yield (
        "examples as long as they may be",
        {
            "guards": [
                guard(
                    examples={
                        "bad": [{"text": nasty.TEXTS["words of posts"](rng, MAX_EXAMPLE_CHARACTERS // 2)}]
                        * 2,
                        "good": [],
                    }
                )
            ]
        },
    )
    yield "unknown parameters", {"guards": [guard(parameters={f"x{number}": 1 for number in range(50_000)})]}
    yield "a long list of phrases", {"guards": [guard(parameters={"phrases": ["x"] * 200_000})]}
    yield "nested parameters", {"guards": [guard(parameters={"phrases": [[[[["x"]]]]] * 50_000})]}
    yield "countries", {"guards": [guard(accounts=["@a"] * MAX_ACCOUNTS)] * 100}


def incident_parts(rng: random.Random) -> Iterator[tuple[str, Any]]:
    small = {"title": "A draft", "organization": "Acme", "category": "offensive"}
    yield "the largest", large_incident(rng)
    for label in (
        "zalgo",
        "characters that grow",
        "Hebrew without blanks",
        "Latin without blanks",
        "scripts mixed",
        "punctuation",
        "distinct words",
        "'a-' repeated",
        "words of posts",
    ):
        texts = {
            name: nasty.TEXTS[label](rng, 19_000) for name in ("summary", "why_failure", "cause", "outcome")
        }
        yield label, {**small, **texts, "lessons": [{"text": nasty.TEXTS[label](rng, 1_900)}] * 50}
    yield (
        "1,500 unknown terms",
        {
            **small,
            **{
                name: [f"k{number}" for number in range(50)]
                for name in ("platforms", "themes", "failure_modes")
            },
        },
    )
    yield (
        "50 guards",
        {**small, "lessons": [{"text": f"Lesson {number}", "guard": guard()} for number in range(50)]},
    )
    yield (
        "50 guards that fail",
        {
            **small,
            "lessons": [
                {"text": f"Lesson {number}", "guard": guard(parameters={"phrases": ["x"]})}
                for number in range(50)
            ],
        },
    )
    yield "50 broken lessons", {**small, "lessons": [{f"x{n}": 1 for n in range(500)}] * 50}
