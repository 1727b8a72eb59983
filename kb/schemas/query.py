"""What lists and searches are asked: the same filters, spelled alike everywhere."""

from __future__ import annotations

import re
from datetime import UTC
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from marshmallow import EXCLUDE, ValidationError, fields, validate, validates_schema

from kb.domain.boosts import ALL_BOOSTS
from kb.domain.filters import DIMENSIONS, UNKNOWN_KEY, GroupFilter, KnownField, Loss
from kb.domain.incident import NAMESPACES, Kind, Status
from kb.domain.text import forbidden_character
from kb.schemas.fields import InputSchema, Language, PartialDateField, QueryInteger, Text, one_of

MAX_LIMIT = 100
MAX_OFFSET = 10_000
MAX_TYPED = 10_000


class CommaSeparated(fields.List[str]):
    """Several values of one parameter: `platform=twitter,facebook`, any of which will do."""

    def __init__(self, inner: fields.Field[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(inner or Text(100, shortest=1), validate=validate.Length(max=50), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> list[Any]:
        given = [value] if isinstance(value, str) else value
        parts = [part for text in given for part in str(text).split(",") if part]
        return super()._deserialize(parts, attr, data, **kw)


def keys_parameter(field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """How OpenAPI writes a `CommaSeparated` parameter: separated by commas."""
    return {"explode": False, "style": "form"} if isinstance(field, CommaSeparated) else {}


class LanguageQuerySchema(InputSchema):
    """In which language the answer is wanted."""

    lang = Language(
        metadata={"description": "The language of the answer; else Accept-Language, else the original's."}
    )


class TermsQuerySchema(LanguageQuerySchema):
    """The terms of a namespace."""

    format = fields.String(load_default=None, validate=validate.OneOf(["json", "csv"]))


class FilterSchema(LanguageQuerySchema):
    """Which incidents are meant. Several values of one filter: any of them; several filters: all of them."""

    category = CommaSeparated(metadata={"description": "Primary or secondary."})
    failure_mode = CommaSeparated(
        metadata={"description": "Like all of these: keys of the taxonomy, or their aliases."}
    )
    theme = CommaSeparated()
    platform = CommaSeparated()
    industry = CommaSeparated()
    response = CommaSeparated()
    organization = Text(200, shortest=1, metadata={"description": "Case and punctuation do not matter."})
    language = CommaSeparated(Language(), metadata={"description": "It has a text in this language."})
    status = CommaSeparated(
        fields.String(validate=one_of(Status)),
        metadata={"description": "Default: what is published, and the drafts that the caller may see."},
    )
    kind = CommaSeparated(fields.String(validate=one_of(Kind)))
    tag = CommaSeparated()
    severity_min = QueryInteger(validate=validate.Range(1, 5))
    severity_max = QueryInteger(validate=validate.Range(1, 5))
    severity = CommaSeparated(QueryInteger(validate=validate.Range(1, 5)))
    from_ = PartialDateField(
        data_key="from", metadata={"description": "YYYY, YYYY-MM or YYYY-MM-DD: not over before this."}
    )
    to = PartialDateField(metadata={"description": "Likewise: begun by the end of this."})

    @validates_schema(skip_on_field_errors=True)
    def _check_order(self, data: dict[str, Any], **_: Any) -> None:
        if "from_" in data and "to" in data and data["from_"].first > data["to"].last:
            raise ValidationError("This is before `from`.", "to")
        if data.get("severity_min", 1) > data.get("severity_max", 5):
            raise ValidationError("This is less than `severity_min`.", "severity_max")


MAX_KEYS = 500

_SCALES = {
    "severity": frozenset([*"12345", UNKNOWN_KEY]),
    "kind": frozenset([*(kind.value for kind in Kind), UNKNOWN_KEY]),
}
_CURRENCY = re.compile("[A-Za-z]{3}")


class GroupField(fields.String):
    """A group of a dimension: `category:offensive|tone-deaf`, `severity:none`, `-organization:acme`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kw) or ""
        dimension, colon, values = text.removeprefix("-").partition(":")
        if dimension not in DIMENSIONS or not colon or not values:
            raise ValidationError(f"Write dimension:key|key, with one of: {', '.join(DIMENSIONS)}.")
        keys = tuple(values.split("|"))
        if len(keys) > MAX_KEYS:
            raise ValidationError(f"At most {MAX_KEYS} keys are taken.")
        if any(forbidden_character(unquote(key)) for key in keys):
            raise ValidationError("A key has a character that cannot be stored.")
        known = _SCALES.get(dimension)
        if known is not None and not known.issuperset(keys):
            raise ValidationError(f"Must be among: {', '.join(sorted(known))}.")
        return GroupFilter(dimension, keys, negated=text.startswith("-"))


class LossField(fields.String):
    """A currency in which a loss of market value is known: `USD`, or `USD:alleged`."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kw) or ""
        currency, colon, alleged = text.partition(":")
        if _CURRENCY.fullmatch(currency) is None or (colon and alleged != "alleged"):
            raise ValidationError("Write a currency, such as USD, or USD:alleged.")
        return Loss(currency.upper(), bool(colon))


class UtcDateTime(fields.AwareDateTime):
    """A moment, brought to UTC, which it is in unless it says otherwise."""

    def __init__(self, description: str) -> None:
        super().__init__(format="iso", default_timezone=UTC, metadata={"description": description})

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kw).astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error


class DrillDownSchema(FilterSchema):
    """Filters that lead from a number of a trend to the incidents that it was made of. All of them hold."""

    group = CommaSeparated(
        GroupField(),
        metadata={
            "description": "In any of these groups of a dimension: `category:offensive|tone-deaf`; "
            "`severity:none` where it is not known, `-organization:acme` in none of them."
        },
    )
    known = CommaSeparated(
        fields.String(validate=one_of(KnownField)),
        metadata={"description": "Its severity, or the minutes until it was acknowledged, or removed."},
    )
    lost = CommaSeparated(
        LossField(), metadata={"description": "With a known loss of market value: `USD`, or `USD:alleged`."}
    )
    within_from = fields.Date(metadata={"description": "All days that its date may mean are from this on."})
    within_to = fields.Date(metadata={"description": "Likewise: by this."})
    published_from = UtcDateTime("Published at this moment or later.")
    published_before = UtcDateTime("Published before this.")


class ListQuerySchema(DrillDownSchema):
    """A page of incidents."""

    limit = QueryInteger(load_default=20, validate=validate.Range(1, MAX_LIMIT))
    cursor = Text(300, metadata={"description": "The `next` of the page before."})
    format = fields.String(load_default=None, validate=validate.OneOf(["json", "csv"]))


class FreeText(fields.String):
    """What somebody typed: read as far as it can be read, never refused for a character."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> str:
        text = super()._deserialize(value, attr, data, **kw) or ""
        if len(text) > MAX_TYPED:
            raise ValidationError(f"Longer than {MAX_TYPED} characters. Search for the words that matter.")
        # A lone surrogate cannot be sent back.
        return text.encode("utf-8", "replace").decode("utf-8")


class Highlights(StrEnum):
    """Which passages of an incident are shown."""

    ALL = "all"
    FIRST = "first"
    NONE = "none"


class QueryBoolean(fields.Boolean):
    """`true` or `false` in a query."""

    truthy = {"true", "1", "yes"}  # noqa: RUF012 (as marshmallow declares it)
    falsy = {"false", "0", "no"}  # noqa: RUF012


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


class PageQuerySchema(InputSchema):
    """A page of a list without filters."""

    limit = QueryInteger(load_default=20, validate=validate.Range(1, MAX_LIMIT))
    cursor = Text(300)


class ChangesQuerySchema(InputSchema):
    """The changes after a point."""

    since = QueryInteger(
        load_default=None,
        validate=validate.Range(0, 2**31 - 1),
        metadata={
            "description": "The last `seq` that is known. "
            "Without it, JSON begins with the first change, Atom with the latest."
        },
    )
    limit = QueryInteger(load_default=100, validate=validate.Range(1, 1_000))
    format = fields.String(load_default=None, validate=validate.OneOf(["json", "atom"]))


class ConditionSchema(InputSchema):
    """The version that a change is based on."""

    class Meta:
        unknown = EXCLUDE

    if_match = fields.String(
        data_key="If-Match",
        load_default=None,
        metadata={"description": "The ETag of the version that the change is based on. Required."},
    )


class IdempotencySchema(InputSchema):
    """A client's name for one request."""

    class Meta:
        unknown = EXCLUDE

    key = Text(
        200,
        shortest=1,
        data_key="Idempotency-Key",
        load_default=None,
        metadata={
            "description": "A value of the client's choosing; sent again, the answer is the first one's."
        },
    )
