"""Incidents in responses: a summary for lists, and the whole incident, each in one language."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, pre_dump, validate

from kb.domain.dates import KNOWN_PRECISIONS
from kb.domain.incident import Confidence, ImpactKind, Kind, SourceKind, Status, Visibility
from kb.domain.language import LanguageSource
from kb.schemas.base import OutputSchema
from kb.schemas.fields import describe, one_of
from kb.schemas.guards import GuardSchema
from kb.schemas.links import incident_url


class LessonSchema(OutputSchema):
    """A lesson. `language` is the language of `text`."""

    id = fields.Integer()
    text = fields.String()
    language = fields.String()
    guard = fields.Nested(
        GuardSchema,
        allow_none=True,
        metadata=describe("The guard that finds the same failure in drafts; null if there is none."),
    )


class SourceSchema(OutputSchema):
    """A source for the facts."""

    title = fields.String()
    publisher = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    archive_url = fields.String(allow_none=True)
    published_on = fields.String(allow_none=True, metadata={"format": "date"})
    kind = fields.String(validate=one_of(SourceKind))


class ResponseSchema(OutputSchema):
    """A step of the organization's response."""

    kind = fields.String()
    at = fields.String(allow_none=True, metadata={"format": "date"})


class ImpactSchema(OutputSchema):
    """A cost of the incident."""

    kind = fields.String(validate=one_of(ImpactKind))
    amount = fields.Float(allow_none=True)
    currency = fields.String(allow_none=True)
    alleged = fields.Boolean()
    source = fields.String(allow_none=True)


class CardSchema(OutputSchema):
    """A summary of an incident, for lists and search."""

    id = fields.Integer()
    url = fields.String(metadata=describe("Path of the whole incident."))
    slug = fields.String()
    kind = fields.String(validate=one_of(Kind))
    status = fields.String(validate=one_of(Status))
    organization = fields.String()
    title = fields.String()
    summary = fields.String()
    language = fields.String(metadata=describe("Language of the texts in this response."))
    languages = fields.List(
        fields.String(), metadata=describe("All available languages, the original first.")
    )
    occurred_on = fields.String(
        allow_none=True, metadata={"format": "date", **describe("The first possible day.")}
    )
    occurred_precision = fields.String(
        allow_none=True, validate=validate.OneOf([precision.value for precision in KNOWN_PRECISIONS])
    )
    severity = fields.Integer(allow_none=True)
    category = fields.String()
    secondary_categories = fields.List(fields.String())
    failure_modes = fields.List(fields.String())
    themes = fields.List(fields.String())
    platforms = fields.List(fields.String())
    industry = fields.String(allow_none=True)
    tags = fields.List(fields.String())
    collection = fields.String(
        allow_none=True, metadata=describe("Key of its collection; null if it was filed here.")
    )

    @pre_dump
    def _add_url(self, summary: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**summary, "url": incident_url(summary["id"])}


class NoteSchema(OutputSchema):
    """A style hint: a passage that a blameless postmortem should avoid."""

    pointer = fields.String(metadata=describe("JSON pointer to the text."))
    kind = fields.String(validate=validate.OneOf(["person", "blame", "contact"]))
    passage = fields.String()
    detail = fields.String(metadata=describe("What to write instead."))


class DuplicateSchema(OutputSchema):
    """A likely duplicate of an incident."""

    incident = fields.Nested(CardSchema)
    reasons = fields.List(
        fields.String(
            validate=validate.OneOf(
                ["similar_text_and_time", "same_organization_and_time", "same_source", "similar_text"]
            )
        ),
        metadata=describe("The strongest reason last."),
    )


class IncidentSchema(CardSchema):
    """A whole incident in one language."""

    external_id = fields.String(allow_none=True)
    extra = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata=describe("Data from the file it was imported from that has no field of its own."),
    )
    visibility = fields.String(validate=one_of(Visibility))
    original_language = fields.String()
    outdated = fields.Boolean(metadata=describe("Whether this translation is older than the original text."))
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
    duplicate_of = fields.Integer(allow_none=True, metadata=describe("The incident it was merged into."))
    team = fields.String(metadata=describe("Key of the team that owns it."))
    author = fields.String()
    version = fields.Integer(metadata=describe("Increases with each write; part of the ETag."))
    created_at = fields.String(metadata={"format": "date-time"})
    updated_at = fields.String(metadata={"format": "date-time"})
    published_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    notes = fields.List(
        fields.Nested(NoteSchema),
        metadata={"optional": True, **describe("Style hints for its texts. Only in responses to writes.")},
    )
    passed_check = fields.Integer(
        metadata={
            "optional": True,
            **describe("The check that had passed its post. Only for those who may see that check."),
        }
    )
    proposal = fields.Integer(
        metadata={
            "optional": True,
            **describe(
                "Only in the response to a merge: the proposal to which the parts of the duplicate were "
                "added."
            ),
        }
    )
    language_source = fields.String(
        validate=one_of(LanguageSource),
        metadata={
            "optional": True,
            **describe(
                "How the language of its texts was determined: `given` in the request, `detected` in the "
                "texts, or `assumed`, the team's, if they are ambiguous. Only in the response to a create."
            ),
        },
    )
    likely_duplicates = fields.List(
        fields.Nested(DuplicateSchema),
        metadata={
            "optional": True,
            **describe(
                "Only in the response to a create, a translation, or a change of organization, date, "
                "sources, title or summary."
            ),
        },
    )


class CardListSchema(OutputSchema):
    """A page of incidents, most recent occurrence first."""

    items = fields.List(fields.Nested(CardSchema))
    next = fields.String(
        allow_none=True, metadata=describe("`cursor` of the next page; null on the last page.")
    )


_NOT_IN_CSV = ("notes", "language_source", "likely_duplicates", "passed_check")
"""Fields that only responses to writes have, or that only some readers may see."""

CARD_COLUMNS = tuple(CardSchema().fields)
"""The default columns of incidents in CSV."""

INCIDENT_COLUMNS = (
    *(name for name in IncidentSchema().fields if name not in _NOT_IN_CSV),
    "minutes_to_acknowledge",
    "minutes_to_remove",
)
"""The available columns of incidents in CSV."""
