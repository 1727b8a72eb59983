"""An incident as it comes in: new, as a change, as a translation, as a line of an import."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validate, validates_schema

from kb.domain.completeness import TRANSLATION_NEEDS
from kb.domain.dates import (
    KNOWN_PRECISIONS,
    UNKNOWN_DATE,
    DatePrecision,
    PartialDate,
    out_of_order,
    why_impossible,
)
from kb.domain.incident import Confidence, ImpactKind, Kind, SourceKind, Status, Visibility
from kb.domain.language import script_language
from kb.domain.text import MAX_SLUG, slugify
from kb.schemas.fields import (
    ByLanguage,
    Day,
    Flag,
    InputSchema,
    Integer,
    Items,
    Language,
    Moment,
    Number,
    PartialDateField,
    Tag,
    Text,
    WebAddress,
    Whole,
    describe,
    one_of,
    strings,
)

MAX_TITLE_LENGTH = 300
MAX_TEXT_LENGTH = 20_000
MAX_LESSON_LENGTH = 2_000

_PRECISIONS = [precision.value for precision in KNOWN_PRECISIONS]
_STATUSES = [Status.DRAFT.value, Status.IN_REVIEW.value, Status.PUBLISHED.value]


_TO_PUBLISH = "Needed before it is published."


class LessonInputSchema(InputSchema):
    """One lesson, in the language that it comes in."""

    text = Text(MAX_LESSON_LENGTH, required=True)


class LessonPatchSchema(LessonInputSchema):
    """One lesson. With the `id` of an existing one it takes its place and keeps its translations."""

    id = Integer(metadata=describe("The lesson that this one replaces; leave out for a new one."))


class SourceInputSchema(InputSchema):
    """Where a fact comes from."""

    title = Text(500, required=True)
    publisher = Text(200, allow_none=True, load_default=None)
    url = WebAddress()
    archive_url = WebAddress()
    published_on = Day()
    kind = fields.String(load_default=SourceKind.NEWS.value, validate=one_of(SourceKind))


class ResponseInputSchema(InputSchema):
    """One step of the organization's answer."""

    kind = Text(100, required=True, metadata=describe("A key of the taxonomy's namespace `response`."))
    at = Day()


class ImpactInputSchema(InputSchema):
    """What it cost. An unknown amount is null."""

    kind = fields.String(required=True, validate=one_of(ImpactKind))
    amount = Number(allow_none=True, load_default=None, validate=validate.Range(min=-1e15, max=1e15))
    currency = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Regexp(r"[A-Z]{3}\Z", error="Write a currency as its three letters, such as USD."),
    )
    alleged = Flag(load_default=False)
    source = Text(200, allow_none=True, load_default=None)


class TextsInputSchema(InputSchema):
    """The texts of an incident in one language. A draft may do with a title."""

    title = Text(MAX_TITLE_LENGTH, required=True)
    summary = Text(MAX_TEXT_LENGTH, load_default="", metadata=describe(_TO_PUBLISH))
    why_failure = Text(MAX_TEXT_LENGTH, load_default="")
    cause = Text(MAX_TEXT_LENGTH, load_default="", metadata=describe(_TO_PUBLISH))
    outcome = Text(MAX_TEXT_LENGTH, load_default="", metadata=describe(_TO_PUBLISH))
    alternative = Text(
        MAX_TEXT_LENGTH, load_default="", metadata=describe("What could have been done differently.")
    )
    severity_evidence = Text(MAX_TEXT_LENGTH, load_default="")
    audience = Text(MAX_TEXT_LENGTH, load_default="", metadata=describe("Whom it was meant for."))


class TranslationSchema(TextsInputSchema):
    """The texts in another language, and its lessons in the order of the original's. Summary, cause and
    outcome are needed where the original has them."""

    lessons = Items(
        Whole(LessonInputSchema),
        most=50,
        load_default=list,
        metadata=describe("As many as the original has, in its order; or none."),
    )


class TranslationInputSchema(TranslationSchema):
    """A translation, and why it is written."""

    comment = Text(500, load_default="", metadata=describe("Why; it is kept with the revision."))


