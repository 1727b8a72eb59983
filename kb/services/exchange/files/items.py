"""Split a cell that holds a list into items, as written by exports or by people."""

from __future__ import annotations

import re

_BULLET = re.compile(r"(?:[-*•·–]|\(?\d{1,2}[.)])\s+")


def exported_items(text: str) -> list[str]:
    """Split a cell of an export at semicolons; items that contain one are in quotes.

    A quotation mark without a second one before the next semicolon is part of the text.
    """
    items, position = [], 0
    while position < len(text):
        while position < len(text) and text[position].isspace():
            position += 1
        quoted = _quoted(text, position)
        if quoted is not None:
            item, position = quoted
        else:
            end = text.find(";", position)
            end = len(text) if end < 0 else end
            item, position = text[position:end].strip(), end + 1
        if item:
            items.append(item)
    return items


def _quoted(text: str, start: int) -> tuple[str, int] | None:
    """A quoted item, and the offset of the next one; None if the item is not quoted."""
    if text[start : start + 1] != '"':
        return None
    position = start + 1
    while (position := text.find('"', position)) >= 0:
        if text[position + 1 : position + 2] == '"':
            position += 2
            continue
        if text[position + 1 : position + 2] in ("", ";"):
            return text[start + 1 : position].replace('""', '"'), position + 2
        return None
    return None


def written_items(text: str, separator: str | None, signs: str) -> list[str]:
    """Split a cell written by people: at a mapping's separator, else by lines, with or without bullets, or at
    any of some signs."""
    if separator is not None:
        parts = text.split(separator)
    else:
        lines = [line.strip() for line in re.split(r"[\r\n\u2028]+", text)]
        bulleted = sum(_BULLET.match(line) is not None for line in lines)
        if bulleted and bulleted >= len([*filter(None, lines)]) / 2:
            parts = _joined_to_bullets(lines)
        else:
            parts = [part for line in lines for part in re.split(f"[{re.escape(signs)}]", line)]
    return [item for part in parts if (item := _without_bullet(part))]


def _joined_to_bullets(lines: list[str]) -> list[str]:
    """The items of a bulleted list; a line without a bullet continues the item before it."""
    items: list[str] = []
    for line in filter(None, lines):
        if _BULLET.match(line) or not items:
            items.append(line)
        else:
            items[-1] += f"\n{line}"
    return items


def _without_bullet(text: str) -> str:
    text = text.strip()
    match = _BULLET.match(text)
    return text[match.end() :].strip() if match else text
