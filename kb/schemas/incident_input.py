"""Incidents in requests: create, change, translate, import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from kb.domain.completeness import REQUIRED_IN_TRANSLATION
from kb.domain.dates import (
    KNOWN_PRECISIONS,
    UNKNOWN_DATE,
    DatePrecision,
    PartialDate,
    date_error,
    out_of_order,
)
from kb.domain.incident import MAX_LANGUAGES, MAX_LESSONS, MAX_SOURCES, Confidence, Kind, Status, Visibility
from kb.domain.text import MAX_SLUG_LENGTH, is_slug, slugify
from kb.messages import Message, counted, word
from kb.schemas.base import InputSchema
from kb.schemas.fields import (
    CompleteNested,
    Extra,
    LimitedList,
    PartialDateField,
    PastDateTime,
    StrictInteger,
    Tag,
    Text,
    acknowledge,
    describe,
    one_of,
    term_keys,
)
from kb.schemas.incident_parts_input import (
    ImpactInputSchema,
    LessonInputSchema,
    LessonPatchSchema,
    LessonTextSchema,
    ResponseInputSchema,
    SourceInputSchema,
)
from kb.schemas.language_fields import Language, LanguageDict

if TYPE_CHECKING:
    from marshmallow.fields import Field

MAX_TITLE_LENGTH = 300
MAX_TEXT_LENGTH = 20_000

_PRECISIONS = [precision.value for precision in KNOWN_PRECISIONS]
_STATUSES = [Status.DRAFT.value, Status.IN_REVIEW.value, Status.PUBLISHED.value]
_TO_PUBLISH = "Required to publish."


class TextsInputSchema(InputSchema):
    """The texts of an incident in one language. A draft needs only a title."""

    title = Text(MAX_TITLE_LENGTH, required=True)
    summary = Text(MAX_TEXT_LENGTH, load_default="", metadata=describe(_TO_PUBLISH))
    why_failure = Text(MAX_TEXT_LENGTH, load_default="")
    cause = Text(MAX_TEXT_LENGTH, load_default="", metadata=describe(_TO_PUBLISH))
    outcome = Text(MAX_TEXT_LENGTH, load_default="", metadata=describe(_TO_PUBLISH))
    alternative = Text(
        MAX_TEXT_LENGTH, load_default="", metadata=describe("What could have been done differently.")
    )
    severity_evidence = Text(MAX_TEXT_LENGTH, load_default="")
    audience = Text(MAX_TEXT_LENGTH, load_default="", metadata=describe("The intended audience."))


class TranslationSchema(TextsInputSchema):
    """The texts and lessons of an incident in another language.

    Summary, cause and outcome are required if the original has them.
    """

    lessons = LimitedList(
        CompleteNested(LessonTextSchema, allow_none=True),
        max_length=MAX_LESSONS,
        load_default=list,
        metadata=describe(
            "As many as the original has, in the same order, with null for a lesson without a "
            "translation; or none."
        ),
    )


class LessonTranslationSchema(LessonTextSchema):
    """A lesson in another language."""

    id = StrictInteger(metadata=describe("The lesson that this translates. Default: by position."))


class TranslationInputSchema(TranslationSchema):
    """A translation, with a comment for its revision."""

    lessons = LimitedList(
        CompleteNested(LessonTranslationSchema),
        max_length=MAX_LESSONS,
        load_default=list,
        metadata=describe(
            "With the `id` of each, in any order; a lesson that is left out is shown in the original's "
            "language. Without ids: as many as the original has, in the same order, or none."
        ),
    )
    comment = Text(500, load_default="", metadata=describe("The reason, recorded with the revision."))
    acknowledge = acknowledge()


class IncidentInputSchema(TextsInputSchema):
    """A new incident. A draft needs only a title, an organization and a category."""

    team = Text(
        80,
        min_length=1,
        metadata=describe("Key of one of the caller's teams. Required if the caller has several."),
    )
    language = Language(
        metadata=describe(
            "Language of the texts (BCP 47). Default: detected from them; if that is uncertain, the "
            "language of the team. The response tells which, as `language_source`."
        )
    )
    slug = Text(
        MAX_SLUG_LENGTH,
        min_length=1,
        metadata=describe("Default: made from organization and title. Fixed once it is published."),
    )
    kind = fields.String(load_default=Kind.INCIDENT.value, validate=one_of(Kind))
    status = fields.String(
        load_default=Status.DRAFT.value,
        validate=validate.OneOf(_STATUSES),
        metadata=describe(
            "`published` takes effect only if the caller may publish; otherwise, it becomes a draft."
        ),
    )
    visibility = fields.String(
        load_default=Visibility.ORGANIZATION.value,
        validate=one_of(Visibility),
        metadata=describe("Who may read it once it is published: everyone, or only its team."),
    )
    organization = Text(200, required=True)
    occurred_on = PartialDateField(
        allow_none=True,
        metadata=describe("As precise as it is known: YYYY-MM-DD, YYYY-MM or YYYY. " + _TO_PUBLISH),
    )
    occurred_precision = fields.String(allow_none=True, validate=validate.OneOf(_PRECISIONS))
    posted_at = PastDateTime()
    acknowledged_at = PastDateTime()
    removed_at = PastDateTime()
    severity = StrictInteger(
        allow_none=True,
        load_default=None,
        validate=validate.Range(1, 5),
        metadata=describe("From 1 (a gaffe) to 5 (a five-alarm crisis); null if not assessed."),
    )
    confidence = fields.String(
        allow_none=True,
        load_default=None,
        validate=one_of(Confidence),
        metadata=describe("How certain the cause is."),
    )
    category = Text(100, required=True, metadata=describe("The primary category: a key of the taxonomy."))
    secondary_categories = term_keys()
    failure_modes = term_keys()
    themes = term_keys()
    platforms = term_keys()
    industry = Text(100, min_length=1, allow_none=True, load_default=None)
    tags = LimitedList(Tag(), max_length=50, load_default=list)
    lessons = LimitedList(
        CompleteNested(LessonInputSchema),
        max_length=MAX_LESSONS,
        load_default=list,
        metadata=describe(_TO_PUBLISH),
    )
    sources = LimitedList(CompleteNested(SourceInputSchema), max_length=MAX_SOURCES, load_default=list)
    responses = LimitedList(CompleteNested(ResponseInputSchema), max_length=100, load_default=list)
    impacts = LimitedList(CompleteNested(ImpactInputSchema), max_length=100, load_default=list)
    passed_check = StrictInteger(
        allow_none=True,
        validate=validate.Range(min=1),
        metadata=describe(
            "The id of the check that had passed its post. Shown to those who may see the check."
        ),
    )
    comment = Text(500, load_default="", metadata=describe("The reason, recorded with the revision."))
    acknowledge = acknowledge()

    @validates_schema(skip_on_field_errors=True)
    def _check_slug(self, data: dict[str, Any], **_: Any) -> None:
        slug = data.get("slug")
        if slug is not None and not is_slug(slug):
            raise ValidationError(
                Message("Not a slug. Write, for example, {example}.", example=slugify(slug) or "a-slug"),
                "slug",
            )

    @validates_schema(skip_on_field_errors=True)
    def _check_order_of_times(self, data: dict[str, Any], **_: Any) -> None:
        if (name := out_of_order(data)) is not None:
            raise ValidationError(Message("This is earlier than `posted_at`."), name)

    @post_load
    def _combine_date_and_precision(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Combine `occurred_on` and `occurred_precision` into one PartialDate."""
        precision = data.pop("occurred_precision", None)
        if data.get("occurred_on", ...) is None:
            data["occurred_on"] = UNKNOWN_DATE
        elif "occurred_on" in data:
            data["occurred_on"] = _with_precision(data["occurred_on"], precision)
        elif precision is not None:
            raise ValidationError({"occurred_precision": [Message("Send `occurred_on` too.")]})
        return data


