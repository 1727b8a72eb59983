"""An incident as it travels: flat, in one language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_dump, validate, validates_schema

from kb.config import API_ROOT
from kb.domain.dates import DatePrecision, PartialDate
from kb.domain.incident import Confidence, ImpactKind, Kind, SourceKind, Status, Visibility
from kb.domain.text import MAX_SLUG, slugify
from kb.schemas.fields import (
    InputSchema,
    Integer,
    Language,
    Moment,
    OutputSchema,
    PartialDateField,
    Text,
    WebAddress,
    Whole,
    one_of,
    strings,
)

LONGEST_TITLE = 300
LONGEST_TEXT = 20_000
LONGEST_LESSON = 2_000

_PRECISIONS = list(DatePrecision)


def _describe(text: str) -> dict[str, str]:
    return {"description": text}


class LessonInputSchema(InputSchema):
    """One lesson. With the `id` of an existing lesson it is reworded and keeps its translations."""

    id = Integer(metadata=_describe("The lesson that this one replaces; leave out for a new one."))
    text = Text(LONGEST_LESSON, required=True)


class LessonTranslationSchema(InputSchema):
    """A lesson's text in another language."""

    text = Text(LONGEST_LESSON, required=True)


class SourceInputSchema(InputSchema):
    """Where a fact comes from."""

    title = Text(500, required=True)
    publisher = Text(200, allow_none=True, load_default=None)
    url = WebAddress()
    archive_url = WebAddress()
    published_on = fields.Date(allow_none=True, load_default=None)
    kind = fields.String(load_default=SourceKind.NEWS.value, validate=one_of(SourceKind))


class ResponseInputSchema(InputSchema):
    """One step of the organization's answer."""

    kind = Text(100, required=True, metadata=_describe("A key of the taxonomy's namespace `response`."))
    at = fields.Date(allow_none=True, load_default=None)


class ImpactInputSchema(InputSchema):
    """What it cost. An unknown amount is null."""

    kind = fields.String(required=True, validate=one_of(ImpactKind))
    amount = fields.Float(allow_none=True, load_default=None, validate=validate.Range(min=-1e15, max=1e15))
    currency = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Regexp(r"[A-Z]{3}\Z", error="Write a currency as its three letters, such as USD."),
    )
    alleged = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    source = Text(200, allow_none=True, load_default=None)


class TextsInputSchema(InputSchema):
    """The texts of an incident in one language; the required ones are those that its reader needs."""

    title = Text(LONGEST_TITLE, required=True)
    summary = Text(LONGEST_TEXT, required=True)
    why_failure = Text(LONGEST_TEXT, load_default="")
    cause = Text(LONGEST_TEXT, required=True)
    outcome = Text(LONGEST_TEXT, required=True)
    alternative = Text(
        LONGEST_TEXT, load_default="", metadata=_describe("What could have been done differently.")
    )
    severity_evidence = Text(LONGEST_TEXT, load_default="")
    audience = Text(LONGEST_TEXT, load_default="", metadata=_describe("Whom it was meant for."))


class TranslationSchema(TextsInputSchema):
    """The texts in another language, and its lessons in the order of the original's."""

    lessons = fields.List(
        Whole(LessonTranslationSchema),
        load_default=list,
        validate=validate.Length(max=50),
        metadata=_describe("As many as the original has, in its order; or none."),
    )


class TranslationInputSchema(TranslationSchema):
    """A translation, and why it is written."""

    comment = Text(500, load_default="", metadata=_describe("Why; it is kept with the revision."))


