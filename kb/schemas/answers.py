"""The answers that are not incidents: search pages, taxonomy, changes, health, problems."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields, validate

from kb.domain.incident import Operation
from kb.schemas.fields import OutputSchema, one_of
from kb.schemas.incident import CardSchema


class ShareSchema(OutputSchema):
    """What one term in one field adds to the relevance of a hit."""

    word = fields.String(metadata={"description": "The word or phrase of the query that it stands for."})
    term = fields.String(metadata={"description": "As it is indexed: a stem, a form, a synonym."})
    field = fields.String()
    weight = fields.Float(metadata={"description": "1 for the word itself, less for a form or a synonym."})
    value = fields.Float()
    share = fields.Float(metadata={"description": "Of the sum of all values."})


class BoostSchema(OutputSchema):
    """A fact of the incident by which its relevance is multiplied."""

    name = fields.String()
    factor = fields.Float()


class ExplanationSchema(OutputSchema):
    """Where a score comes from: the number of words that match, and the relevance squeezed into 0 to 1."""

    words = fields.List(fields.String(), metadata={"description": "The words and phrases that match."})
    relevance = fields.Float(metadata={"description": "The sum of the values of all terms, boosted."})
    relevance_score = fields.Float(metadata={"description": "The same in 0 to 1: r / (r + 10)."})
    terms = fields.List(fields.Nested(ShareSchema))
    boosts = fields.List(fields.Nested(BoostSchema))


class HitSchema(OutputSchema):
    """One incident that was found."""

    incident = fields.Nested(CardSchema)
    score = fields.Float(
        metadata={
            "description": "Before the point the number of words that match, behind it how well. "
            "Comparable within one answer only."
        }
    )
    highlights = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "By field: HTML, escaped, with <mark> around what matched."},
    )
    explanation = fields.Nested(
        ExplanationSchema, metadata={"description": "Only with `explain=true`.", "optional": True}
    )


class FacetCountSchema(OutputSchema):
    """How many of the hits carry a term."""

    key = fields.String()
    label = fields.String()
    count = fields.Integer()


class SearchPageSchema(OutputSchema):
    """A page of hits, the best first; `total` is exact."""

    query = fields.String()
    interpreted = fields.String(metadata={"description": "How the query was read."})
    did_you_mean = fields.String(
        allow_none=True, metadata={"description": "The query with unknown words corrected, if there are any."}
    )
    corrected = fields.Boolean(metadata={"description": "Whether these are the results of `did_you_mean`."})
    total = fields.Integer()
    items = fields.List(fields.Nested(HitSchema))
    facets = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(FacetCountSchema)))
    took_ms = fields.Float()


class SuggestionSchema(OutputSchema):
    """One completion; `query` searches for it, `incident` is the one with that title."""

    kind = fields.String(validate=validate.OneOf(["organization", "term", "title"]))
    text = fields.String()
    query = fields.String(allow_none=True)
    incident = fields.Integer(allow_none=True)
    namespace = fields.String(allow_none=True)
    key = fields.String(allow_none=True)


class SuggestionsSchema(OutputSchema):
    """Completions of what is being typed."""

    query = fields.String()
    items = fields.List(fields.Nested(SuggestionSchema))


class SharedTermSchema(OutputSchema):
    """A term of the taxonomy that two incidents share."""

    namespace = fields.String()
    key = fields.String()
    label = fields.String()


class SimilarHitSchema(OutputSchema):
    """One incident that is like another."""

    incident = fields.Nested(CardSchema)
    score = fields.Float(metadata={"description": "Comparable within one answer only."})
    shared_words = fields.List(fields.String(), metadata={"description": "The most telling first."})
    shared_terms = fields.List(fields.Nested(SharedTermSchema))


class SimilarSchema(OutputSchema):
    """The incidents that share words with one, the most alike first; `total` counts all that share any."""

    total = fields.Integer()
    items = fields.List(fields.Nested(SimilarHitSchema))


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
