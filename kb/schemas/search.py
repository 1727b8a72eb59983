"""Search, suggestions and similar incidents: queries and responses."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from kb.domain.filters import FACETS
from kb.domain.sorting import ALL_BOOSTS, HIT_ORDERS, RELEVANCE
from kb.messages import Message
from kb.schemas.base import OutputSchema
from kb.schemas.csv_options import CsvColumns, bom_field, delimiter_field, labels_field, raw_field
from kb.schemas.fields import Text, describe, one_of
from kb.schemas.filters import FilterSchema, LanguageQuerySchema
from kb.schemas.incident import CARD_COLUMNS, INCIDENT_COLUMNS, CardSchema
from kb.schemas.pagination import MAX_LIMIT, MAX_OFFSET, MAX_SEARCH_CURSOR_LENGTH
from kb.schemas.query_fields import (
    MAX_QUERY_LENGTH,
    CommaSeparated,
    FreeText,
    QueryBoolean,
    QueryInteger,
    format_parameter,
)


class ShareSchema(OutputSchema):
    """The contribution of one term in one field to the relevance of a hit."""

    word = fields.String(metadata=describe("The word or phrase of the query it matches."))
    term = fields.String(metadata=describe("The indexed term: a stem, a form or a synonym."))
    field = fields.String()
    weight = fields.Float(metadata=describe("1 for the word itself, less for a form or a synonym."))
    value = fields.Float()
    share = fields.Float(metadata=describe("Fraction of the sum of all values."))


class BoostSchema(OutputSchema):
    """A property of the incident that multiplies its relevance."""

    name = fields.String()
    factor = fields.Float()


class ExplanationSchema(OutputSchema):
    """How a score is computed: the number of matching words, plus the relevance scaled to 0 to 1.

    For a sentence, the number of words does not count, and the relevance is the evidence of the shared words
    and concepts.
    """

    words = fields.List(fields.String(), metadata=describe("The words and phrases of the query that match."))
    relevance = fields.Float(metadata=describe("The sum of the values of all terms, times the boosts."))
    relevance_score = fields.Float(metadata=describe("The relevance r scaled to 0 to 1: r / (r + 10)."))
    terms = fields.List(fields.Nested(ShareSchema), metadata=describe("The 50 that contribute most."))
    boosts = fields.List(fields.Nested(BoostSchema))


class HitSchema(OutputSchema):
    """A search hit."""

    incident = fields.Nested(CardSchema)
    score = fields.Float(
        metadata=describe(
            "The integer part is the number of matching words, the fraction is the relevance. For a "
            "sentence, only the relevance. Comparable only within one response."
        )
    )
    relevant = fields.Boolean(
        metadata=describe(
            "Whether it matches well, and is counted in `relevant` of the page. These hits come first."
        )
    )
    highlights = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata=describe("By field: escaped HTML with <mark> around matches."),
    )
    explanation = fields.Nested(
        ExplanationSchema, metadata={"description": "Only with `explain=true`.", "optional": True}
    )


class FacetCountSchema(OutputSchema):
    """The number of hits with a term, or with a text in a language."""

    key = fields.String()
    label = fields.String()
    count = fields.Integer()


class QueryNoteSchema(OutputSchema):
    """A condition of the query that was read as words, because its term or date does not exist."""

    name = fields.String(metadata=describe("The namespace of the term, or `before` or `after`."))
    value = fields.String()
    suggestion = fields.String(
        allow_none=True, metadata=describe("The key of the term with the most similar name, or null.")
    )
    detail = fields.String()


class SearchPageSchema(OutputSchema):
    """A page of hits, best first. `total` is exact."""

    query = fields.String()
    interpreted = fields.String(
        metadata=describe(
            "How the query was understood. A word that only matched by a translation, or by a name that "
            "sounds like it, is in parentheses with that."
        )
    )
    did_you_mean = fields.String(
        allow_none=True, metadata=describe("The query with unknown words corrected, or null.")
    )
    corrected = fields.Boolean(
        metadata=describe(
            "Whether these are the results for `did_you_mean`, since the query itself finds nothing, or "
            "nearly nothing."
        )
    )
    notes = fields.List(
        fields.Nested(QueryNoteSchema),
        metadata=describe("Conditions of the query that were read as words; the first five."),
    )
    searchable = fields.Boolean(
        metadata=describe(
            "False if the query has no word, number or emoji to search for, and so finds nothing."
        )
    )
    total = fields.Integer()
    relevant = fields.Integer(
        metadata=describe(
            "How many of the total match well, and come first: they match words with at least half of the "
            "total weight, where rare words weigh more."
        )
    )
    items = fields.List(fields.Nested(HitSchema))
    next = fields.String(
        allow_none=True,
        metadata=describe(
            "The cursor of the next page. Null on the last one, after 5,000 hits, and with `offset`."
        ),
    )
    facets = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(FacetCountSchema)))
    took_ms = fields.Float()


class SuggestionSchema(OutputSchema):
    """A completion. `query` searches for it; `incident` is set for a title."""

    kind = fields.String(validate=validate.OneOf(["organization", "term", "title"]))
    text = fields.String()
    query = fields.String(allow_none=True)
    incident = fields.Integer(allow_none=True)
    namespace = fields.String(allow_none=True)
    key = fields.String(allow_none=True)


class SuggestionsSchema(OutputSchema):
    """Completions of a partial query."""

    query = fields.String()
    items = fields.List(fields.Nested(SuggestionSchema))


class SharedTermSchema(OutputSchema):
    """A taxonomy term shared by two incidents."""

    namespace = fields.String()
    key = fields.String()
    label = fields.String()


class SimilarHitSchema(OutputSchema):
    """A similar incident."""

    incident = fields.Nested(CardSchema)
    score = fields.Float(metadata=describe("Comparable only within one response."))
    shared_words = fields.List(
        fields.String(), metadata=describe("Most significant first, without common words.")
    )
    shared_terms = fields.List(fields.Nested(SharedTermSchema))


class SimilarSchema(OutputSchema):
    """Incidents similar to a given one, most similar first. `total` counts all that share any words."""

    total = fields.Integer()
    items = fields.List(fields.Nested(SimilarHitSchema))


class Highlights(StrEnum):
    """The fields whose matching passages are returned."""

    ALL = "all"
    FIRST = "first"
    NONE = "none"


class SearchQuerySchema(FilterSchema):
    """A search query."""

    free_text_parameter = "q"

    q = FreeText(
        load_default="",
        metadata={
            "maxLength": MAX_QUERY_LENGTH,
            "description": "Words in any language. Empty: all incidents that pass the filters. Syntax: "
            '`"a phrase"`, `+must`, `-not`, `title:word`, `org:name`, `category:key`, `before:2018`, '
            "`after:2017-05`, `(groups)`.",
        },
    )
    facets = CommaSeparated(
        fields.String(validate=validate.OneOf(FACETS)),
        load_default=list,
        metadata=describe(
            "What to count hits by: namespaces, `severity`, `year` (each in which the incident may have "
            "occurred), or `language`, where `en` includes `en-GB`."
        ),
    )
    boosts = CommaSeparated(
        fields.String(validate=validate.OneOf([*sorted(ALL_BOOSTS), "none"])),
        load_default=lambda: sorted(ALL_BOOSTS),
        metadata=describe("Properties that raise an incident slightly above equally good matches."),
    )
    correct = QueryBoolean(
        load_default=True,
        metadata=describe("Replace words that occur in no incident with the closest indexed words."),
    )
    highlight = fields.String(
        load_default="all",
        validate=one_of(Highlights),
        metadata=describe("Return passages of all matching fields, of the first one only, or none."),
    )
    explain = QueryBoolean(load_default=False, metadata=describe("Explain each score."))
    limit = QueryInteger(load_default=10, validate=validate.Range(0, MAX_LIMIT))
    offset = QueryInteger(load_default=0, validate=validate.Range(0, MAX_OFFSET))
    cursor = Text(
        MAX_SEARCH_CURSOR_LENGTH,
        metadata=describe(
            "`next` of the previous page. Unlike with `offset`, no hit is repeated, whatever is written "
            "meanwhile."
        ),
    )
    sort = fields.String(
        load_default=RELEVANCE,
        validate=validate.OneOf(list(HIT_ORDERS)),
        metadata=describe(
            "`-` for descending. In every order, hits that match well come before the others. Unknown "
            "values come last; ties are sorted by date, latest first."
        ),
    )
    format = format_parameter(["json", "csv"])
    columns = CsvColumns(INCIDENT_COLUMNS, default=CARD_COLUMNS)
    raw = raw_field()
    labels = labels_field()
    bom = bom_field()
    delimiter = delimiter_field()

    @validates_schema(skip_on_field_errors=True)
    def _check_place(self, data: dict[str, Any], **_: Any) -> None:
        if data["offset"] and "cursor" in data:
            raise ValidationError(Message("Send `cursor` or `offset`, not both."), "offset")


class SuggestQuerySchema(LanguageQuerySchema):
    """A partial query."""

    free_text_parameter = "q"

    q = FreeText(load_default="", metadata={"maxLength": MAX_QUERY_LENGTH})
    limit = QueryInteger(load_default=5, validate=validate.Range(1, 20))


class SimilarQuerySchema(LanguageQuerySchema):
    """Parameters for similar incidents."""

    limit = QueryInteger(load_default=5, validate=validate.Range(1, MAX_LIMIT))
