"""Dry runs: what a request would do, without doing it."""

from __future__ import annotations

from marshmallow import fields

from kb.domain.incident import Status
from kb.domain.language import LanguageSource
from kb.schemas.base import OutputSchema
from kb.schemas.fields import describe, one_of
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.incident import DuplicateSchema, NoteSchema
from kb.schemas.problems import ProblemErrorSchema
from kb.schemas.query_fields import QueryBoolean


class DryRunQuerySchema(LanguageQuerySchema):
    """Whether to store anything."""

    dry_run = QueryBoolean(
        load_default=False,
        metadata=describe("Store nothing, and report what would be stored, refused and advised (200)."),
    )


class DryRunSchema(OutputSchema):
    """The outcome that filing an incident would have. Nothing was stored."""

    errors = fields.List(
        fields.Nested(ProblemErrorSchema),
        metadata=describe("The errors that would refuse it; empty if there are none."),
    )
    status = fields.String(
        allow_none=True,
        validate=one_of(Status),
        metadata=describe("The status that it would have; null if it would be refused."),
    )
    slug = fields.String(
        allow_none=True, metadata=describe("The slug that it would have; null if it would be refused.")
    )
    language = fields.String()
    language_source = fields.String(
        validate=one_of(LanguageSource), metadata=describe("How the language of its texts is known.")
    )
    notes = fields.List(fields.Nested(NoteSchema), metadata=describe("Style hints for its texts."))
    likely_duplicates = fields.List(
        fields.Nested(DuplicateSchema),
        metadata=describe("Incidents that may be the same, the likeliest first."),
    )
