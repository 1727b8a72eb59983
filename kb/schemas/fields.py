"""Fields and base classes that the schemas share."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import langcodes
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from kb.domain.dates import PartialDate, parse_partial_date, why_impossible
from kb.domain.text import forbidden_character, is_blank

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marshmallow.fields import Field


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_NO_LANGUAGE = frozenset({"x", "und", "mul", "mis", "zxx"})


class InputSchema(Schema):
    """Base of what comes in: a field that is not known is an error, never dropped."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "There is no such field."}  # noqa: RUF012 (as marshmallow declares it)


class OutputSchema(Schema):
    """Base of what goes out: every field that is not marked `optional` is always there, and no other."""

    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:  # noqa: ARG002
        field_obj.required = not field_obj.metadata.get("optional", False)


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
        return "" if is_blank(text) else text.strip()


class Tag(Text):
    """A free word to file by. A comma separates tags in a filter, and cannot be part of one."""

    def __init__(self) -> None:
        super().__init__(80, shortest=1)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        tag = super()._deserialize(value, attr, data, **kw)
        if "," in tag:
            raise ValidationError("Write two tags instead of one with a comma.")
        return tag


class Items(fields.List[Any]):
    """A list of at most `most` items: a longer one is refused before any of them is looked at."""

    def __init__(self, inner: Any, most: int, **kwargs: Any) -> None:
        super().__init__(inner, validate=validate.Length(min=kwargs.pop("fewest", None), max=most), **kwargs)
        self.most = most

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> list[Any]:
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(f"At most {self.most} items are taken; these are {len(value)}.")
        return super()._deserialize(value, attr, data, **kw)


class ByLanguage(fields.Dict):
    """An object with one entry a language; two spellings of one language are two entries for it."""

    def __init__(self, values: Any, **kwargs: Any) -> None:
        super().__init__(keys=Language(), values=values, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> dict[Any, Any]:
        found: dict[Any, Any] = super()._deserialize(value, attr, data, **kw)  # type: ignore[no-untyped-call]
        seen: set[str] = set()
        for tag in value:
            if canonical_language(tag) in seen:
                raise ValidationError({tag: ["This language is there already, in another spelling."]})
            seen.add(canonical_language(tag))
        return found


class Number(fields.Float):
    """A number of at most two decimals, written as one: neither `"12"` nor `true`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.make_error("invalid")
        number = super()._deserialize(value, attr, data, **kw)
        assert number is not None
        if round(number, 2) != number:
            raise ValidationError("Write at most two decimals.")
        return number


class Flag(fields.Boolean):
    """`true` or `false`, and nothing that looks like them."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Day(fields.Date):
    """A day that has been, as YYYY-MM-DD."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_none=True, load_default=None, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError("Write a day as YYYY-MM-DD.")
        day = super()._deserialize(value, attr, data, **kw)
        assert day is not None
        if (reason := why_impossible(day)) is not None:
            raise ValidationError(reason)
        return day


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


class QueryInteger(fields.Integer):
    """A whole number in a query, in plain digits."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not _WHOLE_NUMBER.fullmatch(value):
            raise self.make_error("invalid")
        return int(value)


class Moment(fields.AwareDateTime):
    """A moment with its time zone (UTC where none is given), brought to UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, allow_none=True, load_default=None, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> datetime:
        try:
            moment = super()._deserialize(value, attr, data, **kw).astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error
        if (reason := why_impossible(moment.date())) is not None:
            raise ValidationError(reason)
        return moment


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
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good or any(c.isspace() for c in address):
            raise ValidationError("Write an address that begins with http:// or https://.")
        return address


def canonical_language(tag: str) -> str:
    """`EN-us` -> `en-US`, `iw` -> `he`. Raises ValidationError for a tag that no registry knows."""
    known = len(tag) <= 35 and tag.isascii() and langcodes.tag_is_valid(tag)
    if not known or tag.lower().partition("-")[0] in _NO_LANGUAGE:
        raise ValidationError("This is not a known language. Write a BCP 47 tag such as en, he or pt-BR.")
    return langcodes.standardize_tag(tag)


def one_of(enum: Any) -> validate.OneOf:
    """Accept the values of an enumeration, and name them when another comes."""
    return validate.OneOf([member.value for member in enum], error="Must be one of: {choices}.")


def strings(**kwargs: Any) -> Items:
    """A list of short strings, such as the keys of terms; missing is empty."""
    return Items(Text(100, shortest=1), most=50, load_default=list, **kwargs)


def describe(text: str) -> dict[str, str]:
    """The metadata of a field that OpenAPI shows as its description."""
    return {"description": text}
