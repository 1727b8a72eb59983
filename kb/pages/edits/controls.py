"""Form controls: each converts a field of an incident to the values of inputs, and back."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from kb.date_words import partial_date_text
from kb.pages.language import interface_language
from kb.pages.typed_dates import typed_date
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Typed = list[str]
"""The values that a form sends for a control: any number for checkboxes, none for an unticked one."""

_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_LOCAL = "%Y-%m-%dT%H:%M"


class Control(NamedTuple):
    """A control: its name in templates, and the conversions of a field to inputs (`typed`) and back (`read`).

    `read` returns a text that it cannot parse unchanged, so that the schema rejects it.
    """

    name: str
    typed: Callable[[Any], Typed]
    read: Callable[[Typed], Any]


def typed_in(control: Control, state: Mapping[str, Any], name: str) -> Typed:
    """Convert a field of a snapshot to inputs. The precision of a date is in a second field."""
    value = state.get(name)
    if value is not None and name == "occurred_on":
        value = partial_date_text(value, state["occurred_precision"], interface_language())
    return control.typed(value)


def normalized(values: Sequence[str]) -> Typed:
    """Return the values of a form with `\\n` as the line end, and without surrounding white space."""
    return [value.replace("\r\n", "\n").strip() for value in values]


def is_same(control: Control, values: Typed, others: Typed) -> bool:
    """Whether two values of a control are equal; the order of checkboxes does not matter."""
    return sorted(values) == sorted(others) if control is MANY else values == others


def _line(value: Any) -> Typed:
    return ["" if value is None else str(value)]


def _first(values: Typed) -> str:
    return values[0] if values else ""


def _or_none(values: Typed) -> str | None:
    return _first(values) or None


def _typed_day(value: str | None) -> Typed:
    return [partial_date_text(value, "day", interface_language()) if value else ""]


def _read_date(values: Typed) -> str | None:
    return typed_date(_first(values)) or None


def _typed_moment(value: str | None) -> Typed:
    if value is None:
        return [""]
    local = datetime.fromisoformat(value).astimezone(ZoneInfo(current_actor().time_zone))
    return [local.strftime(_LOCAL)]


def _read_moment(values: Typed) -> str | None:
    text = _first(values)
    try:
        zone = ZoneInfo(current_actor().time_zone)
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat() if text else None
    except (ValueError, OverflowError):
        return text


def _typed_amount(value: float | None) -> Typed:
    if value is None:
        return [""]
    return [f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"]


def _read_amount(values: Typed) -> Any:
    text = _first(values)
    plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    try:
        return float(plain) if plain else None
    except ValueError:
        return text


def _read_integer(values: Typed) -> Any:
    text = _first(values)
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else text or None


def _read_words(values: Typed) -> list[str]:
    parts = (part.strip() for part in re.split(r"[,\n]", _first(values)))
    return list(dict.fromkeys(part for part in parts if part))


LINE = Control("line", _line, _first)
NULLABLE_LINE = Control("line", _line, _or_none)
ADDRESS = Control("address", _line, _or_none)
TEXT = Control("text", _line, _first)
CHOICE = Control("choice", _line, _or_none)
ONE = Control("one", _line, _or_none)
LEVEL = Control("one", _line, _read_integer)
MANY = Control("many", lambda value: [*(value or ())], lambda values: values)
WORDS = Control("line", lambda value: [", ".join(value or ())], _read_words)
DATE = Control("line", _line, _read_date)
DAY = Control("line", _typed_day, _read_date)
MOMENT = Control("moment", _typed_moment, _read_moment)
AMOUNT = Control("amount", _typed_amount, _read_amount)
CODE = Control("code", _line, lambda values: _first(values).upper() or None)
TICK = Control("tick", lambda value: ["true"] if value else [], bool)
