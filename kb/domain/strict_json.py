"""Strict JSON (RFC 8259): no NaN or infinity, no duplicate keys, no unbounded nesting."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn

MAX_DIGITS = 100
"""Digits of an integer. Parsing takes time quadratic in their number."""


def loads(text: str | bytes) -> Any:
    """Parse one JSON value. Raises ValueError with a message for the user."""
    try:
        return json.loads(
            text.decode() if isinstance(text, bytes) else text,
            parse_constant=_refuse_constant,
            parse_int=_parse_integer,
            parse_float=_parse_float,
            object_pairs_hook=_unique_members,
        )
    except RecursionError as error:
        raise ValueError("It is nested too deeply.") from error
    except UnicodeDecodeError as error:
        raise ValueError("It is not UTF-8.") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at line {error.lineno}, column {error.colno}.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number.")


def _parse_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"A number of {len(digits)} digits is too long.")
    return int(digits)


def _parse_float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(f"The number {digits[:50]} is too large.")
    return number


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise ValueError(f"The key {key[:50]!r} is there twice.")
        members[key] = value
    return members
