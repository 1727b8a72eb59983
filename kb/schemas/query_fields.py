"""Fields for query parameters, which arrive as text."""

from __future__ import annotations

import re
from datetime import MAXYEAR, UTC, datetime, time, tzinfo
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from marshmallow import ValidationError, fields, validate

from kb.domain.dates import MIN_YEAR, DatePrecision, PartialDate, parse_moment, parse_partial_date
from kb.domain.filters import DIMENSIONS, UNKNOWN_ALIAS, UNKNOWN_KEY, GroupFilter, Loss, group_key
from kb.domain.incident import Kind
from kb.domain.organization import is_legal_form, organization_key
from kb.domain.text import compose, forbidden_character
from kb.domain.time_zones import find_time_zone, unknown_zone
from kb.messages import Message, message_of
from kb.schemas.default_messages import with_nearest
from kb.schemas.fields import ComposedString, HttpUrl, LimitedList, Text
from kb.schemas.language_tags import canonical_language

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MAX_QUERY_LENGTH = 10_000
"""Characters of a search query."""

MAX_GROUP_KEYS = 500
"""Keys in one `group` filter."""

MAX_NAME_LENGTH = 200
"""Characters of the name of an organization."""

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_MOMENT_HINT = Message("Write 2018-05-16T10:00:00Z, 2018-05-16, or milliseconds since 1970.")
_BOUND_HINT = Message("Write a year, a month or a day, such as 2018, 2018-05 or 2018-05-16.")
_CURRENCY = re.compile("[A-Za-z]{3}")
_CLOSED_DIMENSIONS = {
    "severity": frozenset([*"12345", UNKNOWN_KEY]),
    "kind": frozenset([*(kind.value for kind in Kind), UNKNOWN_KEY]),
}
"""Dimensions with a fixed set of keys."""


class QueryInteger(fields.Integer):
    """An integer in a query string, as plain digits."""

    default_error_messages = {"invalid": Message("Write a whole number.")}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not _INTEGER.fullmatch(value):
            raise self.make_error("invalid")
        return int(value)


class CommaSeparated(LimitedList):
    """A list of at most `max_length` values separated by commas: `platform=twitter,facebook`.

    Spaces around a value do not count.
    """

    def __init__(self, inner: fields.Field[Any] | None = None, max_length: int = 50, **kwargs: Any) -> None:
        super().__init__(inner or Text(100, min_length=1), max_length, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> list[Any]:
        values = [value] if isinstance(value, str) else value
        parts = [part.strip() for text in values for part in str(text).split(",")]
        return super()._deserialize([part for part in parts if part], attr, data, **kw)


class OrganizationNames(CommaSeparated):
    """Names of organizations, separated by commas. The whole text counts as a name, too, as in `Acme, Inc.`.

    A legal form after a comma is not a name by itself.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Text(MAX_NAME_LENGTH, min_length=1), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> list[Any]:
        sent = [value] if isinstance(value, str) else value
        whole = [text.strip() for text in map(str, sent) if "," in text and len(text) <= MAX_NAME_LENGTH]
        names: list[Any] = super()._deserialize(
            [*map(_without_legal_forms, map(str, sent))], attr, data, **kw
        )
        if not names:
            raise ValidationError(Message("Write the name of an organization."))
        return [*names, *(self.inner.deserialize(name, attr, data) for name in whole)]


def _without_legal_forms(names: str) -> str:
    """Names separated by commas, without the legal forms among them that follow a name."""
    first, *others = names.split(",")
    return ",".join([first, *(other for other in others if not is_legal_form(other))])


class SourceAddresses(LimitedList):
    """URLs of sources, one per parameter, since a URL may contain a comma."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(HttpUrl(allow_none=False), max_length=50, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> list[Any]:
        return super()._deserialize([value] if isinstance(value, str) else value, attr, data, **kw)


class GroupFilterField(ComposedString):
    """A filter by groups: `category:offensive|tone-deaf`, `severity:~unknown`, `-organization:acme`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kw) or ""
        dimension, colon, values = text.removeprefix("-").partition(":")
        if dimension not in DIMENSIONS or not colon or not values:
            error = Message(
                "Write dimension:key|key, with a dimension of: {dimensions}.",
                dimensions=", ".join(DIMENSIONS),
            )
            raise ValidationError(
                error if dimension in DIMENSIONS else with_nearest(error, dimension, DIMENSIONS)
            )
        keys = tuple(UNKNOWN_KEY if key == UNKNOWN_ALIAS else key for key in values.split("|"))
        if len(keys) > MAX_GROUP_KEYS:
            raise ValidationError(Message("Send at most {most} keys.", most=MAX_GROUP_KEYS))
        if any(forbidden_character(unquote(key)) for key in keys):
            raise ValidationError(Message("A key contains a character that cannot be stored."))
        allowed = _CLOSED_DIMENSIONS.get(dimension)
        if allowed is not None and not allowed.issuperset(keys):
            wrong = next(key for key in keys if key not in allowed)
            error = Message("Must be one of: {choices}.", choices=", ".join(sorted(allowed)))
            raise ValidationError(with_nearest(error, wrong, allowed))
        canonical = tuple(key if key == UNKNOWN_KEY else _canonical_key(dimension, key) for key in keys)
        return GroupFilter(dimension, tuple(dict.fromkeys(canonical)), negated=text.startswith("-"))


def _canonical_key(dimension: str, quoted: str) -> str:
    """The key of a group as links write it: an organization in any spelling, a language in any case."""
    key = compose(unquote(quoted))
    if dimension == "organization":
        key = organization_key(key)
    elif dimension == "language":
        key = canonical_language(key)
    return group_key(key)


class LossFilterField(fields.String):
    """A filter by known loss of market value: a currency, such as `USD` or `USD:alleged`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kw) or ""
        currency, colon, alleged = text.partition(":")
        if _CURRENCY.fullmatch(currency) is None or (colon and alleged != "alleged"):
            raise ValidationError(Message("Write a currency code such as USD, or USD:alleged."))
        return Loss(currency.upper(), bool(colon))


