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
    """A part of a draft, in code points of the text as sent; `end` is the one after the last."""

    start = fields.Integer()
    end = fields.Integer()
    text = fields.String(allow_none=True, metadata=describe(_NOT_KEPT))


class CheckLessonSchema(OutputSchema):
    """A lesson of an incident, in one language."""

    id = fields.Integer()
    text = fields.String()
    language = fields.String()


class FindingSchema(OutputSchema):
    """What a guard found in a draft. `span` is null for what concerns the draft as a whole."""

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
            "The place, from 1 among the findings of the check, of a graver one that says nearly the same of "
            "the same words; null for a finding that stands for itself. Show it below that one."
        ),
    )


class ReceiptSuppressedSchema(OutputSchema):
    """A suppression of the request: whether it holds, how many findings it took away, and where they were."""

    guard = fields.String()
    reason = fields.String()
    until = fields.String(allow_none=True, metadata={"format": "date"})
    active = fields.Boolean()
    findings = fields.Integer()
    spans = fields.List(
        fields.Nested(SpanSchema, allow_none=True),
        metadata=describe("The place of each finding; null for one that concerns the draft as a whole."),
    )


class SuppressedSchema(ReceiptSuppressedSchema):
    """A suppression of the request, and whether it can leave anything out."""

    notice = fields.String(
        allow_none=True,
        metadata=describe(
            "That no active guard has this key, with the nearest one, or that the suppression has run out; "
            "null for one that holds."
        ),
    )


class TouchedThemeSchema(OutputSchema):
    """A subject that a draft touches, and where."""

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
        fields.String(), metadata=describe("The guards of its own lessons that found something.")
    )


class ReasonsSchema(ReceiptReasonsSchema):
    """What a draft shares with a precedent, and what its themes are called."""

    labels = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata=describe("The name of each theme.")
    )
    example = fields.String(
        allow_none=True,
        metadata=describe("The example draft of the incident that the draft reads like, if it does."),
    )


class ReceiptPrecedentSchema(OutputSchema):
    """An incident that a draft resembles, as a receipt keeps it."""

    incident = fields.Nested(CardSchema)
    strength = fields.String(
        validate=validate.OneOf(["strong", "weak"]),
        metadata=describe(
            "`strong`: a guard of its own found something, a finding is about a subject that it shares, or "
            "it shares two that different words touch, one of them sensitive."
        ),
    )
    score = fields.Float()
    why = fields.Nested(ReceiptReasonsSchema)


class PrecedentSchema(ReceiptPrecedentSchema):
    """An incident that a draft resembles, and what came of it. A precedent is not a finding."""

    why = fields.Nested(ReasonsSchema)
    lessons = fields.List(fields.Nested(CheckLessonSchema))
    outcome = fields.String()
    cost = fields.List(fields.Nested(ImpactSchema))


class ResponseCountSchema(OutputSchema):
    """How often a response was given."""

    kind = fields.String()
    count = fields.Integer()


class MedianMinutesSchema(OutputSchema):
    """Median minutes; null where no incident's are known."""

    acknowledge = fields.Float(allow_none=True)
    remove = fields.Float(allow_none=True)


class PlaybookSchema(OutputSchema):
    """What was done in the precedents, and how fast."""

    incidents = fields.Integer()
    responses = fields.List(fields.Nested(ResponseCountSchema))
    median_minutes = fields.Nested(MedianMinutesSchema)


class DraftNoteSchema(OutputSchema):
    """What the author of a draft should know beside its findings. It leaves the verdict as it is."""

    pointer = fields.String(metadata=describe("JSON pointer to the field of the draft."))
    detail = fields.String()


class CheckResultSchema(OutputSchema):
    """The result of a check. The verdict comes from its findings alone."""

    id = fields.Integer(
        allow_none=True, metadata=describe("The receipt; null for a caller who is not signed in.")
    )
    verdict = fields.String(validate=one_of(Verdict))
    findings = fields.List(fields.Nested(FindingSchema))
    suppressed = fields.List(fields.Nested(SuppressedSchema))
    themes = fields.List(fields.Nested(TouchedThemeSchema))
    precedents = fields.List(fields.Nested(PrecedentSchema))
    playbook = fields.Nested(PlaybookSchema)
    ruleset = fields.String(metadata=describe("Hash of the guards and of the data that they use."))
    position = fields.Integer(metadata=describe("The last change that was considered (`/changes`)."))
    notes = fields.List(
        fields.Nested(DraftNoteSchema),
        metadata=describe("What is unusual in the draft's fields, such as a scheduled time that has passed."),
    )
    notice = fields.String()
