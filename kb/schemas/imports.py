"""Imports over HTTP: how to import a file, and the state of an import."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, pre_dump

from kb.domain.import_job import ImportPhase, ImportState
from kb.domain.written_times import DateOrder
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import Text, describe, one_of
from kb.schemas.links import import_url, incident_url
from kb.schemas.query_fields import QueryBoolean


class ImportQuerySchema(InputSchema):
    """The team that a file is imported into, and how to read it."""

    team = Text(
        80, metadata=describe("The team that will own the incidents. Default: the only one possible.")
    )
    name = Text(
        200,
        load_default="",
        metadata=describe("Name of the file. Its suffix decides if the content is ambiguous."),
    )
    encoding = Text(40, load_default=None, metadata=describe("Such as windows-1255. Default: detected."))
    dry_run = QueryBoolean(
        load_default=False, metadata=describe("Import nothing, and report what the import would do.")
    )
    skip_invalid = QueryBoolean(
        load_default=False, metadata=describe("Import the valid incidents, and skip the others.")
    )
    again = QueryBoolean(
        load_default=False,
        metadata=describe("Import a file even if it was imported before and incidents would be duplicated."),
    )


class ImportedIncidentSchema(OutputSchema):
    """An incident that was added, and the line it is from."""

    line = fields.Integer()
    incident = fields.Integer()
    url = fields.String()

    @pre_dump
    def _add_url(self, item: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**item, "url": incident_url(item["incident"])}


class ImportErrorSchema(OutputSchema):
    """An error in a line or, for line 0, in the whole file."""

    line = fields.Integer(metadata=describe("Line, row or item, from 1; 0 for the whole file."))
    pointer = fields.String(metadata=describe("JSON pointer into the incident."))
    detail = fields.String()
    column = fields.String(allow_none=True, metadata=describe("Column of a table."))
    file = fields.String(allow_none=True, metadata=describe("Name of a document in an archive."))

    @pre_dump
    def _complete(self, item: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**item, **{name: item.get(name) or None for name in ("column", "file")}}


class ImportNoteSchema(ImportErrorSchema):
    """A style hint on a text."""

    kind = fields.String()
    passage = fields.String()


class ImportDuplicateSchema(OutputSchema):
    """An incident that may duplicate another one, in the file or stored earlier."""

    line = fields.Integer()
    incident = fields.Integer(allow_none=True, metadata=describe("Its id; null in a dry run."))
    file = fields.String(allow_none=True, metadata=describe("Name of a document in an archive."))
    of_line = fields.Integer(
        allow_none=True, metadata=describe("The line of the other one, if it is in the file.")
    )
    of_incident = fields.Integer(allow_none=True)
    of_file = fields.String(allow_none=True)
    of_url = fields.String(allow_none=True, metadata=describe("Path of the other one, if it is stored."))
    reasons = fields.List(fields.String())

    @pre_dump
    def _add_url(self, item: dict[str, Any], **_: Any) -> dict[str, Any]:
        of, files = item["of_incident"], {name: item.get(name) or None for name in ("file", "of_file")}
        return {**item, **files, "of_url": None if of is None else incident_url(of)}


class ImportReportSchema(OutputSchema):
    """What an import has done or, in a dry run, would do. Each list has up to 1,000 items."""

    unit = fields.String(metadata=describe("What a `line` is: `line`, `item`, `row` or `document`."))
    added = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    skipped = fields.Integer(metadata=describe("The number of invalid lines."))
    ignored = fields.List(fields.String(), metadata=describe("Read-only fields that were ignored."))
    withdrawn = fields.Integer(metadata=describe("Withdrawn incidents that were left out."))
    languages_detected = fields.Dict(keys=fields.String(), values=fields.Integer())
    languages_assumed = fields.Dict(keys=fields.String(), values=fields.Integer())
    incidents = fields.List(
        fields.Nested(ImportedIncidentSchema),
        metadata=describe("The incidents that were added; empty in a dry run."),
    )
    errors = fields.List(fields.Nested(ImportErrorSchema))
    remarks = fields.List(
        fields.Nested(ImportErrorSchema),
        metadata=describe("Remarks on what was assumed, left out or missing."),
    )
    duplicates = fields.List(
        fields.Nested(ImportDuplicateSchema),
        allow_none=True,
        metadata=describe("Likely duplicates; null until they have been looked for."),
    )
    notes = fields.List(
        fields.Nested(ImportNoteSchema),
        metadata=describe("Style hints on the texts; only a dry run looks for them."),
    )
    imported_before = fields.String(
        allow_none=True,
        metadata={
            "format": "date-time",
            **describe(
                "In a dry run, when the same file was imported before, if incidents would be duplicated."
            ),
        },
    )
    left_off = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata=describe("The number of items left off each list."),
    )

    @pre_dump
    def _add_notes(self, report: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"notes": [], "incidents": [], "unit": "line", "imported_before": None, **report}


_TEXTS = fields.List(fields.String())


class ImportMappingPartsSchema(OutputSchema):
    """A mapping, in the form in which a request may send it. Its texts are those of the file."""

    columns = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        metadata=describe("The field of each column; null for one that is left out."),
    )
    constants = fields.Dict(
        keys=fields.String(), values=_TEXTS, metadata=describe("What rows get that do not say it, by field.")
    )
    values = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=_TEXTS),
        metadata=describe("What words of the file mean, by field; an empty list leaves a word out."),
    )
    language = fields.String(allow_none=True)
    dates = fields.String(validate=one_of(DateOrder), allow_none=True)
    time_zone = fields.String(allow_none=True)
    separator = fields.String(allow_none=True)
    sheet = fields.String(allow_none=True)

    @pre_dump
    def _add_missing(self, mapping: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**dict.fromkeys(self.fields), **mapping}


class ImportColumnSchema(OutputSchema):
    """A column of a table: its name in a mapping, and what it was read as."""

    name = fields.String(metadata=describe("Its heading, or its letter if that is blank or repeated."))
    heading = fields.String()
    field = fields.String(allow_none=True, metadata=describe("Null if it is left out."))
    samples = fields.List(fields.String(), metadata=describe("Its first different cells, shortened."))


class ImportJobSchema(OutputSchema):
    """An import. `error` is the reason if it failed."""

    id = fields.Integer()
    url = fields.String(metadata=describe("Path of the import, to poll for its progress."))
    team = fields.String()
    name = fields.String(metadata=describe("Name of the file as sent."))
    by = fields.String(metadata=describe("Who sent it."))
    state = fields.String(
        validate=one_of(ImportState),
        metadata=describe(
            "`interrupted`: its process has died, nothing was written, and it can be restarted for a day."
        ),
    )
    phase = fields.String(validate=one_of(ImportPhase))
    done = fields.Integer(
        metadata=describe("The progress of the phase: bytes while checking, then incidents.")
    )
    total = fields.Integer()
    dry_run = fields.Boolean()
    skip_invalid = fields.Boolean()
    again = fields.Boolean()
    created_at = fields.String(metadata={"format": "date-time"})
    ended_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    mapping = fields.Nested(
        ImportMappingPartsSchema,
        allow_none=True,
        metadata=describe(
            "The mapping that the file was read with: as sent or, in a dry run of a foreign table without "
            "one, guessed. Null if none was needed."
        ),
    )
    guessed = fields.List(
        fields.String(), metadata=describe("The parts of `mapping` that were guessed: check them.")
    )
    columns = fields.List(
        fields.Nested(ImportColumnSchema), metadata=describe("The columns of a table, in a dry run.")
    )
    error = fields.String(allow_none=True, metadata=describe("In the language of the sender."))
    report = fields.Nested(ImportReportSchema, allow_none=True)

    @pre_dump
    def _add_url(self, job: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**job, "url": import_url(job["id"])}


class ImportListSchema(OutputSchema):
    """A page of imports, newest first."""

    items = fields.List(fields.Nested(ImportJobSchema))
    next = fields.String(allow_none=True)
