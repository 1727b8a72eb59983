"""The answers that are not incidents: search pages, taxonomy, changes, health, problems."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields

from kb.domain.incident import Operation
from kb.schemas.fields import OutputSchema, one_of
from kb.schemas.incident import CardSchema


class HitSchema(OutputSchema):
    """One incident that was found."""

    incident = fields.Nested(CardSchema)
    score = fields.Float(metadata={"description": "Comparable within one answer only."})
    highlights = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "By field: HTML, escaped, with <mark> around what matched."},
    )


class FacetCountSchema(OutputSchema):
    """How many of the hits carry a term."""

    key = fields.String()
    label = fields.String()
    count = fields.Integer()


class SearchPageSchema(OutputSchema):
    """A page of hits, the best first; `total` is exact."""

    query = fields.String()
    total = fields.Integer()
    items = fields.List(fields.Nested(HitSchema))
    facets = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(FacetCountSchema)))
    took_ms = fields.Float()


class NamespaceSchema(OutputSchema):
    """One axis of classification."""

    key = fields.String()
    label = fields.String()
    description = fields.String()
    version = fields.String()
    terms = fields.Integer(metadata={"description": "How many terms it has."})


class TaxonomySchema(OutputSchema):
    """All namespaces."""

    namespaces = fields.List(fields.Nested(NamespaceSchema))


class TermSchema(OutputSchema):
    """One term. `count` is the number of incidents that carry it, as far as the caller may see them."""

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


class NamespaceTermsSchema(OutputSchema):
    """One namespace with its terms, in display order."""

    key = fields.String()
    label = fields.String()
    description = fields.String()
    version = fields.String()
    terms = fields.List(fields.Nested(TermSchema))


class ChangeSchema(OutputSchema):
    """One write to one incident."""

    seq = fields.Integer()
    incident = fields.Integer()
    operation = fields.String(validate=one_of(Operation))
    version = fields.Integer()
    at = fields.String(metadata={"format": "date-time"})


class ChangeListSchema(OutputSchema):
    """The next changes, in the order of their commits; `since` is what to ask with next."""

    items = fields.List(fields.Nested(ChangeSchema))
    since = fields.Integer()


class LiveSchema(OutputSchema):
    """The process answers."""

    status = fields.String()


class DatabaseHealthSchema(OutputSchema):
    """Whether the database answers."""

    ok = fields.Boolean()


class IndexHealthSchema(OutputSchema):
    """Whether the search index can be read, and how many changes it is behind the database."""

    ok = fields.Boolean()
    lag = fields.Integer(allow_none=True)


class ReadySchema(OutputSchema):
    """Whether the service can do its work."""

    status = fields.String()
    database = fields.Nested(DatabaseHealthSchema)
    index = fields.Nested(IndexHealthSchema)


class ProblemErrorSchema(Schema):
    """One thing that is wrong: with a place in the body (a JSON pointer), or with a parameter."""

    pointer = fields.String(metadata={"description": "A JSON pointer (RFC 6901) into the body."})
    parameter = fields.String(metadata={"description": "The name of a query parameter or header."})
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """An error (RFC 9457, application/problem+json)."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(ProblemErrorSchema))
