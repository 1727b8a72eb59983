"""Strict JSON (RFC 8259): no NaN or infinity, no duplicate keys, no unbounded nesting."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NamedTuple, NoReturn

from kb.messages import Message

MAX_DIGITS = 100
"""Maximum number of digits in an integer: parsing takes quadratic time."""


FEW_MEMBERS = 100_000
MEMBER_BYTES = 20
"""Minimum number of bytes per object member in a large text, beyond the first few members; in the shipped
collections, there are 90.
"""

_OBJECTS_TO_A_MEMBER = 5
"""The number of empty objects that take as long to parse as one member."""

REASONS = (
    Message("Expecting value"),
    Message("Expecting property name enclosed in double quotes"),
    Message("Expecting ',' delimiter"),
    Message("Expecting ':' delimiter"),
    Message("Unterminated string starting at"),
    Message("Invalid control character at"),
    Message(r"Invalid \escape"),
    Message(r"Invalid \uXXXX escape"),
    Message("Extra data"),
    Message("Illegal trailing comma before end of object"),
    Message("Illegal trailing comma before end of array"),
)
"""The error messages of Python's decoder, listed for the catalogs."""


_BYTE_ORDER_MARK = "\ufeff"

_SAME_DIGIT = bytes.maketrans(b"123456789", b"0" * 9)
_MANY_DIGITS = b"0" * MAX_DIGITS


class Members(NamedTuple):
    """The number of members in a text, estimated by its colons and braces, and the number allowed."""

    number: int
    most: int

    @property
    def are_too_many(self) -> bool:
        """Whether the text has so many members for its size that parsing it would take too long."""
        return self.number > self.most


def count_members(text: bytes) -> Members:
    """Estimate the members in a text without parsing it."""
    number = text.count(b":") + text.count(b"{") // _OBJECTS_TO_A_MEMBER
    return Members(number, max(FEW_MEMBERS, len(text) // MEMBER_BYTES))


def loads(text: str | bytes, *, first_line: int = 1) -> Any:
    """Parse one JSON value, which may begin with a byte-order mark, as files of Windows do.

    `first_line` is the number of its first line in the file that it is from, for messages.
    Raises ValueError with a message for the user.
    """
    try:
        encoded = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
        has_long_number = _MANY_DIGITS in encoded.translate(_SAME_DIGIT)
        return json.loads(
            (text.decode() if isinstance(text, bytes) else text).lstrip(_BYTE_ORDER_MARK),
            parse_constant=_refuse_constant,
            # Checking each number separately takes as long as all the rest of the parsing.
            parse_int=_parse_integer if has_long_number else None,
            parse_float=_parse_float,
            object_pairs_hook=_unique_members,
        )
    except RecursionError as error:
        raise ValueError(
            Message("It is nested too deeply. Send fewer lists and objects inside one another.")
        ) from error
    except UnicodeDecodeError as error:
        raise ValueError(Message("It is not UTF-8.")) from error
    except json.JSONDecodeError as error:
        raise ValueError(
            Message(
                "{reason} at line {line}, column {column}.",
                reason=Message(error.msg),
                line=first_line + error.lineno - 1,
                column=error.colno,
            )
        ) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(Message("{name} is not a JSON number.", name=name))


def _parse_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(Message("A number of {count} digits is too long.", count=len(digits)))
    return int(digits)


def _parse_float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(Message("The number {digits} is too large.", digits=digits[:50]))
    return number


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(Message("The key {key!r} is there twice.", key=key[:50]))
            seen.add(key)
    return members
