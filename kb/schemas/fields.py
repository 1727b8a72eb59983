"""Fields shared by the schemas."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate
from marshmallow.utils import is_collection

from kb.domain.dates import PartialDate, date_error, parse_partial_date
from kb.domain.publication import Concern
from kb.domain.text import compose, forbidden_character, is_blank
from kb.messages import Message, message_of
from kb.pauses import Pauses, no_pause
from kb.schemas.base import MAX_ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class ComposedString(fields.String):
    """A string in NFC: the base of every field that takes free text, so that NFD input means the same."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        return compose(super()._deserialize(value, attr, data, **kw) or "")


def require_storable(value: Any) -> None:
    """Raise ValidationError for a character that cannot be stored, in a text of a value at any depth."""
    if (character := forbidden_character("".join(_texts_in(value)))) is not None:
        raise ValidationError(
            Message("The character {character} cannot be stored. Remove it.", character=character)
        )


def _texts_in(value: Any) -> Iterator[str]:
    """The texts in a value at any depth, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.items() for part in item for text in _texts_in(part))
    elif isinstance(value, list):
        yield from (text for item in value for text in _texts_in(item))


_MAX_SURPLUS = 4
"""How many times longer than its limit a text may be as sent, with surrounding spaces or decomposed
accents."""


class Text(ComposedString):
    """Text written by people: stripped, at most `max_length` characters, without control characters."""

    def __init__(
        self, max_length: int, *, required: bool = False, min_length: int = 0, **kwargs: Any
    ) -> None:
        self._most_sent = _MAX_SURPLUS * max_length
        min_length = max(min_length, int(required))
        super().__init__(
            required=required, validate=validate.Length(min=min_length or None, max=max_length), **kwargs
        )

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        if isinstance(value, str) and len(value) > self._most_sent:
            self._validate(value)  # raises: nothing makes it short enough
        text = super()._deserialize(value, attr, data, **kw)
        require_storable(text)
        return "" if is_blank(text) else text.strip()


class Tag(Text):
    """A free-form tag, on one line. It cannot contain a comma, which separates tags in a filter."""

    def __init__(self) -> None:
        super().__init__(80, min_length=1)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        tag = super()._deserialize(value, attr, data, **kw)
        if "," in tag:
            raise ValidationError(Message("A tag cannot contain a comma. Send two tags instead."))
        return " ".join(tag.split())


class LimitedList(fields.List[Any]):
    """A list of at most `max_length` items. A longer list is rejected before any item is validated, and no
    item is validated after MAX_ERRORS invalid ones. With `pauses`, other requests are served between items,
    for lists that take long to validate.
    """

    def __init__(self, inner: Any, max_length: int, *, pauses: bool = False, **kwargs: Any) -> None:
        super().__init__(inner, validate=validate.Length(max=max_length), **kwargs)
        self.max_length = max_length
        self._pauses = pauses

    def _deserialize(self, value: Any, *_: Any, **kw: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self.max_length:
            raise ValidationError(
                Message(
                    "Send at most {max_length} items; these are {count}.",
                    max_length=self.max_length,
                    count=len(value),
                )
            )
        if isinstance(value, str):
            raise ValidationError(Message("Write a list, also for one value, such as [one]."))
        if not is_collection(value):
            raise self.make_error("invalid")
        pause = Pauses() if self._pauses else no_pause
        items: list[Any] = []
        errors: dict[int | str, Any] = {}
        for number, item in enumerate(value):
            pause()
            if len(errors) == MAX_ERRORS:
                errors["_schema"] = [Message("The other items were not looked at: correct these first.")]
                break
            try:
                items.append(self.inner.deserialize(item, **kw))
            except ValidationError as error:
                errors[number] = error.messages
        if errors:
            raise ValidationError(errors)
        return items


class Amount(fields.Float):
    """A JSON number with at most two decimal places; `"12"` and `true` are rejected."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.make_error("invalid")
        number = super()._deserialize(value, attr, data, **kw)
        assert number is not None
        if round(number, 2) != number:
            raise ValidationError(Message("Use at most two decimal places."))
        return number


