"""Nasty queries: filters, groups, searches, suggestions and trends."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from bench.corpus import WORDS
from bench.worst import nasty
from kb.domain.filters import DIMENSIONS, FACETS
from kb.domain.metrics import METRICS

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator


def filters(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Queries of the filters that lists, search and trends share."""
    keys = ",".join(f"k{number}" for number in range(50))
    terms = "&".join(
        f"{name}={keys}" for name in ("category", "failure_mode", "theme", "platform", "industry", "response")
    )
    yield "300 unknown terms", terms
    yield (
        "known terms",
        "category=tone-deaf,offensive&platform=twitter,facebook&severity=1,2,3,4,5&from=1900&to=2100",
    )
    yield "tags", "tag=" + ",".join(rng.choices(WORDS, k=50))
    yield "an organization", "organization=" + quote_plus(nasty.TEXTS["zalgo"](rng, 200))
    yield "tags of zalgo", "tag=" + quote_plus(nasty.TEXTS["zalgo"](rng, 80))
    yield "languages", "language=" + ",".join(["en", "he", "fr", "pt-BR", "zh-Hans-CN"] * 10)


def groups(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Queries of filters by groups."""
    names = "|".join(f"{first}-{second}" for first, second in zip(WORDS[:500], WORDS[500:1000], strict=True))
    yield (
        "groups",
        "&".join(
            f"group={dimension}:{names[:2_000]}"
            for dimension in ("organization", "tag")
            if dimension in DIMENSIONS
        ),
    )
    yield (
        "50 groups",
        "group=" + ",".join(["organization:a|b|c", "-category:tone-deaf", "platform:twitter"] * 16),
    )
    yield "unknown groups", "group=" + quote_plus(",".join("x" * 150 for _ in range(50)))


def search_queries(rng: random.Random) -> Iterator[tuple[str, str]]:
    """What may be typed into the box for searches."""
    common = WORDS[10:410]

    def some(count: int) -> list[str]:
        return rng.sample(common, count)

    yield "60 common words", " ".join(some(60))
    yield "60 words in the order of the corpus", " ".join(common[:60])
    yield "25 phrases", " ".join(f'"{a} {b}"' for a, b in zip(some(25), some(25), strict=True))
    yield "a phrase of 50 words", f'"{" ".join(some(50))}"'
    yield "12 phrases of 4 words", " ".join(f'"{" ".join(common[i : i + 4])}"' for i in range(12))
    yield "50 prefixes", " ".join(f"{word[:3]}*" for word in some(50))
    yield (
        "short prefixes",
        " ".join(
            f"{a}*" for a in "ba be bi ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu za".split()
        ),
    )
    yield "50 unknown words", " ".join(f"{word[:-1]}q{word[-1]}" for word in some(50))
    yield "50 words with signs", " ".join(f"+{word}" for word in some(50))
    yield "excluded words", " ".join(f"-{word}" for word in some(50))
    yield "groups", "(" * 8 + " OR ".join(some(50)) + ")" * 8
    yield "AND and OR", " AND ".join(f"({a} OR {b})" for a, b in zip(some(25), some(25), strict=True))
    yield (
        "fields",
        " ".join(
            f"{field}:{word}"
            for field, word in zip(
                ["title", "summary", "cause", "outcome", "why"] * 10, some(50), strict=True
            )
        ),
    )
    yield "compounds", " ".join("-".join(pair) for pair in zip(some(25), some(25), strict=True))
    yield "one compound", "-".join(some(50))
    yield "terms", " ".join(f"category:{word}" for word in some(50))
    yield "dates", " ".join(f"before:20{number}" for number in range(10, 60))
    yield (
        "names of brands",
        " ".join(["McDonalds", "Coca-Cola", "Volkswagen", "מקדונלדס", "פפסי", "Шанель"] * 8),
    )
    yield (
        "synonyms",
        " ".join("fired ceo racism sale apology tweet boycott women war bank airline food".split() * 4),
    )
    yield (
        "Hebrew",
        " ".join(
            rng.choices(
                "מבצע התפטר מנכל גזענות התנצלות ציוץ חרם נשים מלחמה בנק חברת תעופה אוכל".split(), k=50
            )
        ),
    )
    yield "misspelled brands", " ".join(["Mcdnalds", "Volkswagn", "Starbcks", "Adiddas", "Dolce Gabanna"] * 9)
    yield "empty", ""


def searches(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Queries of the search."""
    most = f"limit=100&explain=true&facets={','.join(FACETS)}"
    for label, text in search_queries(rng):
        yield label, f"q={quote_plus(text)}&{most}"
        yield f"{label}, 10 hits", f"q={quote_plus(text)}"
        yield f"{label}, last page", f"q={quote_plus(text)}&limit=100&offset=9900&sort=-occurred_on"
    for label, text in nasty.texts(rng, 2_500):
        yield label, f"q={quote_plus(text)}&{most}"


def suggestions(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Queries of suggestions."""
    for label, text in search_queries(rng):
        yield label, f"q={quote_plus(text)}&limit=20"
    for label, text in nasty.texts(rng, 2_500):
        yield label, f"q={quote_plus(text)}&limit=20"
    for letter in "bcdmאש":
        yield f"{letter!r}", f"q={quote_plus(letter)}&limit=20"


def trends(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Queries of trends."""
    for first, second in (
        ("organization", "tag"),
        ("organization", "category"),
        ("category", "platform"),
        ("tag", "organization"),
        ("language", "theme"),
    ):
        if {first, second} <= set(DIMENSIONS):
            for interval, period in product(
                ("day", "week", "none"), ("from=1950&to=2030", "from=2008&to=2025", "")
            ):
                yield (
                    f"{first} and {second} by {interval} {period}",
                    f"group_by={first},{second}&interval={interval}&top=100&{period}&compare=previous_period",
                )
    for metric in METRICS:
        yield (
            f"{metric} by day",
            f"metric={metric}&group_by=organization&interval=day&top=100&from=2005&to=2026",
        )
    yield "published by day", "date_field=published_at&interval=day&group_by=organization&top=100"
    yield "tz", "tz=America/New_York&interval=day&date_field=published_at"
