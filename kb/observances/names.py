"""The names that people use for observances, for search."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from kb.observances.table import observances

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.observances.table import Observance

MAX_NAME_WORDS = 5
"""Longer names, in words, are for display only: nobody types them."""

_WORD = re.compile(r"[^\W_]+(?:['’\"״׳][^\W_]+)*")
# "Day of mourning, Invasion Day; 11 September" is a heading; its parts are among the aliases
_HEADING = re.compile("[,;]| / ")
# Analysis does not strip particles from two-letter Hebrew words (חג, ט"ו).
_SHORT_HEBREW = re.compile("[א-ת](?:['\"״׳]?[א-ת])?['׳]? ")
_PARTICLES = "בל"


def typed_names() -> list[tuple[str, tuple[str, ...]]]:
    """The key of each observance, with its names that may mean something else in a text, such as `6/4`."""
    return [(key, observance.typed) for key, observance in observances().items() if observance.typed]


@lru_cache(maxsize=1)
def groups() -> list[tuple[str, list[str]]]:
    """The key of each observance, and its names in all languages, as people type and write them.

    Different observances may share names, such as Mother's Day, whose date differs between countries.
    """
    return [(key, list(dict.fromkeys(_typed_names(row)))) for key, row in observances().items()]


def _typed_names(observance: Observance) -> Iterator[str]:
    for language in dict.fromkeys((*observance.names, *observance.aliases)):
        for name in observance.all_names(language):
            if _HEADING.search(name) is None and len(_WORD.findall(name)) <= MAX_NAME_WORDS:
                yield name
                if _SHORT_HEBREW.match(name) is not None:
                    yield from (particle + name for particle in _PARTICLES)
