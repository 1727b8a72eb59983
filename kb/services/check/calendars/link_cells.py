"""Read a cell of links: addresses, words around them, or a word that says there is none."""

from __future__ import annotations

import re

from kb.domain.text import fold

_SEPARATOR = re.compile(
    # Possessive, and only from where a run of signs begins: else a cell of commas takes the square of
    # its length.
    r"\s+|(?<![,;|])[,;|]++(?=https?:|www\.|\s|$)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[^\W_]\.[^\W_]|//|https?:|^(?:mailto|tel|sms):|^localhost(?![^\W_])|^/\w", re.IGNORECASE
)
_NONE = frozenset(
    (
        ", n/a, na, none, no, nil, null, no link, without link, "
        "אין, לא, ללא, אין קישור, אין לינק, ללא קישור, ללא לינק"
    ).split(", ")
)


def read_links(cell: str) -> tuple[list[str], str]:
    """The addresses in a cell, and its text if it has none, unless that says so: `-`, `n/a`, `ללא קישור`."""
    links = [part for part in _SEPARATOR.split(cell) if part and _ADDRESS.search(part)]
    return links, "" if links or _says_none(cell) else cell


def _says_none(cell: str) -> bool:
    return fold(cell).strip(" .-–—") in _NONE
