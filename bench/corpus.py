"""Incidents of any number, as JSON lines for `kb import`: `python -m bench.corpus 10000 > incidents.jsonl`.

Words are made up and distributed as in real text (Zipf), so that a query of two common ones matches most
documents: the worst case for a search engine. The same number gives the same incidents.
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
    """Incidents of about 270 words each, as an import takes them."""
    source = random.Random(seed)  # noqa: S311 (nothing secret)

    def text(words: int) -> str:
        return " ".join(source.choices(WORDS, cum_weights=_FREQUENCIES, k=words)).capitalize() + "."

    for number in range(count):
        day = f"{source.randint(2008, 2025)}-{source.randint(1, 12):02}-{source.randint(1, 28):02}"
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
            "severity": source.randint(1, 5),
            "category": source.choice(_CATEGORIES),
            "platforms": source.sample(_PLATFORMS, 2),
            "lessons": [{"text": text(15)}, {"text": text(15)}],
            "sources": [{"title": text(4), "publisher": "A paper"}],
            "tags": [source.choice(WORDS)],
        }


_FIRST_QUERIED_RANK = 10
"""Nobody asks for the commonest words alone: they are the "the" and "of" of this language."""


def queries(count: int, seed: int = 2) -> list[str]:
    """Pairs of words, drawn as often as they occur; asked for with OR, a pair matches most incidents."""
    source = random.Random(seed)  # noqa: S311 (nothing secret)
    ranks = range(_FIRST_QUERIED_RANK, len(WORDS))
    weights = list(accumulate(1 / rank for rank in ranks))
    pairs: list[str] = []
    while len(pairs) < count:
        first, second = source.choices(ranks, cum_weights=weights, k=2)
        if first != second:
            pairs.append(f"{WORDS[first]} {WORDS[second]}")
    return pairs


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many incidents")
    for item in incidents(parser.parse_args().count):
        sys.stdout.write(json.dumps(item) + "\n")
