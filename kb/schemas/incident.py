"""An incident as it goes out: a card, the whole in one language, its history."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, pre_dump

from kb.config import incident_url
from kb.domain.dates import DatePrecision
from kb.domain.incident import Confidence, ImpactKind, Kind, SourceKind, Status, Visibility
from kb.schemas.fields import OutputSchema, one_of


def _describe(text: str) -> dict[str, str]:
    return {"description": text}


class LessonSchema(OutputSchema):
    """A lesson; `language` is the one that this text is in."""

    id = fields.Integer()
    text = fields.String()
    language = fields.String()


class SourceSchema(OutputSchema):
    """Where a fact comes from."""

    title = fields.String()
    publisher = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    archive_url = fields.String(allow_none=True)
    published_on = fields.String(allow_none=True, metadata={"format": "date"})
    kind = fields.String(validate=one_of(SourceKind))


class ResponseSchema(OutputSchema):
    """One step of the organization's answer."""

    kind = fields.String()
    at = fields.String(allow_none=True, metadata={"format": "date"})


class ImpactSchema(OutputSchema):
    """What it cost."""

    kind = fields.String(validate=one_of(ImpactKind))
    amount = fields.Float(allow_none=True)
    currency = fields.String(allow_none=True)
    alleged = fields.Boolean()
    source = fields.String(allow_none=True)


class CardSchema(OutputSchema):
    """An incident at a glance, as lists and search show it."""

    id = fields.Integer()
    url = fields.String(metadata=_describe("Where the whole incident is."))
    slug = fields.String()
    kind = fields.String(validate=one_of(Kind))
    status = fields.String(validate=one_of(Status))
    organization = fields.String()
    title = fields.String()
    summary = fields.String()
    language = fields.String(metadata=_describe("The language of these texts."))
    languages = fields.List(fields.String(), metadata=_describe("All that it exists in, the original first."))
    occurred_on = fields.String(metadata={"format": "date"})
    occurred_precision = fields.String(validate=one_of(DatePrecision))
    severity = fields.Integer(allow_none=True)
    category = fields.String()
    secondary_categories = fields.List(fields.String())
    failure_modes = fields.List(fields.String())
    themes = fields.List(fields.String())
    platforms = fields.List(fields.String())
    industry = fields.String(allow_none=True)
    tags = fields.List(fields.String())

    @pre_dump
    def _add_url(self, card: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**card, "url": incident_url(card["id"])}


class IncidentSchema(CardSchema):
    """A whole incident, in one language."""

    external_id = fields.String(allow_none=True)
    visibility = fields.String(validate=one_of(Visibility))
    original_language = fields.String()
    outdated = fields.Boolean(
        metadata=_describe("Whether this translation is older than the original's text.")
    )
    why_failure = fields.String()
    cause = fields.String()
    outcome = fields.String()
    alternative = fields.String()
    severity_evidence = fields.String()
    audience = fields.String()
    posted_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    acknowledged_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    removed_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    confidence = fields.String(allow_none=True, validate=one_of(Confidence))
    lessons = fields.List(fields.Nested(LessonSchema))
    sources = fields.List(fields.Nested(SourceSchema))
    responses = fields.List(fields.Nested(ResponseSchema))
    impacts = fields.List(fields.Nested(ImpactSchema))
    team = fields.String(metadata=_describe("The key of the team that owns it."))
    author = fields.String()
    version = fields.Integer(metadata=_describe("How often it was written; the ETag carries it."))
    created_at = fields.String(metadata={"format": "date-time"})
    updated_at = fields.String(metadata={"format": "date-time"})
    published_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class CardListSchema(OutputSchema):
    """A page of incidents, the most recent first."""

    items = fields.List(fields.Nested(CardSchema))
    next = fields.String(
        allow_none=True, metadata=_describe("Send it as `cursor` for what follows; null at the end.")
    )


class RevisionSchema(OutputSchema):
    """What one write left behind: `snapshot` is the whole incident, with all its languages."""

    number = fields.Integer()
    operation = fields.String()
    author = fields.String()
    comment = fields.String(allow_none=True)
    at = fields.String(metadata={"format": "date-time"})
    snapshot = fields.Dict()


class RevisionListSchema(OutputSchema):
    """The history of an incident, the latest write first."""

    items = fields.List(fields.Nested(RevisionSchema))
    next = fields.String(allow_none=True)
