"""Guards in requests, and the guards of lessons in responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validates_schema

from kb.domain.draft import MAX_COUNTRIES, DraftKind
from kb.domain.guard import (
    MAX_EXAMPLE_CHARACTERS,
    MAX_EXAMPLES,
    MAX_MESSAGE_LENGTH,
    MAX_NAME_LENGTH,
    GuardOrigin,
    GuardType,
    Severity,
)
from kb.domain.text import compose, plain_length
from kb.messages import Message
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.country import Country
from kb.schemas.drafts import DraftSchema
from kb.schemas.fields import (
    CompleteNested,
    LimitedList,
    StrictBoolean,
    Text,
    describe,
    one_of,
    require_storable,
)
from kb.schemas.language_fields import LanguageTexts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_ACCOUNTS = 100
MAX_PLATFORMS = 50
MAX_PARAMETERS = 100
"""Far more than any type of guard has. More are refused before any is looked at."""

MAX_NESTING = 5
"""Maximum nesting depth of lists and objects in the parameters of a guard."""


class FreeObject(fields.Dict):
    """An object whose members are validated elsewhere; here, only that they can be stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(keys=fields.String(), **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> dict[Any, Any]:
        if isinstance(value, dict) and len(value) > MAX_PARAMETERS:
            raise ValidationError(
                Message(
                    "Send at most {most} parameters; these are {count}.",
                    most=MAX_PARAMETERS,
                    count=len(value),
                )
            )
        members: dict[Any, Any] = super()._deserialize(value, attr, data, **kw)  # type: ignore[no-untyped-call]
        _require_shallow(members, MAX_NESTING)
        require_storable(members)
        return compose(members)


def _require_shallow(value: Any, levels: int) -> None:
    """Raise ValidationError for lists and objects beyond some levels."""
    if not isinstance(value, (dict, list)):
        return
    if levels == 0:
        raise ValidationError(
            Message("At most {most} levels of lists and objects are allowed.", most=MAX_NESTING)
        )
    for item in value.values() if isinstance(value, dict) else value:
        _require_shallow(item, levels - 1)


class GuardQuerySchema(InputSchema):
    """Filters for guards: words in their texts, and properties."""

    q = Text(200, load_default="")
    type = fields.String(validate=one_of(GuardType))
    severity = fields.String(validate=one_of(Severity))
    origin = fields.String(validate=one_of(GuardOrigin))


class GuardExamplesInputSchema(InputSchema):
    """The drafts that a guard is tested against whenever it is stored."""

    bad = LimitedList(
        CompleteNested(DraftSchema),
        max_length=MAX_EXAMPLES,
        load_default=list,
        metadata=describe("Drafts that the guard must flag. At least one, unless its type is `approval`."),
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
    """Raise ValidationError for a field if examples of guards are too long in total to be analyzed."""
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
    """A guard: what to look for in drafts, and the message of its findings."""

    title = LanguageTexts(
        Text(MAX_NAME_LENGTH, min_length=1),
        load_default=dict,
        metadata=describe(
            "Its title by language, or just a text in English or Hebrew. Default: its message."
        ),
    )
    type = fields.String(required=True, validate=one_of(GuardType))
    severity = fields.String(
        required=True,
        validate=one_of(Severity),
        metadata=describe("`stop` is for certain mistakes; a date alone never stops a draft."),
    )
    message = LanguageTexts(
        Text(MAX_MESSAGE_LENGTH, min_length=1),
        required=True,
        validate=_require_language,
        metadata={
            "minProperties": 1,
            **describe(
                "What is wrong, by language, or just a text in English or Hebrew. `{text}` is the text that "
                "was found."
            ),
        },
    )
    suggestion = LanguageTexts(
        Text(MAX_MESSAGE_LENGTH, min_length=1),
        load_default=dict,
        metadata=describe("What to do instead, by language, or just a text in English or Hebrew."),
    )
    parameters = FreeObject(load_default=dict, metadata=describe("What to look for. It depends on the type."))
    countries = LimitedList(
        Country(),
        max_length=MAX_COUNTRIES,
        load_default=list,
        metadata=describe(
            "The countries of the audiences that it applies to, as two-letter codes. Empty: all."
        ),
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
    """A draft that a guard is tested against, with what is known about its publication."""

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
    """The drafts that a guard must flag, and those that it must let pass."""

    bad = fields.List(fields.Nested(ExampleDraftSchema))
    good = fields.List(fields.Nested(ExampleDraftSchema))


class GuardSchema(OutputSchema):
    """The guard of a lesson. Checks use it while its incident is published."""

    title = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={**_OPTIONAL, **describe("Its title by language; empty if it has none.")},
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


class NamedGuardSchema(GuardSchema):
    """A guard that applies to your drafts."""

    key = fields.String(metadata=describe("`lesson:12` for the guard of a lesson."))


class GuardListSchema(OutputSchema):
    """The guards that apply to your drafts, sorted by key."""

    items = fields.List(fields.Nested(NamedGuardSchema))
    ruleset = fields.String(metadata=describe("Hash of the guards and of the data they depend on."))
