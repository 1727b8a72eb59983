"""Namespaces of the taxonomy and their terms."""

from __future__ import annotations

from marshmallow import fields

from kb.schemas.base import OutputSchema
from kb.schemas.csv_options import CsvColumns, raw_field
from kb.schemas.fields import describe
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.query_fields import format_parameter


class NamespaceSchema(OutputSchema):
    """A namespace: one axis of classification. `url` lists its terms."""

    key = fields.String()
    label = fields.String()
    description = fields.String()
    version = fields.String()
    terms = fields.Integer(metadata=describe("Number of terms."))
    url = fields.String(metadata=describe("Path of the namespace, with its terms."))


class TaxonomySchema(OutputSchema):
    """All namespaces."""

    namespaces = fields.List(fields.Nested(NamespaceSchema))


class TermSchema(OutputSchema):
    """A term. `count` is the number of incidents visible to the caller that have it."""

    key = fields.String()
    label = fields.String()
    description = fields.String()
    labels = fields.Dict(keys=fields.String(), values=fields.String())
    aliases = fields.List(fields.String())
    parent = fields.String(allow_none=True)
    scheme = fields.String(allow_none=True)
    retired = fields.Boolean()
    replaced_by = fields.String(allow_none=True)
    count = fields.Integer()


TERM_COLUMNS = ("key", "label", "description", "parent", "scheme", "retired", "replaced_by", "count")
"""The default columns of terms in CSV."""


class NamespaceTermsSchema(OutputSchema):
    """A namespace with its terms, in display order."""

    key = fields.String()
    label = fields.String()
    description = fields.String()
    version = fields.String()
    terms = fields.List(fields.Nested(TermSchema))


class TermsQuerySchema(LanguageQuerySchema):
    """Language and format of a namespace."""

    format = format_parameter(["json", "csv"])
    columns = CsvColumns((*TERM_COLUMNS, "aliases"), default=TERM_COLUMNS)
    raw = raw_field()
