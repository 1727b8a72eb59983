"""Fields and base classes that the schemas share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import langcodes
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from kb.domain.dates import PartialDate, parse_partial_date
from kb.domain.text import forbidden_character

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marshmallow.fields import Field


class InputSchema(Schema):
    """Base of what comes in: a field that is not known is an error, never dropped."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "There is no such field."}  # noqa: RUF012 (as marshmallow declares it)


class OutputSchema(Schema):
    """Base of what goes out: every field is always there, and no other."""

    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:  # noqa: ARG002
        field_obj.required = True


class Text(fields.String):
    """Text that people wrote: trimmed, at most `longest` characters, without control characters."""

    def __init__(self, longest: int, *, required: bool = False, shortest: int = 0, **kwargs: Any) -> None:
        shortest = max(shortest, int(required))
        super().__init__(
            required=required, validate=validate.Length(min=shortest or None, max=longest), **kwargs
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        text = super()._deserialize(value, attr, data, **kw)
        assert text is not None
        if (character := forbidden_character(text)) is not None:
            raise ValidationError(f"The character {character} cannot be stored. Remove it.")
        return text.strip()


class Integer(fields.Integer):
    """A whole number, written as one: neither `"2"` nor `2.0` nor `true`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        number = super()._deserialize(value, attr, data, **kw)
        assert number is not None
        return number


class Whole(fields.Nested):
    """A nested object that is always complete, also inside a change where other fields may be left out."""

    def _load(self, value: Any, partial: Any = None) -> Any:  # noqa: ARG002
        return super()._load(value, partial=False)


class Moment(fields.AwareDateTime):
    """A moment with its time zone (UTC where none is given), brought to UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, allow_none=True, load_default=None, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> datetime:
        try:
            return super()._deserialize(value, attr, data, **kw).astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error


class Language(fields.String):
    """A BCP 47 language tag that the IANA registry knows, brought to its canonical form."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        return canonical_language(super()._deserialize(value, attr, data, **kw) or "")


class PartialDateField(fields.String):
    """`2018`, `2018-05` or `2018-05-16`, read as a `PartialDate`."""

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> PartialDate:
        try:
            return parse_partial_date(super()._deserialize(value, attr, data, **kw) or "")
        except ValueError as error:
            raise ValidationError(str(error)) from error


class WebAddress(Text):
    """An absolute `http` or `https` address; other schemes can run code in a reader's browser."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(2_000, allow_none=True, load_default=None, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        address = super()._deserialize(value, attr, data, **kw)
        try:
            parts = urlsplit(address)
            good = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            good = False
        if not good or any(c.isspace() for c in address):
            raise ValidationError("Write an address that begins with http:// or https://.")
        return address


def canonical_language(tag: str) -> str:
    """`EN-us` -> `en-US`, `iw` -> `he`. Raises ValidationError for a tag that no registry knows."""
    if len(tag) > 35 or not tag.isascii() or tag.startswith("x-") or not langcodes.tag_is_valid(tag):
        raise ValidationError("This is not a known language. Write a BCP 47 tag such as en, he or pt-BR.")
    return langcodes.standardize_tag(tag)


def one_of(enum: Any) -> validate.OneOf:
    """Accept the values of an enumeration, and name them when another comes."""
    return validate.OneOf([member.value for member in enum], error="Must be one of: {choices}.")


def strings(**kwargs: Any) -> fields.List[Any]:
    """A list of short strings, such as the keys of terms; missing is empty."""
    return fields.List(Text(100, shortest=1), load_default=list, validate=validate.Length(max=50), **kwargs)
