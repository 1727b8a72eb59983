"""The form in which a postmortem is written."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.incident import Kind
from kb.schemas.fields import (
    OutputSchema,
    describe,
    one_of,
)
from kb.schemas.filters import LanguageQuerySchema


class TemplateQuerySchema(LanguageQuerySchema):
    """In which form a template is wanted."""

    format = fields.String(load_default=None, validate=validate.OneOf(["json", "markdown"]))


class FormFieldSchema(OutputSchema):
    """One field of a form."""

    name = fields.String()
    label = fields.String()
    question = fields.String()
    example = fields.Raw(allow_none=True)
    required = fields.Boolean(metadata=describe("Before it is published."))


class TemplateSchema(OutputSchema):
    """The form of a postmortem: to fill in, to generate, to check."""

    kind = fields.String(validate=one_of(Kind))
    language = fields.String()
    markdown = fields.String()
    json_schema = fields.Dict(metadata=describe("JSON Schema (2020-12) of the body of POST /incidents."))
    fields_ = fields.List(fields.Nested(FormFieldSchema), data_key="fields", attribute="fields")
    example = fields.Dict(metadata=describe("A body that POST /incidents takes."))
