"""The sections of a Markdown document, as exports write them."""

from __future__ import annotations

import re
from typing import NamedTuple

from kb.services.exchange.files.items import written_items

_HEADING = re.compile(r"(#{1,2})[ \t]+(.*?)[ \t]*#*[ \t]*")
_ESCAPED = re.compile(r"^\\(\\*##[ \t])", re.MULTILINE)
_TO_ESCAPE = re.compile(r"^(\\*##[ \t])", re.MULTILINE)
_SECOND_LEVEL = re.compile(r"^##[ \t]", re.MULTILINE)
_ITEM = re.compile(r"^1\. ", re.MULTILINE)
_INDENT = "   "


class Section(NamedTuple):
    """A heading of a document and the text below it; None for the text above the first heading."""

    heading: str | None
    text: str


def escaped(text: str) -> str:
    """Escape a text for a section, so that no line of it is taken for a heading."""
    return _TO_ESCAPE.sub(r"\\\1", text)


def split_sections(body: str) -> tuple[str | None, list[Section]]:
    """Split a document into its title and its sections, in order.

    Sections begin at headings of the second level or, if there are none, of the first. Those with neither
    heading nor text are left out.
    """
    title: str | None = None
    heading: str | None = None
    lines: list[str] = []
    sections: list[Section] = []
    level = "##" if _SECOND_LEVEL.search(body) else "#"
    for line in body.split("\n"):
        match = _HEADING.fullmatch(line.rstrip("\r"))
        is_title = match is not None and match[1] == "#" and title is None and not sections
        is_title = is_title and not "".join(lines).strip()
        if match is None or not (is_title or match[1] == level):
            lines.append(line)
            continue
        if is_title:
            title = match[2]
            continue
        sections.append(_section(heading, lines))
        heading, lines = match[2], []
    sections.append(_section(heading, lines))
    return title, [section for section in sections if section.text or section.heading]


def _section(heading: str | None, lines: list[str]) -> Section:
    return Section(heading, _ESCAPED.sub(r"\1", "\n".join(lines)).strip())


def read_lessons(text: str) -> list[dict[str, str]]:
    """Read the lessons of a section: the items of its list, with their continuation lines."""
    starts = [match.start() for match in _ITEM.finditer(text)]
    if not starts or text[: starts[0]].strip():
        return [{"text": item} for item in written_items(text, None, "\n")]
    ends = [*starts[1:], len(text)]
    items = [
        text[start + 3 : end].replace(f"\n{_INDENT}", "\n") for start, end in zip(starts, ends, strict=True)
    ]
    return [{"text": item.strip()} for item in items if item.strip()]
