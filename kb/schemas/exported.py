"""The lines of an export, as the API documents them."""

from __future__ import annotations

from marshmallow import fields

from kb.domain.follow_up import FollowUpStatus
from kb.domain.incident import Operation, Status
from kb.domain.workflow import Step
from kb.schemas.base import OutputSchema
from kb.schemas.fields import describe, one_of
from kb.schemas.incident import IncidentSchema

_MOMENT = {"format": "date-time"}
_WITH_HISTORY = {"optional": True, **describe("Only with `history=true`.")}
_FOR_TEAM = {"optional": True, **describe("Only for those who may read it.")}


class ExportedLessonSchema(OutputSchema):
    """A lesson in a language other than the original's."""

    id = fields.Integer()
    text = fields.String()


class ExportedTranslationSchema(OutputSchema):
    """The texts of an incident in a language other than the original's."""

    title = fields.String()
    summary = fields.String()
    why_failure = fields.String()
    cause = fields.String()
    outcome = fields.String()
    alternative = fields.String()
    severity_evidence = fields.String()
    audience = fields.String()
    version = fields.Integer(metadata=describe("The version of the incident in which they were written."))
    lessons = fields.List(fields.Nested(ExportedLessonSchema))


class ExportedCollectionSchema(OutputSchema):
    """The collection that an exported incident is from."""

    version = fields.String()
    titles = fields.Dict(keys=fields.String(), values=fields.String(), metadata=describe("By language."))
    descriptions = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata=describe("By language.")
    )
    license = fields.String()
    contact = fields.String()
    added_at = fields.String(metadata=_MOMENT)
    updated_at = fields.String(metadata=_MOMENT)
    removed_at = fields.String(allow_none=True, metadata=_MOMENT)


class ExportedCommentSchema(OutputSchema):
    """A comment on an exported incident."""

    about = fields.String(allow_none=True)
    text = fields.String()
    internal = fields.Boolean()
    author = fields.String()
    created_at = fields.String(metadata=_MOMENT)
    resolved_at = fields.String(allow_none=True, metadata=_MOMENT)
    resolved_by = fields.String(allow_none=True)


class ExportedEventSchema(OutputSchema):
    """A step of the workflow that an exported incident has taken."""

    step = fields.String(validate=one_of(Step))
    version = fields.Integer()
    before = fields.String(validate=one_of(Status))
    after = fields.String(validate=one_of(Status))
    author = fields.String()
    comment = fields.String(allow_none=True)
    overridden = fields.List(fields.String())
    at = fields.String(metadata=_MOMENT)


class ExportedActionSchema(OutputSchema):
    """A follow-up action of an exported incident."""

    title = fields.String()
    owner = fields.String(allow_none=True)
    lesson = fields.Integer(allow_none=True)
    due_on = fields.String(allow_none=True, metadata={"format": "date"})
    status = fields.String(validate=one_of(FollowUpStatus))
    author = fields.String()
    created_at = fields.String(metadata=_MOMENT)
    updated_at = fields.String(metadata=_MOMENT)
    completed_at = fields.String(allow_none=True, metadata=_MOMENT)


class ExportedPairSchema(OutputSchema):
    """An incident with a lower id that was marked as distinct from an exported one."""

    incident = fields.Integer()
    author = fields.String()
    at = fields.String(metadata=_MOMENT)


class ExportedAliasSchema(OutputSchema):
    """One of the names of an exported incident's organization."""

    alias = fields.String()
    organization = fields.String()
    created_at = fields.String(metadata=_MOMENT)
    version = fields.Integer()


class ExportedRevisionSchema(OutputSchema):
    """A revision of an exported incident."""

    number = fields.Integer()
    operation = fields.String(validate=one_of(Operation))
    author = fields.String()
    words_of = fields.List(
        fields.String(), metadata=describe("Other authors whose text the edit brought in.")
    )
    comment = fields.String(allow_none=True)
    at = fields.String(metadata=_MOMENT)
    snapshot = fields.Dict()


class ExportedIncidentSchema(IncidentSchema):
    """A line of an export: an incident in its original language, with everything that belongs to it."""

    export = fields.Integer(metadata=describe("The version of this format."))
    text_version = fields.Integer(
        metadata=describe("The version in which the original texts were last written.")
    )
    translations = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(ExportedTranslationSchema),
        metadata=describe("By language."),
    )
    team_name = fields.String()
    collection_head = fields.Nested(ExportedCollectionSchema, allow_none=True)
    was_public = fields.Boolean(metadata=describe("Whether it was ever visible outside its team."))
    comments = fields.List(fields.Nested(ExportedCommentSchema))
    review_events = fields.List(fields.Nested(ExportedEventSchema), metadata=_FOR_TEAM)
    actions = fields.List(fields.Nested(ExportedActionSchema), metadata=_FOR_TEAM)
    distinct_from = fields.List(fields.Nested(ExportedPairSchema), metadata=_WITH_HISTORY)
    organization_aliases = fields.List(fields.Nested(ExportedAliasSchema), metadata=_WITH_HISTORY)
    revisions = fields.List(fields.Nested(ExportedRevisionSchema), metadata=_WITH_HISTORY)

    class Meta(IncidentSchema.Meta):
        exclude = ("url", "notes", "passed_check", "proposal", "language_source", "likely_duplicates")
