"""The results of checks of drafts."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.guard import Severity, Verdict
from kb.schemas.base import OutputSchema
from kb.schemas.fields import describe, one_of
from kb.schemas.incident import CardSchema, ImpactSchema

MAX_REASON_LENGTH = 500

_NOT_KEPT = "Null where the text of the draft is not kept."


class SpanSchema(OutputSchema):
    """A part of a draft, in code points of the text as sent; `end` is exclusive."""

    start = fields.Integer()
    end = fields.Integer()
    text = fields.String(allow_none=True, metadata=describe(_NOT_KEPT))


class CheckLessonSchema(OutputSchema):
    """A lesson of an incident, in one language."""

    id = fields.Integer()
    text = fields.String()
    language = fields.String()


class FindingSchema(OutputSchema):
    """A finding of a guard in a draft. `span` is null if the finding concerns the draft as a whole."""

    guard = fields.String(
        metadata=describe(
            "Key of the guard; `lesson:12` for that of a lesson, `lesson:hidden` if you may not see it."
        )
    )
    severity = fields.String(validate=one_of(Severity))
    message = fields.String(allow_none=True, metadata=describe(_NOT_KEPT))
    suggestion = fields.String(allow_none=True)
    span = fields.Nested(SpanSchema, allow_none=True)
    lesson = fields.Nested(CheckLessonSchema, allow_none=True)
    incident = fields.Nested(CardSchema, allow_none=True)
    folded_into = fields.Integer(
        allow_none=True,
        metadata=describe(
            "The number, from 1, of a more severe finding that says nearly the same about the same words, "
            "below which to show this one; null for a finding of its own."
        ),
    )


class ReceiptSuppressedSchema(OutputSchema):
    """A suppression in the request: whether it applies, and the number and spans of the findings that it
    removed.
    """

    guard = fields.String()
    reason = fields.String()
    until = fields.String(allow_none=True, metadata={"format": "date"})
    active = fields.Boolean()
    findings = fields.Integer()
    spans = fields.List(
        fields.Nested(SpanSchema, allow_none=True),
        metadata=describe("The span of each finding; null for one that concerns the draft as a whole."),
    )


class SuppressedSchema(ReceiptSuppressedSchema):
    """A suppression in the request, and a notice if it has no effect."""

    notice = fields.String(
        allow_none=True,
        metadata=describe(
            "Says that no active guard has this key, with the nearest key, or that the suppression has "
            "expired; null for one that applies."
        ),
    )


class TouchedThemeSchema(OutputSchema):
    """A subject that a draft touches, with the spans."""

    key = fields.String()
    label = fields.String()
    spans = fields.List(fields.Nested(SpanSchema))


class ReceiptReasonsSchema(OutputSchema):
    """What a draft shares with a precedent, by key."""

    words = fields.List(fields.String())
    themes = fields.List(fields.String())
    failure_modes = fields.List(fields.String())
    platform = fields.String(allow_none=True)
    guards = fields.List(
        fields.String(), metadata=describe("The guards of the incident's own lessons that found something.")
    )


class ReasonsSchema(ReceiptReasonsSchema):
    """What a draft shares with a precedent, with the names of the themes."""

    labels = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata=describe("The name of each theme.")
    )
    example = fields.String(
        allow_none=True,
        metadata=describe("The example draft of the incident that the draft resembles, if any."),
    )


class ReceiptPrecedentSchema(OutputSchema):
    """An incident that a draft resembles, as stored in a receipt."""

    incident = fields.Nested(CardSchema)
    strength = fields.String(
        validate=validate.OneOf(["strong", "weak"]),
        metadata=describe(
            "`strong`: one of the incident's own guards found something, it shares the subject of a "
            "finding, or it shares two subjects touched by different words, one of them sensitive."
        ),
    )
    score = fields.Float()
    why = fields.Nested(ReceiptReasonsSchema)


class PrecedentSchema(ReceiptPrecedentSchema):
    """An incident that a draft resembles, with its outcome. A precedent is not a finding."""

    why = fields.Nested(ReasonsSchema)
    lessons = fields.List(fields.Nested(CheckLessonSchema))
    outcome = fields.String()
    cost = fields.List(fields.Nested(ImpactSchema))


class ResponseCountSchema(OutputSchema):
    """How often a response occurred."""

    kind = fields.String()
    count = fields.Integer()


class MedianMinutesSchema(OutputSchema):
    """Median minutes; null if they are known for no incident."""

    acknowledge = fields.Float(allow_none=True)
    remove = fields.Float(allow_none=True)


class PlaybookSchema(OutputSchema):
    """The responses in the strong precedents, and how fast they came."""

    incidents = fields.Integer()
    responses = fields.List(fields.Nested(ResponseCountSchema))
    median_minutes = fields.Nested(MedianMinutesSchema)


class DraftNoteSchema(OutputSchema):
    """A note for the author of a draft, besides its findings. It does not affect the verdict."""

    pointer = fields.String(metadata=describe("JSON pointer to the field of the draft."))
    detail = fields.String()


class CheckResultSchema(OutputSchema):
    """The result of a check. Only its findings determine the verdict."""

    id = fields.Integer(
        allow_none=True, metadata=describe("The id of the receipt; null for a caller who is not signed in.")
    )
    verdict = fields.String(validate=one_of(Verdict))
    findings = fields.List(fields.Nested(FindingSchema))
    suppressed = fields.List(fields.Nested(SuppressedSchema))
    themes = fields.List(fields.Nested(TouchedThemeSchema))
    precedents = fields.List(fields.Nested(PrecedentSchema))
    playbook = fields.Nested(PlaybookSchema)
    ruleset = fields.String(metadata=describe("Hash of the guards and of the data they depend on."))
    position = fields.Integer(metadata=describe("The last change that was taken into account (`/changes`)."))
    notes = fields.List(
        fields.Nested(DraftNoteSchema),
        metadata=describe("Anything unusual in the draft's fields, such as a scheduled time in the past."),
    )
    notice = fields.String()
