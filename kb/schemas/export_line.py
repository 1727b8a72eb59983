"""The fields of an export's line beyond those that every import accepts: identity, authors, times, reviews
and history."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from marshmallow import EXCLUDE, ValidationError, fields, validate, validates_schema

from kb.domain.follow_up import FollowUpStatus
from kb.domain.incident import Operation, Status
from kb.domain.workflow import Step
from kb.messages import Message
from kb.schemas.base import InputSchema
from kb.schemas.comments import MAX_COMMENT_LENGTH
from kb.schemas.fields import (
    CompleteNested,
    IsoDate,
    StrictBoolean,
    StrictInteger,
    Text,
    one_of,
    require_storable,
)
from kb.schemas.incident import IncidentSchema
from kb.schemas.incident_input import IncidentImportSchema
from kb.schemas.language_fields import LanguageDict

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT_VERSION = 1
"""The version of the line format that this program writes and reads."""

_MAX_REASON = 20_000
"""Maximum length of a comment on a step or a revision: more than any version has ever accepted."""


class _Moment(fields.AwareDateTime):
    """A date and time in UTC; null only where it may be unknown."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **{"required": True, **kwargs})


class _Optional(_Moment):
    def __init__(self) -> None:
        super().__init__(required=False, allow_none=True, load_default=None)


class _Snapshot(fields.Dict):
    """The snapshot of a revision: an object of any form whose texts can be stored."""

    def __init__(self) -> None:
        super().__init__(keys=fields.String(), required=True)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> dict[Any, Any]:
        members: dict[Any, Any] = super()._deserialize(value, attr, data, **kw)  # type: ignore[no-untyped-call]
        require_storable(members)
        return members


class _RecordSchema(InputSchema):
    """A record from another installation."""

    class Meta:
        unknown = EXCLUDE

    author = Text(200, required=True)


class CommentRecordSchema(_RecordSchema):
    """A comment."""

    about = Text(40, allow_none=True, load_default=None)
    text = Text(MAX_COMMENT_LENGTH, required=True)
    internal = StrictBoolean(required=True)
    created_at = _Moment()
    resolved_at = _Optional()
    resolved_by = Text(200, allow_none=True, load_default=None)


class ReviewEventRecordSchema(_RecordSchema):
    """A step of the workflow."""

    step = fields.String(required=True, validate=one_of(Step))
    version = StrictInteger(required=True, validate=validate.Range(1))
    before = fields.String(required=True, validate=one_of(Status))
    after = fields.String(required=True, validate=one_of(Status))
    comment = Text(_MAX_REASON, allow_none=True, load_default=None)
    overridden = fields.List(Text(100), load_default=list)
    at = _Moment()


class ActionRecordSchema(_RecordSchema):
    """A follow-up action."""

    title = Text(500, required=True)
    owner = Text(200, allow_none=True, load_default=None)
    lesson = StrictInteger(allow_none=True, load_default=None)
    due_on = IsoDate(allow_none=True, load_default=None)
    status = fields.String(required=True, validate=one_of(FollowUpStatus))
    created_at = _Moment()
    updated_at = _Moment()
    completed_at = _Optional()


class RevisionRecordSchema(_RecordSchema):
    """A revision, with its snapshot as it was stored."""

    number = StrictInteger(required=True, validate=validate.Range(1))
    operation = fields.String(required=True, validate=one_of(Operation))
    words_of = fields.List(Text(200), load_default=list)
    comment = Text(_MAX_REASON, allow_none=True, load_default=None)
    at = _Moment()
    snapshot = _Snapshot()


class DistinctPairRecordSchema(_RecordSchema):
    """An incident that was marked as distinct."""

    incident = StrictInteger(required=True, validate=validate.Range(1))
    at = _Moment()


class AliasRecordSchema(InputSchema):
    """Another name of an organization."""

    class Meta:
        unknown = EXCLUDE

    alias = Text(200, required=True)
    organization = Text(200, required=True)
    created_at = _Moment()
    version = StrictInteger(required=True, validate=validate.Range(1))


class CollectionHeadRecordSchema(InputSchema):
    """The metadata of a collection, and when it was added."""

    class Meta:
        unknown = EXCLUDE

    version = Text(40, required=True)
    titles = LanguageDict(Text(1_000), required=True)
    descriptions = LanguageDict(Text(_MAX_REASON), required=True)
    license = Text(200, required=True)
    contact = Text(200, required=True)
    added_at = _Moment()
    updated_at = _Moment()
    removed_at = _Optional()


class _LessonIdSchema(InputSchema):
    class Meta:
        unknown = EXCLUDE

    id = StrictInteger(required=True, validate=validate.Range(1))


class _TextVersionSchema(InputSchema):
    class Meta:
        unknown = EXCLUDE

    version = StrictInteger(required=True, validate=validate.Range(1))


class ExportLineSchema(_RecordSchema):
    """The fields of an export's line beyond the content of the incident."""

    export = fields.Raw(required=True)
    id = StrictInteger(required=True, validate=validate.Range(1))
    version = StrictInteger(required=True, validate=validate.Range(1))
    text_version = StrictInteger(required=True, validate=validate.Range(1))
    team = Text(80, required=True)
    team_name = Text(200, required=True)
    collection = Text(80, allow_none=True, load_default=None)
    collection_head = CompleteNested(CollectionHeadRecordSchema, allow_none=True, load_default=None)
    status = fields.String(required=True, validate=one_of(Status))
    duplicate_of = StrictInteger(allow_none=True, load_default=None)
    was_public = StrictBoolean(required=True)
    created_at = _Moment()
    updated_at = _Moment()
    published_at = _Optional()
    lessons = fields.List(CompleteNested(_LessonIdSchema), required=True)
    translations = fields.Dict(keys=fields.String(), values=CompleteNested(_TextVersionSchema), required=True)
    comments = fields.List(CompleteNested(CommentRecordSchema), load_default=list)
    review_events = fields.List(CompleteNested(ReviewEventRecordSchema), load_default=list)
    actions = fields.List(CompleteNested(ActionRecordSchema), load_default=list)
    distinct_from = fields.List(CompleteNested(DistinctPairRecordSchema), load_default=list)
    organization_aliases = fields.List(CompleteNested(AliasRecordSchema), allow_none=True, load_default=None)
    revisions = fields.List(CompleteNested(RevisionRecordSchema), load_default=list)

    @validates_schema(skip_on_field_errors=True)
    def _check_version(self, data: dict[str, Any], **_: Any) -> None:
        if data["export"] != FORMAT_VERSION:
            raise ValidationError(
                Message("A later version of kb has written this line. Import it with that version."), "export"
            )


READ_ONLY = frozenset({*IncidentSchema().fields, *ExportLineSchema().fields}) - {
    *IncidentImportSchema().fields
}
"""The fields of incidents in responses and exports that an import does not write."""
