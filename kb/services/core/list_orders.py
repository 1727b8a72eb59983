"""Translate list orders to SQL, and positions in lists to cursors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select, tuple_

from kb.domain.dates import UNKNOWN_DATE
from kb.domain.language import primary_subtag
from kb.domain.sorting import LATEST_FIRST, LIST_ORDERS, ListOrder, SortField
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import Incident, IncidentText
from kb.models.base import UTCDateTime
from kb.services.infrastructure.pagination import cursor_integer, cursor_text, decode_cursor, encode_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FIRST_MOMENT, _LAST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
_LOWEST, _HIGHEST = 0, 6
"""Sentinels below and above all severities."""


class _SortKey(NamedTuple):
    """A value that incidents are sorted by, and its encoding in a cursor."""

    expression: ColumnElement[Any]
    descending: bool
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


class Sorting:
    """An order of incidents, for readers of some languages: sorting by title uses the title they see."""

    def __init__(self, order: ListOrder, languages: Sequence[str]) -> None:
        self._order = order
        self._keys = _sort_keys(order, languages)

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """The values that incidents are sorted by; the last one is unique."""
        return [key.expression for key in self._keys]

    @property
    def ordering(self) -> list[ColumnElement[Any]]:
        """The values in their directions, for ORDER BY."""
        return [key.expression.desc() if key.descending else key.expression.asc() for key in self._keys]

    def cursor(self, values: Sequence[Any]) -> str:
        """The cursor for the position of an incident with these values."""
        encoded = [key.encode(value) for key, value in zip(self._keys, values, strict=True)]
        return encode_cursor([str(self._order), *encoded])

    def _own_name(self, name: object) -> str:
        if name == str(self._order):
            return str(name)
        if name in LIST_ORDERS:
            detail = Message("This cursor is of a list with sort={order}.", order=name)
            raise InvalidInput([FieldError("cursor", detail)])
        raise ValueError(name)

    def after(self, cursor: str) -> ColumnElement[bool]:
        """The condition for incidents after a cursor. Raises InvalidInput for a cursor of another order."""
        _, *values = decode_cursor(cursor, self._own_name, *(key.decode for key in self._keys))
        if all(key.descending for key in self._keys):
            return tuple_(*self.columns) < tuple_(*values)
        condition: ColumnElement[bool] = false()
        for key, value in reversed([*zip(self._keys, values, strict=True)]):
            further = key.expression < value if key.descending else key.expression > value
            condition = or_(further, and_(key.expression == value, condition))
        return condition


def _sort_keys(order: ListOrder, languages: Sequence[str]) -> list[_SortKey]:
    by_day = _SortKey(Incident.occurred_on.expression, True, date.isoformat, date.fromisoformat)
    by_id = _SortKey(Incident.id.expression, True, int, cursor_integer)
    if order == LATEST_FIRST:
        return [by_day, by_id]  # matches the table's index
    return [_key(order, languages), by_day, by_id]


def _key(order: ListOrder, languages: Sequence[str]) -> _SortKey:
    """The sort key of an order's field. Unknown values sort last in either direction."""
    down = order.descending
    if order.field is SortField.TITLE:
        return _SortKey(_title(languages), down, str, cursor_text)
    if order.field is SortField.SEVERITY:
        severity = func.coalesce(Incident.severity, _LOWEST if down else _HIGHEST)
        return _SortKey(severity, down, int, cursor_integer)
    if order.field is SortField.OCCURRED_ON:
        day = func.coalesce(func.nullif(Incident.occurred_on, UNKNOWN_DATE.first), date.max)
        return _SortKey(day, down, date.isoformat, date.fromisoformat)
    column = Incident.updated_at if order.field is SortField.UPDATED_AT else Incident.published_at
    unknown = literal(_FIRST_MOMENT if down else _LAST_MOMENT, UTCDateTime())
    moment = func.coalesce(column, unknown, type_=UTCDateTime())
    return _SortKey(moment, down, datetime.isoformat, datetime.fromisoformat)


def _title(languages: Sequence[str]) -> ColumnElement[Any]:
    """The sort key of the title in the language that `choose_language` picks for a reader."""
    titles = select(IncidentText.title_key).where(IncidentText.incident_id == Incident.id)
    language = IncidentText.language
    choices = []
    for tag in languages:
        primary = primary_subtag(tag)
        variant = titles.where(or_(language == primary, language.startswith(f"{primary}-", autoescape=True)))
        original = variant.where(language == Incident.language)
        choices += [titles.where(language == tag), original, variant.order_by(language)]
    choices.append(titles.where(language == Incident.language))
    return func.coalesce(*(choice.limit(1).scalar_subquery() for choice in choices), "")