def _with_precision(day: PartialDate, precision: str | None) -> PartialDate:
    if (reason := date_error(day.first)) is not None:
        raise ValidationError({"occurred_on": [reason]})
    if precision is None:
        return day
    if _PRECISIONS.index(precision) < _PRECISIONS.index(day.precision):
        raise ValidationError(
            {
                "occurred_precision": [
                    Message("The date is only precise to the {precision}.", precision=word(day.precision))
                ]
            }
        )
    return day.at(DatePrecision(precision))


class IncidentPatchSchema(IncidentInputSchema):
    """A change to an incident. Fields that are not sent stay the same.

    The texts are in `language`. Default: the original language.
    """

    language = Language(metadata=describe("Language of the texts sent. Default: the original language."))
    status = fields.String(
        validate=validate.OneOf(_STATUSES),
        metadata=describe("`in_review` submits a draft; `published` publishes it, if the caller may."),
    )
    lessons = LimitedList(CompleteNested(LessonPatchSchema), max_length=MAX_LESSONS)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"partial": True, **kwargs})

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:
        """Let null empty a list. Clients generated for Java send `[]` for a list that is not set, unless it
        may be null."""
        super().on_bind_field(field_name, field_obj)
        if isinstance(field_obj, LimitedList):
            field_obj.allow_none = True

    @post_load
    def _empty_lists(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            name: [] if value is None and isinstance(self.fields[name], LimitedList) else value
            for name, value in data.items()
        }

    class Meta(InputSchema.Meta):
        exclude = ("team",)


class IncidentImportSchema(IncidentInputSchema):
    """A line of an import: an incident with its translations, or an update of one imported earlier."""

    external_id = Text(
        200,
        min_length=1,
        allow_none=True,
        load_default=None,
        metadata=describe("A repeated import with this id updates the incident."),
    )
    extra = Extra(
        metadata=describe(
            "Data of the file that has no field of its own. It is stored, and included in exports."
        )
    )
    translations = LanguageDict(
        CompleteNested(TranslationSchema),
        load_default=dict,
        # The original is one of the languages.
        validate=validate.Length(max=MAX_LANGUAGES - 1, error=Message("Send at most {max} translations.")),
    )

    class Meta(InputSchema.Meta):
        exclude = ("team", "acknowledge", "passed_check")

    @validates_schema(skip_on_field_errors=True)
    def _check_translations(self, data: dict[str, Any], **_: Any) -> None:
        for language, translation in data["translations"].items():
            if language == data.get("language"):
                raise ValidationError(
                    {"translations": {language: [Message("This is the original language.")]}}
                )
            for name in REQUIRED_IN_TRANSLATION:
                if data[name] and not translation[name]:
                    message = Message("Required because the original has it.")
                    raise ValidationError({"translations": {language: {name: [message]}}})
            if translation["lessons"] and len(translation["lessons"]) != len(data["lessons"]):
                message = counted(
                    "Send {num} lesson, as in the original, or none.",
                    "Send {num} lessons, as in the original, or none.",
                    len(data["lessons"]),
                )
                raise ValidationError({"translations": {language: {"lessons": [message]}}})
