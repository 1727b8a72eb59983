"""Keyset pagination: pages of lists, with opaque cursors to the next page."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.text import forbidden_character
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import db
from kb.models.base import MAX_INTEGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Select
    from sqlalchemy.orm import InstrumentedAttribute


class Page(NamedTuple):
    """A page of a list. `next` is the cursor of the following page, None on the last one."""

    items: list[dict[str, Any]]
    next: str | None


def id_page(
    statement: Select[Any],
    column: InstrumentedAttribute[int],
    present: Callable[[Any], dict[str, Any]],
    *,
    limit: int,
    cursor: str | None,
) -> Page:
    """Return a page of rows, rendered by `present`, in descending order of an increasing integer column."""
    if cursor is not None:
        (last,) = decode_cursor(cursor, cursor_integer)
        statement = statement.where(column < last)
    rows = list(db.session.scalars(statement.order_by(column.desc()).limit(limit + 1)))
    next_cursor = encode_cursor([getattr(rows[limit - 1], column.key)]) if len(rows) > limit else None
    return Page([present(row) for row in rows[:limit]], next_cursor)


def encode_cursor(position: list[Any]) -> str:
    """Encode a position in a list, the sort key of its last item, as an opaque string."""
    return (
        base64.urlsafe_b64encode(json.dumps(position, separators=(",", ":"), ensure_ascii=False).encode())
        .decode()
        .rstrip("=")
    )


def decode_cursor(cursor: str, *parsers: Callable[[Any], Any]) -> list[Any]:
    """Decode a cursor, with a parser for each part. Raises InvalidInput for anything but a cursor."""
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [parse(value) for parse, value in zip(parsers, position, strict=True)]
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise foreign_cursor() from error


def foreign_cursor() -> InvalidInput:
    """The error for an invalid cursor."""
    detail = Message("This is not a cursor of this API. Take it from `next` of the previous page.")
    return InvalidInput([FieldError("cursor", detail)])


def cursor_text(value: object) -> str:
    """Parse a part of a cursor that is a text. Raises ValueError for anything else."""
    if not isinstance(value, str) or forbidden_character(value) is not None:
        raise ValueError(value)
    return value


def cursor_integer(value: object) -> int:
    """Parse a part of a cursor that is a row's id or number. Raises ValueError for anything else."""
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise ValueError(value)
    return value
