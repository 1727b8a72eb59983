"""Collections: their metadata, the input to add one, and reports of changes."""

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
    """The texts of a collection by language, its version, and what applies to all its incidents."""

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
    license = Text(200, required=True, metadata=describe("The license, such as CC BY 4.0."))
    contact = Text(
        200,
        required=True,
        metadata=describe("Where people who are named can ask for a correction: an email address, or a URL."),
    )

    @pre_load
    def _number_as_version(self, data: Any, **_: Any) -> Any:
        """Accept a number as the version, since YAML reads 1.0 as one."""
        version = data.get("version") if isinstance(data, dict) else None
        is_number = isinstance(version, int | float) and not isinstance(version, bool)
        return {**data, "version": str(version)} if is_number else data


class CollectionHeadSchema(CollectionTextsSchema):
    """The head of a collection's file: its texts and its key."""

    key = Text(80, required=True)

    @validates_schema(skip_on_field_errors=True)
    def _check_key(self, data: dict[str, Any], **_: Any) -> None:
        if not is_slug(data["key"]):
            example = slugify(data["key"]) or "my-collection"
            raise ValidationError(
                Message("Not a slug. Write, for example, {example}.", example=example), "key"
            )


class CollectionInputSchema(CollectionTextsSchema):
    """A whole collection. Incidents of an earlier version that this one lacks are withdrawn."""

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
    """A shipped collection."""

    key = Text(80, required=True, metadata=describe("The key of a collection with a `shipped_version`."))


class CollectionQuerySchema(InputSchema):
    """Whether to store anything."""

    dry_run = QueryBoolean(
        load_default=False, metadata=describe("Change nothing, and report what would change.")
    )


class CollectionRemovalQuerySchema(CollectionQuerySchema):
    """Which incidents to withdraw with a collection, and whether to store anything."""

    edited = QueryBoolean(
        load_default=False,
        metadata=describe(
            "Also withdraw incidents that people have edited or work with. By default, they are kept."
        ),
    )


class CollectionSchema(OutputSchema):
    """A collection that is shipped or was added."""

    key = fields.String()
    url = fields.String(metadata=describe("Path of the collection."))
    title = fields.String()
    description = fields.String()
    language = fields.String(metadata=describe("Language of `title`."))
    license = fields.String()
    contact = fields.String(metadata=describe("Where to ask for a correction."))
    shipped = fields.Boolean(metadata=describe("Whether it ships with the program."))
    version = fields.String(
        allow_none=True, metadata=describe("The version that was added; null if none was.")
    )
    shipped_version = fields.String(
        allow_none=True, metadata=describe("The version that can be added by key.")
    )
    added_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    updated_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    removed_at = fields.String(
        allow_none=True,
        metadata={"format": "date-time", **describe("When it was removed; null if it was not.")},
    )
    incidents = fields.Integer(metadata=describe("The number of its incidents that everybody may read."))

    @pre_dump
    def _add_url(self, collection: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**collection, "url": collection_url(collection["key"])}


class CollectionListSchema(OutputSchema):
    """All collections, by key."""

    items = fields.List(fields.Nested(CollectionSchema))


class KeptIncidentSchema(OutputSchema):
    """An incident that was left unchanged."""

    id = fields.Integer()
    url = fields.String(metadata=describe("Path of the whole incident."))
    external_id = fields.String()
    title = fields.String()
    reasons = fields.List(fields.String(validate=one_of(KeptReason)))

    @pre_dump
    def _add_url(self, incident: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**incident, "url": incident_url(incident["id"])}


class CollectionReportSchema(OutputSchema):
    """What adding, updating or removing a collection has changed or, in a dry run, would change."""

    key = fields.String()
    version = fields.String()
    dry_run = fields.Boolean()
    added = fields.Integer(metadata=describe("New incidents."))
    updated = fields.Integer(metadata=describe("Incidents whose content changed."))
    restored = fields.Integer(metadata=describe("Incidents that had been withdrawn and were restored."))
    unchanged = fields.Integer(metadata=describe("Incidents that were up to date."))
    withdrawn = fields.Integer(metadata=describe("Incidents that were withdrawn."))
    kept = fields.List(
        fields.Nested(KeptIncidentSchema),
        metadata=describe("Incidents that were left unchanged, with the reasons."),
    )
