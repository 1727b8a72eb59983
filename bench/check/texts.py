"""Drafts of any length, all different, made of the sentences of real ones in English and in Hebrew."""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

from bench.drafts import RISKY
from bench.drafts.cases import read_harmless, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

TWEET_LENGTH = 280

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_COUNTRIES = {"en": "US", "he": "IL"}
_PLATFORMS = ("twitter", "facebook", "instagram", "linkedin")


def tweets(number: int, seed: int = 1) -> list[dict[str, Any]]:
    """Drafts of about TWEET_LENGTH characters, as `POST /checks` takes them; every other one is Hebrew."""
    rng = random.Random(seed)  # noqa: S311 (nothing secret)
    drafts = []
    for language, _ in zip(_languages(), range(number), strict=False):
        parts: list[str] = []
        for sentence in _random_sentences(rng, language):
            parts.append(sentence)
            if sum(map(len, parts)) + len(parts) >= TWEET_LENGTH:
                break
        text = " ".join(parts)[:TWEET_LENGTH].rsplit(" ", 1)[0]
        drafts.append(_draft(text, language, rng))
    return drafts


def articles(number: int, words: int, seed: int = 2) -> list[dict[str, Any]]:
    """Drafts of a number of words, in paragraphs of five sentences; every other one is Hebrew."""
    rng = random.Random(seed)  # noqa: S311 (nothing secret)
    drafts = []
    for language, _ in zip(_languages(), range(number), strict=False):
        parts: list[str] = []
        length = 0
        for place, sentence in enumerate(_random_sentences(rng, language), start=1):
            kept = sentence.split()[: words - length]
            length += len(kept)
            parts += [" ".join(kept), " " if place % 5 else "\n\n"]
            if length >= words:
                break
        drafts.append(_draft("".join(parts).strip(), language, rng))
    return drafts


@cache
def sentences(language: str) -> tuple[str, ...]:
    """The sentences of all drafts in a language: of the harmless ones and of the risky ones."""
    texts = [each.draft.text for each in read_harmless() if each.draft.language == language]
    texts += [row["text"] for row in read_lines(RISKY) if row["language"] == language]
    return tuple(sentence for text in texts for sentence in _SENTENCE_END.split(text) if sentence.strip())


def _languages() -> Iterator[str]:
    return ("he" if number % 2 else "en" for number in count())


def _random_sentences(rng: random.Random, language: str) -> Iterator[str]:
    while True:
        yield rng.choice(sentences(language))


def _draft(text: str, language: str, rng: random.Random) -> dict[str, Any]:
    """A draft that goes out on a random day, so that some are on one of mourning."""
    return {
        "text": text,
        "language": language,
        "platform": rng.choice(_PLATFORMS),
        "audience_countries": [_COUNTRIES[language]],
        "scheduled_at": f"2027-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T12:00:00Z",
    }
