"""Collections: their heads, what is sent to add one, what is said of them and of a change of one."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, pre_dump, pre_load, validate, validates_schema

from kb.domain.collection import MAX_INCIDENTS, KeptReason
from kb.domain.text import is_slug, slugify
from kb.messages import Message
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import CompleteNested, LimitedList, Text, describe, one_of
from kb.schemas.incident_input import MAX_TITLE_LENGTH, IncidentImportSchema
from kb.schemas.language_fields import LanguageDict
from kb.schemas.links import collection_url, incident_url
from kb.schemas.query_fields import QueryBoolean

_MAX_DESCRIPTION_LENGTH = 4_000


class CollectionTextsSchema(InputSchema):
    """What a collection is, by language, its version, and what holds for all its incidents."""

    title = LanguageDict(
        Text(MAX_TITLE_LENGTH, required=True),
        required=True,
        validate=validate.Length(min=1, error=Message("Write the title in one language at least.")),
        metadata=describe("By language."),
    )
    description = LanguageDict(
        Text(_MAX_DESCRIPTION_LENGTH, required=True), load_default=dict, metadata=describe("By language.")
    )
    version = Text(40, required=True, metadata=describe("Such as 2026-11, or 1.2.0."))
    license = Text(200, required=True, metadata=describe("What others may do with it, such as CC BY 4.0."))
    contact = Text(
        200,
        required=True,
        metadata=describe("Where somebody who is named asks for a correction: an email address, or a URL."),
    )

    @pre_load
    def _number_as_version(self, data: Any, **_: Any) -> Any:
        """YAML reads the version 1.0 as a number."""
        version = data.get("version") if isinstance(data, dict) else None
        is_number = isinstance(version, int | float) and not isinstance(version, bool)
        return {**data, "version": str(version)} if is_number else data


class CollectionHeadSchema(CollectionTextsSchema):
    """The head of a collection's file: its texts, and the key by which it is known."""

    key = Text(80, required=True)

    @validates_schema(skip_on_field_errors=True)
    def _check_key(self, data: dict[str, Any], **_: Any) -> None:
        if not is_slug(data["key"]):
            example = slugify(data["key"]) or "my-collection"
            raise ValidationError(
                Message("Not a slug. Write, for example, {example}.", example=example), "key"
            )


class CollectionInputSchema(CollectionTextsSchema):
    """A whole collection: an incident that an earlier version had and this one lacks is taken out."""

    incidents = LimitedList(
        CompleteNested(IncidentImportSchema),
        max_length=MAX_INCIDENTS,
        pauses=True,
        required=True,
        metadata=describe(
            "Each with an `external_id` that begins with the key and a colon, or with a `slug`."
        ),
    )


class ShippedCollectionSchema(InputSchema):
    """A collection that came with the program."""

    key = Text(80, required=True, metadata=describe("The key of one with a `shipped_version`."))


class CollectionQuerySchema(InputSchema):
    """Whether to change anything."""

    dry_run = QueryBoolean(
        load_default=False, metadata=describe("Change nothing, and say what would be changed.")
    )


class CollectionRemovalQuerySchema(CollectionQuerySchema):
    """What to take out with a collection, and whether to change anything."""

    edited = QueryBoolean(
        load_default=False,
        metadata=describe("Take out what people have edited or work with, too. Default: it stays."),
    )


class CollectionSchema(OutputSchema):
    """A collection: one that came with the program, or one that was added."""

    key = fields.String()
    url = fields.String(metadata=describe("Path of the collection."))
    title = fields.String()
    description = fields.String()
    language = fields.String(metadata=describe("Language of `title`."))
    license = fields.String()
    contact = fields.String(metadata=describe("Where to ask for a correction."))
    shipped = fields.Boolean(metadata=describe("Whether it came with the program."))
    version = fields.String(
        allow_none=True, metadata=describe("The version that was added; null if none is.")
    )
    shipped_version = fields.String(
        allow_none=True, metadata=describe("The version that can be added by key.")
    )
    added_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    updated_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    removed_at = fields.String(
        allow_none=True,
        metadata={"format": "date-time", **describe("When it was taken out; null if it was not.")},
    )
    incidents = fields.Integer(metadata=describe("How many of its incidents everybody may read."))

    @pre_dump
    def _add_url(self, collection: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**collection, "url": collection_url(collection["key"])}


class CollectionListSchema(OutputSchema):
    """All collections, by key."""

    items = fields.List(fields.Nested(CollectionSchema))


class KeptIncidentSchema(OutputSchema):
    """An incident that was left as it is."""

    id = fields.Integer()
    url = fields.String(metadata=describe("Path of the whole incident."))
    external_id = fields.String()
    title = fields.String()
    reasons = fields.List(fields.String(validate=one_of(KeptReason)))

    @pre_dump
    def _add_url(self, incident: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**incident, "url": incident_url(incident["id"])}


class CollectionReportSchema(OutputSchema):
    """What adding, updating or taking out a collection has changed or, in a dry run, would change."""

    key = fields.String()
    version = fields.String()
    dry_run = fields.Boolean()
    added = fields.Integer(metadata=describe("New incidents."))
    updated = fields.Integer(metadata=describe("Incidents whose content changed."))
    restored = fields.Integer(metadata=describe("Incidents that had been taken out, and are back."))
    unchanged = fields.Integer(metadata=describe("Incidents that were up to date."))
    withdrawn = fields.Integer(metadata=describe("Incidents that were taken out: they are withdrawn."))
    kept = fields.List(
        fields.Nested(KeptIncidentSchema), metadata=describe("Incidents that were left as they are, and why.")
    )
