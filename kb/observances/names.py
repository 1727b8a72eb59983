"""What people call observances, for a search."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.observances.table import observances

MAX_NAME_WORDS = 5
"""Longer names are for display only: nobody types them."""

_WORD = re.compile(r"[^\W_]+(?:['’\"״׳][^\W_]+)*")
# "Day of mourning, Invasion Day; 11 September": a heading, whose parts stand among the aliases
_HEADING = re.compile("[,;]| / ")


@lru_cache(maxsize=1)
def groups() -> list[tuple[str, list[str]]]:
    """The key of each observance, and its names in all languages, as people type them.

    Observances that people call alike (Mother's Day, which falls on other days elsewhere) share names.
    """
    return [
        (
            observance.key,
            list(
                dict.fromkeys(
                    name
                    for language in dict.fromkeys((*observance.names, *observance.aliases))
                    for name in observance.all_names(language)
                    if _is_typed(name)
                )
            ),
        )
        for observance in observances().values()
    ]


def _is_typed(name: str) -> bool:
    return _HEADING.search(name) is None and len(_WORD.findall(name)) <= MAX_NAME_WORDS
