"""A synthetic corpus, as JSON Lines for `kb import`: `python -m bench.corpus 10000 > incidents.jsonl`.

The words are invented, and their frequencies follow Zipf's law as in real text, so that a query for two
common ones matches most documents: the worst case for a search engine. The output is deterministic.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from itertools import accumulate, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SYLLABLES = (
    "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu za".split(),
    "ral ten min sol ver dan lig mor nex pul rim sat tov wen zib cha".split(),
    ["", "da", "ne", "tor", "bis", "len", "ko", "mas"],
)
WORDS = ["".join(syllables) for syllables in product(*_SYLLABLES)]

_FREQUENCIES = list(accumulate(1 / rank for rank in range(1, len(WORDS) + 1)))
_CATEGORIES = ("tone-deaf", "offensive", "wrong-account", "internal-communication", "employee-conduct")
_PLATFORMS = ("twitter", "facebook", "instagram", "tiktok", "linkedin")


def incidents(count: int, seed: int = 1) -> Iterator[dict[str, object]]:
    """Yield incidents of about 270 words each, in the import format; the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 (nothing secret)

    def text(words: int) -> str:
        return " ".join(rng.choices(WORDS, cum_weights=_FREQUENCIES, k=words)).capitalize() + "."

    for number in range(count):
        day = f"{rng.randint(2008, 2025)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        yield {
            "external_id": f"bench:{number}",
            "status": "published",
            "organization": text(2),
            "title": text(8),
            "summary": text(60),
            "why_failure": text(40),
            "cause": text(50),
            "outcome": text(50),
            "alternative": text(30),
            "occurred_on": day,
            "severity": rng.randint(1, 5),
            "category": rng.choice(_CATEGORIES),
            "platforms": rng.sample(_PLATFORMS, 2),
            "lessons": [{"text": text(15)}, {"text": text(15)}],
            "sources": [{"title": text(4), "publisher": "A paper"}],
            "tags": [rng.choice(WORDS)],
        }


_MIN_QUERY_RANK = 10
"""Queries skip the most frequent words, which are the stop words ("the", "of") of this language."""


def queries(count: int, seed: int = 2) -> list[str]:
    """Queries of two different words, drawn by frequency; as OR queries, they match most incidents."""
    rng = random.Random(seed)  # noqa: S311 (nothing secret)
    ranks = range(_MIN_QUERY_RANK, len(WORDS))
    weights = list(accumulate(1 / rank for rank in ranks))
    pairs: list[str] = []
    while len(pairs) < count:
        first, second = rng.choices(ranks, cum_weights=weights, k=2)
        if first != second:
            pairs.append(f"{WORDS[first]} {WORDS[second]}")
    return pairs


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many incidents")
    for item in incidents(parser.parse_args().count):
        sys.stdout.write(json.dumps(item) + "\n")
