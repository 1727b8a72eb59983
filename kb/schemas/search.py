"""Search pages, suggestions, similar incidents: what is asked, and what is answered."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import fields, validate

from kb.domain.boosts import ALL_BOOSTS
from kb.domain.taxonomy import NAMESPACES
from kb.schemas.fields import (
    OutputSchema,
    QueryInteger,
    one_of,
)
from kb.schemas.filters import FilterSchema, LanguageQuerySchema
from kb.schemas.incident import CardSchema
from kb.schemas.pagination import MAX_LIMIT, MAX_OFFSET
from kb.schemas.query_fields import MAX_TYPED, CommaSeparated, FreeText, QueryBoolean


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


class Highlights(StrEnum):
    """Which passages of an incident are shown."""

    ALL = "all"
    FIRST = "first"
    NONE = "none"


class SearchQuerySchema(FilterSchema):
    """A search."""

    typed = "q"

    q = FreeText(
        load_default="",
        metadata={
            "maxLength": MAX_TYPED,
            "description": "Words, in any language. Empty: all that the filters let through. Also: "
            '`"a phrase"`, `+must`, `-not`, `title:word`, `org:name`, `category:key`, `before:2018`, '
            "`after:2017-05`, `(groups)`.",
        },
    )
    facets = CommaSeparated(
        fields.String(validate=validate.OneOf(NAMESPACES, error="Must be one of: {choices}.")),
        load_default=list,
        metadata={"description": "Count the hits by these namespaces."},
    )
    boosts = CommaSeparated(
        fields.String(
            validate=validate.OneOf([*sorted(ALL_BOOSTS), "none"], error="Must be one of: {choices}.")
        ),
        load_default=lambda: sorted(ALL_BOOSTS),
        metadata={"description": "What lifts an incident a little among others that match as well."},
    )
    correct = QueryBoolean(
        load_default=True,
        metadata={
            "description": "Whether words that nothing has are replaced by the nearest that something has."
        },
    )
    highlight = fields.String(
        load_default="all",
        validate=one_of(Highlights),
        metadata={"description": "Passages of all fields that match, of the first one only, or none."},
    )
    explain = QueryBoolean(load_default=False, metadata={"description": "Tell where each score comes from."})
    limit = QueryInteger(load_default=10, validate=validate.Range(0, MAX_LIMIT))
    offset = QueryInteger(load_default=0, validate=validate.Range(0, MAX_OFFSET))


class SuggestQuerySchema(LanguageQuerySchema):
    """What has been typed so far."""

    typed = "q"

    q = FreeText(load_default="", metadata={"maxLength": MAX_TYPED})
    limit = QueryInteger(load_default=5, validate=validate.Range(1, 20))


class SimilarQuerySchema(LanguageQuerySchema):
    """How many similar incidents."""

    limit = QueryInteger(load_default=5, validate=validate.Range(1, MAX_LIMIT))
