"""Links with counts, drawn as bars: the values of a facet, and categories."""

from __future__ import annotations

from typing import NamedTuple


class CountedLink(NamedTuple):
    """A link to `number` items. `share` is the length of its bar, in twentieths of a full one."""

    label: str
    number: int
    share: int
    url: str


def counted_link(label: str, number: int, url: str, *, full: int) -> CountedLink:
    """Return a link to `number` items, whose bar is full at `full` items."""
    return CountedLink(label, number, round(20 * number / full), url)
