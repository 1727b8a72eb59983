"""What the headings of a calendar say beside their names: `Date (DD/MM/YYYY)`, `Timestamp (UTC)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.domain.written_times import DateOrder

if TYPE_CHECKING:
    from collections.abc import Iterable

_REMARK = re.compile(r"(?:\([^()]*\)|\[[^\[\]]*\]|\s[-–—]\s.*)$")
_DAY = r"(?:dd?|day|יום)"
_MONTH = r"(?:m{1,3}|month|חודש)"
_ORDERS = {
    order: re.compile(rf"(?<![^\W_]){first}\s?[./-]\s?{second}(?![^\W_])", re.IGNORECASE)
    for order, first, second in (
        (DateOrder.DAY_FIRST, _DAY, _MONTH),
        (DateOrder.MONTH_FIRST, _MONTH, _DAY),
    )
}
_UNIVERSAL = re.compile(r"(?<![^\W_])(?:utc|gmt)(?![^\W_]|\s?[+-])", re.IGNORECASE)


def without_remark(heading: str) -> str:
    """A heading without the parentheses at its end, or what follows a dash."""
    return _REMARK.sub("", heading.rstrip()).strip()


def order_in(headings: Iterable[str]) -> DateOrder | None:
    """The order of day and month that headings name, or None."""
    text = "\n".join(headings)
    return next((order for order, pattern in _ORDERS.items() if pattern.search(text)), None)


def is_universal(headings: Iterable[str]) -> bool:
    """Whether one of the headings says that its times are in universal time."""
    return any(map(_UNIVERSAL.search, headings))
