"""Postmortem templates."""

from __future__ import annotations

from marshmallow import fields

from kb.domain.incident import Kind
from kb.schemas.base import OutputSchema
from kb.schemas.fields import describe, one_of
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.query_fields import format_parameter


class TemplateQuerySchema(LanguageQuerySchema):
    """Language and format of a template."""

    format = format_parameter(["json", "markdown"])


class FormFieldSchema(OutputSchema):
    """A field of a template."""

    name = fields.String()
    label = fields.String()
    question = fields.String()
    example = fields.Raw(allow_none=True)
    required = fields.Boolean(metadata=describe("Required to publish."))


class TemplateSchema(OutputSchema):
    """A postmortem template: Markdown to fill in, a JSON Schema for validation, and an example."""

    kind = fields.String(validate=one_of(Kind))
    language = fields.String()
    markdown = fields.String()
    json_schema = fields.Dict(metadata=describe("JSON Schema (2020-12) for the body of POST /incidents."))
    fields_ = fields.List(fields.Nested(FormFieldSchema), data_key="fields", attribute="fields")
    example = fields.Dict(metadata=describe("A valid body for POST /incidents."))
