"""The parts of an incident in a request besides its texts: lessons, sources, responses, impacts."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.incident import ImpactKind, SourceKind
from kb.messages import Message
from kb.schemas.base import InputSchema
from kb.schemas.fields import (
    Amount,
    CompleteNested,
    HttpUrl,
    PastDate,
    StrictBoolean,
    StrictInteger,
    Text,
    describe,
    one_of,
)
from kb.schemas.guards import GuardInputSchema

MAX_LESSON_LENGTH = 2_000


class LessonTextSchema(InputSchema):
    """A lesson in one language."""

    text = Text(MAX_LESSON_LENGTH, required=True)


class LessonInputSchema(LessonTextSchema):
    """A lesson, in the language of the request."""

    guard = CompleteNested(
        GuardInputSchema,
        allow_none=True,
        metadata=describe("The guard that finds the same failure in drafts, in any language."),
    )


class LessonPatchSchema(LessonInputSchema):
    """A lesson. With the `id` of an existing lesson it replaces its text and keeps its translations.

    Without a `guard`, a lesson with an `id` or the same text keeps its guard; null removes it.
    """

    id = StrictInteger(metadata=describe("The lesson to replace. Omit it for a new lesson."))


class SourceInputSchema(InputSchema):
    """A source for the facts."""

    title = Text(500, required=True)
    publisher = Text(200, allow_none=True, load_default=None)
    url = HttpUrl()
    archive_url = HttpUrl()
    published_on = PastDate()
    kind = fields.String(load_default=SourceKind.NEWS.value, validate=one_of(SourceKind))


class ResponseInputSchema(InputSchema):
    """A step of the organization's response."""

    kind = Text(100, required=True, metadata=describe("A key of the namespace `response`."))
    at = PastDate()


class ImpactInputSchema(InputSchema):
    """A cost of the incident. `amount` is null if unknown."""

    kind = fields.String(required=True, validate=one_of(ImpactKind))
    amount = Amount(allow_none=True, load_default=None, validate=validate.Range(min=-1e15, max=1e15))
    currency = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Regexp(
            r"[A-Z]{3}\Z", error=Message("Write a three-letter currency code such as USD.")
        ),
    )
    alleged = StrictBoolean(load_default=False)
    source = Text(200, allow_none=True, load_default=None)
