"""Names of the columns of a table: their headings, or letters as in a spreadsheet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.domain.text import fold
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEPARATORS = re.compile(r"[\W_]+")


def column_names(header: Sequence[str]) -> list[str]:
    """The name of each column in a mapping: its heading, or its letter if that is blank or repeated."""
    keys = [column_key(each) for each in header]
    return [
        name.strip() if keys[index] and keys.index(keys[index]) == index else column_letter(index)
        for index, name in enumerate(header)
    ]


def list_columns(header: Sequence[str]) -> Message:
    """The sentence of an error that lists the headings to choose from, the first ones of many."""
    names = [name.strip() for name in header if name.strip()]
    return Message("The columns are: {names}.", names=", ".join(name[:60] for name in names[:50]))


def column_letter(index: int) -> str:
    """The letters of a column in spreadsheets, counted from 0: A to Z, then AA."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def column_key(name: str) -> str:
    """The name of a column without variations of case, accents and punctuation."""
    return _SEPARATORS.sub(" ", fold(name)).strip()
