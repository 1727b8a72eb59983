"""JSON as RFC 8259 means it: no NaN, no key twice, and not nested without end."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn

MAX_DIGITS = 100
"""Of an integer; longer ones cost time that grows with the square of their length."""


def loads(text: str | bytes) -> Any:
    """Read one JSON value. Raises ValueError, with a message for people."""
    try:
        return json.loads(
            text.decode() if isinstance(text, bytes) else text,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_finite,
            object_pairs_hook=_unique,
        )
    except RecursionError as error:
        raise ValueError("It is nested too deeply.") from error
    except UnicodeDecodeError as error:
        raise ValueError("It is not UTF-8.") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at line {error.lineno}, column {error.colno}.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON.")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"A number of {len(digits)} digits is too long.")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(f"The number {digits[:50]} is too large.")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"The key {key[:50]!r} stands there twice.")
        found[key] = value
    return found
