"""Pages of lists, and the cursors that lead from one to the next."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.errors import FieldError, InvalidInput
from kb.models import db
from kb.models.base import LARGEST_INTEGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Select
    from sqlalchemy.orm import InstrumentedAttribute


class Page(NamedTuple):
    """Some items of a list; `next` leads to those that follow, None at the end."""

    items: list[dict[str, Any]]
    next: str | None


def id_page(
    statement: Select[Any],
    number: InstrumentedAttribute[int],
    view: Callable[[Any], dict[str, Any]],
    *,
    limit: int,
    cursor: str | None,
) -> Page:
    """A page of rows that are numbered in the order of their making, the latest first."""
    if cursor is not None:
        (last,) = read_cursor(cursor, whole)
        statement = statement.where(number < last)
    rows = list(db.session.scalars(statement.order_by(number.desc()).limit(limit + 1)))
    following = write_cursor([getattr(rows[limit - 1], number.key)]) if len(rows) > limit else None
    return Page([view(row) for row in rows[:limit]], following)


def write_cursor(place: list[Any]) -> str:
    """A place in a list, as an opaque string."""
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: Any) -> list[Any]:
    """The place that a cursor stands for. Raises InvalidInput for one that is not ours."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [kind(value) for kind, value in zip(kinds, place, strict=True)]
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        detail = "This is no cursor of ours. Take it from `next` of the page before."
        raise InvalidInput([FieldError("cursor", detail)]) from error


def whole(value: object) -> int:
    """A number as a cursor holds it. Raises ValueError for anything else."""
    if type(value) is not int or not 0 <= value <= LARGEST_INTEGER:
        raise ValueError(value)
    return value