class StrictBoolean(fields.Boolean):
    """A JSON boolean; values such as `"true"` or `1` are rejected."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class IsoDate(fields.Date):
    """A date as YYYY-MM-DD."""

    default_error_messages = {"invalid": Message("Write the date as YYYY-MM-DD.")}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> date:
        if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        day = super()._deserialize(value, attr, data, **kw)
        assert day is not None
        return day


class PastDate(IsoDate):
    """A date as YYYY-MM-DD that is not in the future."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_none=True, load_default=None, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> date:
        day = super()._deserialize(value, attr, data, **kw)
        if (reason := date_error(day)) is not None:
            raise ValidationError(reason)
        return day


class StrictInteger(fields.Integer):
    """A JSON integer; `"2"`, `2.0` and `true` are rejected."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        number = super()._deserialize(value, attr, data, **kw)
        assert number is not None
        return number


class CompleteNested(fields.Nested):
    """A nested object whose required fields are required even inside a partial schema (PATCH)."""

    def _load(self, value: Any, partial: Any = None) -> Any:  # noqa: ARG002
        return super()._load(value, partial=False)


MAX_EXTRA = 20_000
"""Maximum length of `extra`, in characters of JSON."""


class Extra(fields.Dict):
    """An object of any plain values, whose texts are normalized and can be stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(keys=fields.String(validate=validate.Length(1, 100)), allow_none=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> Any:
        loaded = compose(super()._deserialize(value, attr, data, **kw))  # type: ignore[no-untyped-call]
        try:
            written = json.dumps(loaded, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValidationError(Message("Write texts, numbers, lists and objects.")) from error
        if len(written) > MAX_EXTRA:
            raise ValidationError(
                Message(
                    "Write at most {most} characters; these are {count}.", most=MAX_EXTRA, count=len(written)
                )
            )
        # JSON escapes the characters below a space, which may not be stored either.
        require_storable(loaded)
        return json.loads(written)


class PastDateTime(fields.AwareDateTime):
    """A date and time that is not in the future, converted to UTC. Without an offset, it is in UTC."""

    default_error_messages = {"invalid": Message("Write a date and time, such as 2018-05-16T22:30:00Z.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, allow_none=True, load_default=None, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> datetime:
        try:
            moment = super()._deserialize(value, attr, data, **kw).astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error
        if (reason := date_error(moment.date())) is not None:
            raise ValidationError(reason)
        return moment


class PartialDateField(fields.String):
    """`2018`, `2018-05` or `2018-05-16`, as a `PartialDate`."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
        super().__init__(metadata={"pattern": pattern, **(metadata or {})}, **kwargs)

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> PartialDate:
        try:
            return parse_partial_date(super()._deserialize(value, attr, data, **kw) or "")
        except ValueError as error:
            raise ValidationError(message_of(error)) from error


class HttpUrl(Text):
    """An absolute `http` or `https` URL. Other schemes could run code in a reader's browser."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(2_000, **{"allow_none": True, "load_default": None, **kwargs})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        url = super()._deserialize(value, attr, data, **kw)
        try:
            parts = urlsplit(url)
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
        if not valid or url.split() != [url]:  # white space in it
            raise ValidationError(Message("Write a URL that begins with http:// or https://."))
        return url


def one_of(enum: Any) -> validate.OneOf:
    """Accept the values of an enumeration. The error message lists them."""
    return validate.OneOf([member.value for member in enum])


def term_keys(**kwargs: Any) -> LimitedList:
    """A field for a list of taxonomy keys, empty by default."""
    return LimitedList(Text(100, min_length=1), max_length=50, load_default=list, **kwargs)


def describe(text: str) -> dict[str, str]:
    """Field metadata that OpenAPI shows as the description."""
    return {"description": text}


def acknowledge() -> LimitedList:
    """A field for the concerns that the publisher acknowledges."""
    return LimitedList(
        fields.String(validate=one_of(Concern)),
        max_length=len(Concern),
        load_default=list,
        metadata=describe(
            "Concerns that you acknowledge in order to publish. Otherwise, a 409 response lists them."
        ),
    )
