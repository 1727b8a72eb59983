"""What the columns of a table are called: by their headings, or by letters as in a spreadsheet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEPARATORS = re.compile(r"[\W_]+")


def column_names(header: Sequence[str]) -> list[str]:
    """What to call each column in a mapping: its heading, or its letter where it has none of its own."""
    keys = [column_key(each) for each in header]
    return [
        name.strip() if keys[place] and keys.index(keys[place]) == place else column_letter(place)
        for place, name in enumerate(header)
    ]


def column_letter(place: int) -> str:
    """What spreadsheets call a column, counted from 0: A to Z, then AA."""
    letters = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def column_key(name: str) -> str:
    """A name of a column without what varies: case, accents, signs."""
    return _SEPARATORS.sub(" ", fold(name)).strip()