class UtcDateTime(fields.String):
    """A moment as a `datetime` in UTC. A date means its first moment."""

    def __init__(self, description: str) -> None:
        text = f"{description} A date and time, a date (its first moment in UTC), or milliseconds since 1970."
        super().__init__(metadata={"format": "date-time", "description": text})

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kw) or ""
        try:
            moment = parse_moment(text)
            if moment is not None:
                return moment
            return datetime.combine(parse_partial_date(text, _MOMENT_HINT).first, time.min, UTC)
        except ValueError as error:
            raise ValidationError(message_of(error)) from error


class TimeZone(fields.String):
    """A time zone by its IANA name, as a `ZoneInfo`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        name = super()._deserialize(value, attr, data, **kw) or ""
        zone = find_time_zone("UTC" if name.lower() == "utc" else name)  # Grafana writes `utc`
        if zone is None:
            raise ValidationError(unknown_zone(name))
        return zone


class PeriodBound(fields.String):
    """The first or the last day of a period: a `PartialDate`, or a `datetime` that lies on that day.

    `resolve_bounds` turns the latter into the former, once the time zone is known.
    """

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kw) or ""
        try:
            moment = parse_moment(text)
            if moment is None:
                return parse_partial_date(text, _BOUND_HINT)
        except ValueError as error:
            raise ValidationError(message_of(error)) from error
        if not MIN_YEAR <= moment.year < MAXYEAR:  # leaves room for any time zone
            raise ValidationError(
                Message("The year must be between {first} and {last}.", first=MIN_YEAR, last=MAXYEAR - 1)
            )
        return moment


def resolve_bounds(data: Mapping[str, Any], names: Collection[str], zone: tzinfo) -> dict[str, PartialDate]:
    """The named bounds from loaded parameters. A moment is replaced with its day in a time zone."""
    return {
        name: PartialDate(bound.astimezone(zone).date(), DatePrecision.DAY)
        if isinstance(bound := data[name], datetime)
        else bound
        for name in names
        if name in data
    }


def format_parameter(keys: list[str]) -> fields.String:
    """The parameter `format`. In the OpenAPI document, each format has its own path (docs/decisions/0029)."""
    return fields.String(load_default=None, validate=validate.OneOf(keys), metadata={"undocumented": True})


class FreeText(ComposedString):
    """Text typed into a search box. No character is rejected; a lone surrogate becomes a question mark."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> str:
        text = super()._deserialize(value, attr, data, **kw) or ""
        if len(text) > MAX_QUERY_LENGTH:
            raise ValidationError(
                Message("Longer than {most} characters. Search for fewer words.", most=MAX_QUERY_LENGTH)
            )
        # A lone surrogate cannot be encoded in the response.
        return text.encode("utf-8", "replace").decode("utf-8")


class QueryBoolean(fields.Boolean):
    """`true` or `false` in a query string."""

    default_error_messages = {"invalid": Message("Write true or false.")}
    truthy = {"true", "1", "yes"}
    falsy = {"false", "0", "no"}