class IncidentInputSchema(TextsInputSchema):
    """A new incident."""

    language = Language(load_default="en", metadata=_describe("The language of the texts (BCP 47)."))
    slug = Text(MAX_SLUG, shortest=1, metadata=_describe("Made from organization and title when left out."))
    kind = fields.String(load_default=Kind.INCIDENT.value, validate=one_of(Kind))
    status = fields.String(
        load_default=Status.DRAFT.value,
        validate=validate.OneOf([Status.DRAFT.value, Status.PUBLISHED.value]),
        metadata=_describe("`published` is taken up only if the caller may publish; else it is a draft."),
    )
    visibility = fields.String(load_default=Visibility.ORGANIZATION.value, validate=one_of(Visibility))
    organization = Text(200, required=True)
    occurred_on = PartialDateField(
        required=True,
        metadata=_describe("As precise as the facts are: YYYY-MM-DD, YYYY-MM or YYYY."),
    )
    occurred_precision = fields.String(validate=one_of(DatePrecision))
    posted_at = Moment()
    acknowledged_at = Moment()
    removed_at = Moment()
    severity = Integer(
        allow_none=True,
        load_default=None,
        validate=validate.Range(1, 5),
        metadata=_describe("1 (a gaffe) to 5 (five-alarm); null where nobody has judged it."),
    )
    confidence = fields.String(
        allow_none=True,
        load_default=None,
        validate=one_of(Confidence),
        metadata=_describe("How sure the account of the cause is."),
    )
    category = Text(100, required=True, metadata=_describe("The primary one: a key of the taxonomy."))
    secondary_categories = strings()
    failure_modes = strings()
    themes = strings()
    platforms = strings()
    industry = Text(100, shortest=1, allow_none=True, load_default=None)
    tags = fields.List(Text(80, shortest=1), load_default=list, validate=validate.Length(max=50))
    lessons = fields.List(Whole(LessonInputSchema), required=True, validate=validate.Length(min=1, max=50))
    sources = fields.List(Whole(SourceInputSchema), load_default=list, validate=validate.Length(max=100))
    responses = fields.List(Whole(ResponseInputSchema), load_default=list, validate=validate.Length(max=100))
    impacts = fields.List(Whole(ImpactInputSchema), load_default=list, validate=validate.Length(max=100))
    comment = Text(500, load_default="", metadata=_describe("Why; it is kept with the revision."))

    @validates_schema(skip_on_field_errors=True)
    def _check_slug(self, data: dict[str, Any], **_: Any) -> None:
        slug = data.get("slug")
        if slug is not None and slug != slugify(slug):
            raise ValidationError(f"Write it as a slug, such as {slugify(slug) or 'a-slug'}.", "slug")

    @validates_schema(skip_on_field_errors=True)
    def _check_moments(self, data: dict[str, Any], **_: Any) -> None:
        posted = data.get("posted_at")
        for name in ("acknowledged_at", "removed_at"):
            moment = data.get(name)
            if posted and moment and moment < posted:
                raise ValidationError("This is earlier than posted_at.", name)

    @post_load
    def _settle_date(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Replace the date and its precision, however they were written, by one PartialDate."""
        precision = data.pop("occurred_precision", None)
        if "occurred_on" in data:
            data["occurred_on"] = _settled(data["occurred_on"], precision)
        elif precision is not None:
            raise ValidationError({"occurred_precision": ["Send occurred_on with it."]})
        return data


def _settled(written: PartialDate, precision: str | None) -> PartialDate:
    if written.first > datetime.now(UTC).date() + timedelta(days=1):
        raise ValidationError({"occurred_on": ["This day is still to come."]})
    if precision is None:
        return written
    wanted = DatePrecision(precision)
    if _PRECISIONS.index(wanted) < _PRECISIONS.index(written.precision):
        raise ValidationError({"occurred_precision": [f"The date is known to the {written.precision} only."]})
    return written.at(wanted)


class IncidentPatchSchema(IncidentInputSchema):
    """A change to an incident: what is left out stays as it is.

    The texts that are sent are those of `language`, or of the original where that is left out.
    """

    language = Language(metadata=_describe("Which language's texts are sent; the original's by default."))
    status = fields.String(
        validate=validate.OneOf([Status.DRAFT.value, Status.PUBLISHED.value]),
        metadata=_describe("`published` publishes a draft, if the caller may."),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"partial": True, **kwargs})

    class Meta(InputSchema.Meta):
        exclude = ("slug",)


class IncidentImportSchema(IncidentInputSchema):
    """One line of an import: a new incident, with its translations, or the update of an earlier import."""

    external_id = Text(
        200, shortest=1, allow_none=True, load_default=None, metadata=_describe("The same one again updates.")
    )
    translations = fields.Dict(keys=Language(), values=Whole(TranslationSchema), load_default=dict)

    @validates_schema(skip_on_field_errors=True)
    def _check_translations(self, data: dict[str, Any], **_: Any) -> None:
        for language, translation in data["translations"].items():
            if language == data["language"]:
                raise ValidationError({"translations": {language: ["This is the original's language."]}})
            if translation["lessons"] and len(translation["lessons"]) != len(data["lessons"]):
                message = f"Give {len(data['lessons'])} lessons, as the original has, or none."
                raise ValidationError({"translations": {language: {"lessons": [message]}}})


class LessonSchema(OutputSchema):
    """A lesson; `language` is the one that this text is in."""

    id = fields.Integer()
    text = fields.String()
    language = fields.String()


class SourceSchema(OutputSchema):
    """Where a fact comes from."""

    title = fields.String()
    publisher = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    archive_url = fields.String(allow_none=True)
    published_on = fields.String(allow_none=True, metadata={"format": "date"})
    kind = fields.String(validate=one_of(SourceKind))


class ResponseSchema(OutputSchema):
    """One step of the organization's answer."""

    kind = fields.String()
    at = fields.String(allow_none=True, metadata={"format": "date"})


class ImpactSchema(OutputSchema):
    """What it cost."""

    kind = fields.String(validate=one_of(ImpactKind))
    amount = fields.Float(allow_none=True)
    currency = fields.String(allow_none=True)
    alleged = fields.Boolean()
    source = fields.String(allow_none=True)


class CardSchema(OutputSchema):
    """An incident at a glance, as lists and search show it."""

    id = fields.Integer()
    url = fields.String(metadata=_describe("Where the whole incident is."))
    slug = fields.String()
    kind = fields.String(validate=one_of(Kind))
    status = fields.String(validate=one_of(Status))
    organization = fields.String()
    title = fields.String()
    summary = fields.String()
    language = fields.String(metadata=_describe("The language of these texts."))
    languages = fields.List(fields.String(), metadata=_describe("All that it exists in, the original first."))
    occurred_on = fields.String(metadata={"format": "date"})
    occurred_precision = fields.String(validate=one_of(DatePrecision))
    severity = fields.Integer(allow_none=True)
    category = fields.String()
    secondary_categories = fields.List(fields.String())
    failure_modes = fields.List(fields.String())
    themes = fields.List(fields.String())
    platforms = fields.List(fields.String())
    industry = fields.String(allow_none=True)
    tags = fields.List(fields.String())

    @pre_dump
    def _add_url(self, card: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**card, "url": f"{API_ROOT}/incidents/{card['id']}"}


class IncidentSchema(CardSchema):
    """A whole incident, in one language."""

    external_id = fields.String(allow_none=True)
    visibility = fields.String(validate=one_of(Visibility))
    original_language = fields.String()
    outdated = fields.Boolean(
        metadata=_describe("Whether this translation is older than the original's text.")
    )
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
    team = fields.String(metadata=_describe("The key of the team that owns it."))
    author = fields.String()
    version = fields.Integer(metadata=_describe("How often it was written; the ETag carries it."))
    duplicate_of = fields.Integer(allow_none=True)
    created_at = fields.String(metadata={"format": "date-time"})
    updated_at = fields.String(metadata={"format": "date-time"})
    published_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class CardListSchema(OutputSchema):
    """A page of incidents, the most recent first."""

    items = fields.List(fields.Nested(CardSchema))
    next = fields.String(
        allow_none=True, metadata=_describe("Send it as `cursor` for what follows; null at the end.")
    )


class RevisionSchema(OutputSchema):
    """What one write left behind: `snapshot` is the whole incident, with all its languages."""

    number = fields.Integer()
    operation = fields.String()
    author = fields.String()
    comment = fields.String(allow_none=True)
    at = fields.String(metadata={"format": "date-time"})
    snapshot = fields.Dict()


class RevisionListSchema(OutputSchema):
    """The history of an incident, the latest write first."""

    items = fields.List(fields.Nested(RevisionSchema))
    next = fields.String(allow_none=True)
