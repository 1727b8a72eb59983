"""Drafts and guards in requests, and the guards of lessons in responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from kb.domain.draft import (
    MAX_COUNTRIES,
    MAX_DIFFERENT_WORDS,
    MAX_DRAFT_LENGTH,
    MAX_LINKS,
    MAX_PLAIN_LENGTH,
    MAX_WORDS,
    DraftKind,
)
from kb.domain.guard import (
    MAX_EXAMPLE_CHARACTERS,
    MAX_EXAMPLES,
    MAX_MESSAGE_LENGTH,
    MAX_NAME_LENGTH,
    GuardType,
    Severity,
)
from kb.domain.text import (
    MAX_GROWTH,
    compose,
    count_words,
    forbidden_character,
    is_blank,
    plain_length,
)
from kb.messages import Message
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.country import Country
from kb.schemas.fields import (
    CompleteNested,
    Language,
    LanguageDict,
    LimitedList,
    StrictBoolean,
    Text,
    describe,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

MAX_ACCOUNTS = 100
MAX_APPROVERS = 20
MAX_PLATFORMS = 50
MAX_NESTING = 5
"""How many levels of lists and objects the parameters of a guard may have."""

_YEARS = range(1900, 2200)
"""The years that calendars can compute."""


class DraftText(fields.String):
    """The text of a draft, left exactly as it was sent: what is found in it is reported by its offsets."""

    def __init__(self, **kwargs: Any) -> None:
        # The document shows the length; the message of _deserialize says what to do.
        length = {"minLength": 1, "maxLength": MAX_DRAFT_LENGTH}
        super().__init__(metadata={**length, **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        text = super()._deserialize(value, attr, data, **kw) or ""
        if len(text) > MAX_DRAFT_LENGTH:
            raise ValidationError(
                Message(
                    "This has {count:,} characters; at most {most:,} are checked at once. "
                    "Split the text, and check the parts.",
                    count=len(text),
                    most=MAX_DRAFT_LENGTH,
                )
            )
        _require_little_growth(text)
        _require_few_words(text)
        if (character := forbidden_character(text)) is not None:
            raise ValidationError(
                Message("The character {character} cannot be published. Remove it.", character=character)
            )
        if is_blank(text):
            raise ValidationError(Message("There is nothing to check. Send the text of the draft."))
        return text


def _require_little_growth(text: str) -> None:
    """Raise ValidationError for a text that becomes too long when it is analyzed."""
    if len(text) * MAX_GROWTH > MAX_PLAIN_LENGTH and (length := plain_length(text)) > MAX_PLAIN_LENGTH:
        raise ValidationError(
            Message(
                "With its ligatures and other signs written out, this has {count:,} characters; at most "
                "{most:,} are checked at once. Split the text, and check the parts.",
                count=length,
                most=MAX_PLAIN_LENGTH,
            )
        )


def _require_few_words(text: str) -> None:
    """Raise ValidationError for a text with more words than any that somebody writes."""
    if len(text) <= 2 * MAX_DIFFERENT_WORDS:  # as nearly all: there is a sign between two words
        return
    count, different = count_words(text)
    if count > MAX_WORDS:
        raise ValidationError(
            Message(
                "This has {count:,} words; at most {most:,} are checked at once. "
                "Split the text, and check the parts.",
                count=count,
                most=MAX_WORDS,
            )
        )
    if different > MAX_DIFFERENT_WORDS:
        raise ValidationError(
            Message(
                "This has {count:,} different words; at most {most:,} are checked at once. "
                "Split the text, and check the parts.",
                count=different,
                most=MAX_DIFFERENT_WORDS,
            )
        )


class ZonedDateTime(fields.AwareDateTime):
    """A moment with its time zone, which it keeps; it may be in the past or in the future."""

    default_error_messages = dict.fromkeys(
        ("invalid", "invalid_awareness"),
        Message("Write a date and time with its time zone, such as 2027-09-11T09:00:00-04:00."),
    )

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> datetime:
        moment = super()._deserialize(value, attr, data, **kw)
        assert moment is not None
        if moment.year not in _YEARS:
            raise ValidationError(
                Message("Write a year from {first} to {last}.", first=_YEARS[0], last=_YEARS[-1])
            )
        return moment


class FreeObject(fields.Dict):
    """An object whose members another part of the service checks: here, only that it can be stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(keys=fields.String(), **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> dict[Any, Any]:
        members: dict[Any, Any] = super()._deserialize(value, attr, data, **kw)  # type: ignore[no-untyped-call]
        for text in _texts_in(members, MAX_NESTING):
            if (character := forbidden_character(text)) is not None:
                raise ValidationError(
                    Message("The character {character} cannot be stored. Remove it.", character=character)
                )
        return compose(members)


def _texts_in(value: Any, levels: int) -> Iterator[str]:
    """The texts in a value at any depth, keys included. Raises ValidationError beyond some levels."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        if levels == 0:
            raise ValidationError(
                Message("At most {most} levels of lists and objects are allowed.", most=MAX_NESTING)
            )
        for item in value:
            yield from _texts_in(item, levels - 1)
        if isinstance(value, dict):
            yield from _texts_in([*value.values()], levels)


class DraftSchema(InputSchema):
    """A draft: a post, an ad or a mail before it is published. Only the text is required."""

    text = DraftText(required=True)
    language = Language(allow_none=True, metadata=describe("Default: detected from the text."))
    platform = Text(100, allow_none=True, metadata=describe("A key of the namespace `platform`."))
    audience = Text(500, allow_none=True, metadata=describe("Who it is meant for, in words."))
    audience_countries = LimitedList(
        Country(),
        max_length=MAX_COUNTRIES,
        allow_none=True,
        metadata=describe("Two-letter codes (ISO 3166-1) of the countries whose calendars count."),
    )
    account = Text(200, allow_none=True, metadata=describe("The account that will publish it."))
    organization = Text(200, allow_none=True)
    industry = Text(100, allow_none=True, metadata=describe("A key of the namespace `industry`."))
    scheduled_at = ZonedDateTime(
        allow_none=True, metadata=describe("With the time zone of its audience; it may be past.")
    )
    links = LimitedList(
        Text(2_000, min_length=1),
        max_length=MAX_LINKS,
        allow_none=True,
        metadata=describe("Links that go out with the text but do not stand in it."),
    )
    kind = fields.String(
        allow_none=True, validate=one_of(DraftKind), metadata=describe("What it is to become.")
    )
    approvers = LimitedList(
        Text(200, min_length=1),
        max_length=MAX_APPROVERS,
        allow_none=True,
        metadata=describe("Who signed it off."),
    )

    @post_load
    def _leave_out_unknown(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value not in (None, "", [])}


class GuardExamplesInputSchema(InputSchema):
    """The drafts that a guard is tested against whenever it is stored."""

    bad = LimitedList(
        CompleteNested(DraftSchema),
        max_length=MAX_EXAMPLES,
        load_default=list,
        metadata=describe("Drafts that the guard must find. At least one, unless its type is `approval`."),
    )
    good = LimitedList(
        CompleteNested(DraftSchema),
        max_length=MAX_EXAMPLES,
        load_default=list,
        metadata=describe("Drafts that it must let pass. At least one, unless its type is `approval`."),
    )

    @validates_schema(skip_on_field_errors=True)
    def _bound(self, data: Mapping[str, Any], **_: Any) -> None:
        require_short_examples([data], "bad")


def require_short_examples(guards: Iterable[Mapping[str, Any]], field: str) -> None:
    """Raise ValidationError, of a field, for examples of some guards that are too long to be analyzed."""
    drafts = (draft for examples in guards for kind in ("bad", "good") for draft in examples[kind])
    count = sum(plain_length(draft["text"]) for draft in drafts)
    if count > MAX_EXAMPLE_CHARACTERS:
        message = Message(
            "The examples have {count:,} characters in all; at most {most:,} are tested. "
            "Shorten them, or leave some out.",
            count=count,
            most=MAX_EXAMPLE_CHARACTERS,
        )
        raise ValidationError(message, field)


def _require_language(texts: Mapping[str, str]) -> None:
    if not texts:
        raise ValidationError(Message("Write the message in at least one language, such as en or he."))


class GuardInputSchema(InputSchema):
    """A guard: what to look for in drafts, and what to say where it is found."""

    title = LanguageDict(
        Text(MAX_NAME_LENGTH, min_length=1),
        load_default=dict,
        metadata=describe("What it is called, by language. Without it, its message is its name."),
    )
    type = fields.String(required=True, validate=one_of(GuardType))
    severity = fields.String(
        required=True,
        validate=one_of(Severity),
        metadata=describe("`stop` is for what is certainly wrong; a date alone never stops."),
    )
    message = LanguageDict(
        Text(MAX_MESSAGE_LENGTH, min_length=1),
        required=True,
        validate=_require_language,
        metadata={
            "minProperties": 1,
            **describe("What is wrong, by language. `{text}` stands for the text that was found."),
        },
    )
    suggestion = LanguageDict(
        Text(MAX_MESSAGE_LENGTH, min_length=1),
        load_default=dict,
        metadata=describe("What to do instead, by language."),
    )
    parameters = FreeObject(load_default=dict, metadata=describe("What to look for. It depends on the type."))
    countries = LimitedList(
        Country(),
        max_length=MAX_COUNTRIES,
        load_default=list,
        metadata=describe("The audiences that it applies to, by two-letter codes. Empty: all."),
    )
    platforms = LimitedList(
        Text(100, min_length=1),
        max_length=MAX_PLATFORMS,
        load_default=list,
        metadata=describe("Keys of the namespace `platform`. Empty: all."),
    )
    accounts = LimitedList(
        Text(200, min_length=1),
        max_length=MAX_ACCOUNTS,
        load_default=list,
        metadata=describe("The accounts that it applies to. Empty: all."),
    )
    active = StrictBoolean(load_default=True, metadata=describe("Whether checks use it. Default: true."))
    examples = CompleteNested(
        GuardExamplesInputSchema, load_default=lambda: GuardExamplesInputSchema().load({})
    )


_OPTIONAL = {"optional": True}


class ExampleDraftSchema(OutputSchema):
    """A draft that a guard is tested against, with what is known of its publication."""

    text = fields.String()
    language = fields.String(metadata=_OPTIONAL)
    platform = fields.String(metadata=_OPTIONAL)
    audience = fields.String(metadata=_OPTIONAL)
    audience_countries = fields.List(fields.String(), metadata=_OPTIONAL)
    account = fields.String(metadata=_OPTIONAL)
    organization = fields.String(metadata=_OPTIONAL)
    industry = fields.String(metadata=_OPTIONAL)
    scheduled_at = fields.String(metadata={**_OPTIONAL, "format": "date-time"})
    links = fields.List(fields.String(), metadata=_OPTIONAL)
    kind = fields.String(validate=one_of(DraftKind), metadata=_OPTIONAL)
    approvers = fields.List(fields.String(), metadata=_OPTIONAL)


class GuardExamplesSchema(OutputSchema):
    """The drafts that a guard must find, and those that it must let pass."""

    bad = fields.List(fields.Nested(ExampleDraftSchema))
    good = fields.List(fields.Nested(ExampleDraftSchema))


class GuardSchema(OutputSchema):
    """The guard of a lesson. It counts in checks while its incident is published."""

    title = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={**_OPTIONAL, **describe("What it is called, by language; it may have no title.")},
    )
    type = fields.String(validate=one_of(GuardType))
    severity = fields.String(validate=one_of(Severity))
    message = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata=describe("What is wrong, by language.")
    )
    suggestion = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata=describe("What to do instead, by language.")
    )
    parameters = fields.Dict(metadata=describe("What it looks for. It depends on the type."))
    countries = fields.List(fields.String(), metadata=describe("Empty: all."))
    platforms = fields.List(fields.String(), metadata=describe("Empty: all."))
    accounts = fields.List(fields.String(), metadata=describe("Empty: all."))
    active = fields.Boolean(metadata=describe("Whether checks use it."))
    examples = fields.Nested(GuardExamplesSchema)