class IncidentInputSchema(TextsInputSchema):
    """A new incident. A draft needs a title, an organization and a category; the rest can follow."""

    team = Text(
        80,
        shortest=1,
        metadata=describe(
            "The key of the team that it is filed for: one of the caller's. Needed of several."
        ),
    )
    language = Language(
        metadata=describe("The language of the texts (BCP 47). Left out: he for Hebrew letters, else en.")
    )
    slug = Text(MAX_SLUG, shortest=1, metadata=describe("Made from organization and title when left out."))
    kind = fields.String(load_default=Kind.INCIDENT.value, validate=one_of(Kind))
    status = fields.String(
        load_default=Status.DRAFT.value,
        validate=validate.OneOf(_STATUSES),
        metadata=describe("`published` is taken up only if the caller may publish; else it is a draft."),
    )
    visibility = fields.String(load_default=Visibility.ORGANIZATION.value, validate=one_of(Visibility))
    organization = Text(200, required=True)
    occurred_on = PartialDateField(
        allow_none=True,
        metadata=describe("As precise as the facts are: YYYY-MM-DD, YYYY-MM or YYYY. " + _TO_PUBLISH),
    )
    occurred_precision = fields.String(allow_none=True, validate=validate.OneOf(_PRECISIONS))
    posted_at = Moment()
    acknowledged_at = Moment()
    removed_at = Moment()
    severity = Integer(
        allow_none=True,
        load_default=None,
        validate=validate.Range(1, 5),
        metadata=describe("1 (a gaffe) to 5 (five-alarm); null where nobody has judged it."),
    )
    confidence = fields.String(
        allow_none=True,
        load_default=None,
        validate=one_of(Confidence),
        metadata=describe("How sure the account of the cause is."),
    )
    category = Text(100, required=True, metadata=describe("The primary one: a key of the taxonomy."))
    secondary_categories = strings()
    failure_modes = strings()
    themes = strings()
    platforms = strings()
    industry = Text(100, shortest=1, allow_none=True, load_default=None)
    tags = Items(Tag(), most=50, load_default=list)
    lessons = Items(Whole(LessonInputSchema), most=50, load_default=list, metadata=describe(_TO_PUBLISH))
    sources = Items(Whole(SourceInputSchema), most=100, load_default=list)
    responses = Items(Whole(ResponseInputSchema), most=100, load_default=list)
    impacts = Items(Whole(ImpactInputSchema), most=100, load_default=list)
    comment = Text(500, load_default="", metadata=describe("Why; it is kept with the revision."))

    @validates_schema(skip_on_field_errors=True)
    def _check_slug(self, data: dict[str, Any], **_: Any) -> None:
        slug = data.get("slug")
        if slug is not None and slug != slugify(slug):
            raise ValidationError(f"Write it as a slug, such as {slugify(slug) or 'a-slug'}.", "slug")

    @validates_schema(skip_on_field_errors=True)
    def _check_moments(self, data: dict[str, Any], **_: Any) -> None:
        if (name := out_of_order(data)) is not None:
            raise ValidationError("This is earlier than posted_at.", name)

    @pre_load
    def _guess_language(self, data: Any, **_: Any) -> Any:
        if self.partial or not isinstance(data, dict) or "language" in data:
            return data
        text = " ".join(str(data.get(field, "")) for field in ("title", "summary"))
        return {**data, "language": script_language(text) or "en"}

    @post_load
    def _settle_date(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Replace the date and its precision, however they were written, by one PartialDate."""
        precision = data.pop("occurred_precision", None)
        if data.get("occurred_on", ...) is None:
            data["occurred_on"] = UNKNOWN_DATE
        elif "occurred_on" in data:
            data["occurred_on"] = _settled(data["occurred_on"], precision)
        elif precision is not None:
            raise ValidationError({"occurred_precision": ["Send occurred_on with it."]})
        return data


def _settled(written: PartialDate, precision: str | None) -> PartialDate:
    if (reason := why_impossible(written.first)) is not None:
        raise ValidationError({"occurred_on": [reason]})
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

    language = Language(metadata=describe("Which language's texts are sent; the original's by default."))
    status = fields.String(
        validate=validate.OneOf(_STATUSES),
        metadata=describe("`in_review` submits a draft, `published` publishes it, if the caller may."),
    )
    lessons = Items(Whole(LessonPatchSchema), most=50)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"partial": True, **kwargs})

    class Meta(InputSchema.Meta):
        exclude = ("slug", "team")


class IncidentImportSchema(IncidentInputSchema):
    """One line of an import: a new incident, with its translations, or the update of an earlier import."""

    external_id = Text(
        200, shortest=1, allow_none=True, load_default=None, metadata=describe("The same one again updates.")
    )
    translations = ByLanguage(Whole(TranslationSchema), load_default=dict, validate=validate.Length(max=19))

    class Meta(InputSchema.Meta):
        exclude = ("team",)

    @validates_schema(skip_on_field_errors=True)
    def _check_translations(self, data: dict[str, Any], **_: Any) -> None:
        for language, translation in data["translations"].items():
            if language == data["language"]:
                raise ValidationError({"translations": {language: ["This is the original's language."]}})
            for name in TRANSLATION_NEEDS:
                if data[name] and not translation[name]:
                    message = "The original has it: translate it."
                    raise ValidationError({"translations": {language: {name: [message]}}})
            if translation["lessons"] and len(translation["lessons"]) != len(data["lessons"]):
                message = f"Give {len(data['lessons'])} lessons, as the original has, or none."
                raise ValidationError({"translations": {language: {"lessons": [message]}}})
