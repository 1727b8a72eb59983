"""The sections of a Markdown document, as exports write them."""

from __future__ import annotations

import re
from typing import NamedTuple

from kb.services.exchange.files.items import written_items

_HEADING = re.compile(r"(#{1,2})[ \t]+(.*?)[ \t]*#*[ \t]*")
_ESCAPED = re.compile(r"^\\(\\*#{1,2}[ \t])", re.MULTILINE)
_TO_ESCAPE = re.compile(r"^(\\*#{1,2}[ \t])", re.MULTILINE)
_ITEM = re.compile(r"^1\. ", re.MULTILINE)
_INDENT = "   "


class Section(NamedTuple):
    """A heading of a document, None for what stands above the first one, and the text below it."""

    heading: str | None
    text: str


def escaped(text: str) -> str:
    """A text that can stand in a section: no line of it is taken for a heading."""
    return _TO_ESCAPE.sub(r"\\\1", text)


def split_sections(body: str) -> tuple[str | None, list[Section]]:
    """The title of a document, and its sections in order, as far as they have any text."""
    title, heading, lines = None, None, []
    sections = []
    for line in body.split("\n"):
        match = _HEADING.fullmatch(line.rstrip("\r"))
        if match is None:
            lines.append(line)
            continue
        sections.append(_section(heading, lines))
        heading, lines = match[2], []
        if match[1] == "#" and title is None and not any(each.text for each in sections):
            title, heading = match[2], None
    sections.append(_section(heading, lines))
    return title, [section for section in sections if section.text or section.heading]


def _section(heading: str | None, lines: list[str]) -> Section:
    return Section(heading, _ESCAPED.sub(r"\1", "\n".join(lines)).strip())


def read_lessons(text: str) -> list[dict[str, str]]:
    """The lessons of a section: the items of its list, with their further lines."""
    starts = [match.start() for match in _ITEM.finditer(text)]
    if not starts or text[: starts[0]].strip():
        return [{"text": item} for item in written_items(text, None, "\n")]
    ends = [*starts[1:], len(text)]
    items = [
        text[start + 3 : end].replace(f"\n{_INDENT}", "\n") for start, end in zip(starts, ends, strict=True)
    ]
    return [{"text": item.strip()} for item in items if item.strip()]
