"""Fields of query parameters, which arrive as text."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any
from urllib.parse import unquote

from marshmallow import ValidationError, fields, validate

from kb.domain.filters import DIMENSIONS, NOT_KNOWN, InGroup, Loss
from kb.domain.incident import Kind
from kb.domain.text import forbidden_character
from kb.schemas.fields import Text

MAX_TYPED = 10_000


class CommaSeparated(fields.List[str]):
    """Several values of one parameter: `platform=twitter,facebook`, any of which will do."""

    def __init__(self, inner: fields.Field[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(inner or Text(100, shortest=1), validate=validate.Length(max=50), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> list[Any]:
        given = [value] if isinstance(value, str) else value
        parts = [part for text in given for part in str(text).split(",") if part]
        return super()._deserialize(parts, attr, data, **kw)


def comma_separated_parameter(field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """How OpenAPI writes a `CommaSeparated` parameter: separated by commas."""
    return {"explode": False, "style": "form"} if isinstance(field, CommaSeparated) else {}


MAX_KEYS = 500


_SCALES = {
    "severity": frozenset([*"12345", NOT_KNOWN]),
    "kind": frozenset([*(kind.value for kind in Kind), NOT_KNOWN]),
}


_CURRENCY = re.compile("[A-Za-z]{3}")


class GroupField(fields.String):
    """A group of a dimension: `category:offensive|tone-deaf`, `severity:none`, `-organization:acme`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kw) or ""
        dimension, colon, values = text.removeprefix("-").partition(":")
        if dimension not in DIMENSIONS or not colon or not values:
            raise ValidationError(f"Write dimension:key|key, with one of: {', '.join(DIMENSIONS)}.")
        keys = tuple(values.split("|"))
        if len(keys) > MAX_KEYS:
            raise ValidationError(f"At most {MAX_KEYS} keys are taken.")
        if any(forbidden_character(unquote(key)) for key in keys):
            raise ValidationError("A key has a character that cannot be stored.")
        known = _SCALES.get(dimension)
        if known is not None and not known.issuperset(keys):
            raise ValidationError(f"Must be among: {', '.join(sorted(known))}.")
        return InGroup(dimension, keys, negated=text.startswith("-"))


class LossField(fields.String):
    """A currency in which a loss of market value is known: `USD`, or `USD:alleged`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kw) or ""
        currency, colon, alleged = text.partition(":")
        if _CURRENCY.fullmatch(currency) is None or (colon and alleged != "alleged"):
            raise ValidationError("Write a currency, such as USD, or USD:alleged.")
        return Loss(currency.upper(), bool(colon))


class UtcDateTime(fields.AwareDateTime):
    """A moment, brought to UTC, which it is in unless it says otherwise."""

    def __init__(self, description: str) -> None:
        super().__init__(format="iso", default_timezone=UTC, metadata={"description": description})

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kw).astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error


class FreeText(fields.String):
    """What somebody typed: read as far as it can be read, never refused for a character."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> str:
        text = super()._deserialize(value, attr, data, **kw) or ""
        if len(text) > MAX_TYPED:
            raise ValidationError(f"Longer than {MAX_TYPED} characters. Search for the words that matter.")
        # A lone surrogate cannot be sent back.
        return text.encode("utf-8", "replace").decode("utf-8")


class QueryBoolean(fields.Boolean):
    """`true` or `false` in a query."""

    truthy = {"true", "1", "yes"}  # noqa: RUF012 (as marshmallow declares it)
    falsy = {"false", "0", "no"}  # noqa: RUF012
