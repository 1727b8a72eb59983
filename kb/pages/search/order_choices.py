"""The orders that a page offers for its incidents, as links."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.pages.parameters import page_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pages.messages import LazyText
    from kb.pages.parameters import Pairs


class OrderChoice(NamedTuple):
    """An order: its name, the URL of the page in that order, and whether it is the current one."""

    name: LazyText
    url: str
    is_current: bool


def order_choices(names: Mapping[str, LazyText], current: str, pairs: Pairs) -> list[OrderChoice]:
    """Return the orders with these names, the first of which is the default and needs no parameter."""
    others = [pair for pair in pairs if pair[0] != "sort"]
    usual = next(iter(names))
    return [
        OrderChoice(
            name, page_url([*others, *([] if order == usual else [("sort", order)])]), order == current
        )
        for order, name in names.items()
    ]
