"""What an export contains, and in which format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, post_load, validate

from kb.domain.export import Delimiter, ExportFormat, ExportTable
from kb.messages import Message
from kb.schemas.csv_options import (
    ALL_COLUMNS,
    CsvColumns,
    bom_field,
    delimiter_field,
    labels_field,
    raw_field,
)
from kb.schemas.fields import describe, one_of
from kb.schemas.filters import DrillDownSchema, LanguageQuerySchema
from kb.schemas.incident import INCIDENT_COLUMNS, ImpactSchema, LessonSchema, ResponseSchema, SourceSchema
from kb.schemas.query_fields import CommaSeparated, QueryBoolean, QueryInteger

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_INCIDENT = ("incident", "organization", "title", "occurred_on", "position")
_LESSON = (*(name for name in LessonSchema().fields if name != "guard"), "guard_type", "guard_severity")

TABLE_COLUMNS: dict[ExportTable, tuple[str, ...]] = {
    ExportTable.INCIDENTS: INCIDENT_COLUMNS,
    ExportTable.LESSONS: (*_OF_INCIDENT, *_LESSON),
    ExportTable.SOURCES: (*_OF_INCIDENT, *(f"source_{name}" for name in SourceSchema().fields)),
    ExportTable.IMPACTS: (*_OF_INCIDENT, *ImpactSchema().fields),
    ExportTable.RESPONSES: (*_OF_INCIDENT, *ResponseSchema().fields),
}
"""The columns of each table. A table of list items begins with the incident and the position in the list."""

_ONLY_IN = {
    ExportFormat.JSONL: ("history",),
    ExportFormat.CSV: ("table", "columns", "raw", "labels", "bom", "delimiter"),
    ExportFormat.MARKDOWN: (),
    ExportFormat.AIID: (),
    ExportFormat.VERIS: (),
    ExportFormat.PARQUET: (),
}
"""The parameters that apply to one format only."""

_OF_VIEWS = ("format", "lang")
"""The parameters of exports of report views, which have no filters; `lang` is the language of errors."""


class ExportQuerySchema(DrillDownSchema):
    """Which incidents to export, and how. Without `status`, withdrawn ones are included."""

    format = fields.String(
        load_default=ExportFormat.JSONL.value,
        validate=one_of(ExportFormat),
        metadata=describe(
            "`jsonl`: a line for each incident, which `kb import` can read; `csv`: a table; `markdown`: a "
            "ZIP file with a document for each incident; `aiid`, `veris`: JSON in the form of the AI "
            "Incident Database or of VERIS; `parquet`: a ZIP file with the views for reports."
        ),
    )
    since = QueryInteger(
        validate=validate.Range(0, 2**31 - 1),
        metadata=describe(
            "Only incidents that were written, or received comments or actions, after this `seq` of the "
            'change feed. JSON Lines also list those that the caller can no longer see: `{"export": 1, '
            '"id": 7, "gone": true}`.'
        ),
    )
    history = QueryBoolean(
        metadata=describe("Include the revisions of each incident in JSON Lines. For site administrators.")
    )
    table = fields.String(
        validate=one_of(ExportTable),
        metadata=describe("The rows of the CSV: `incidents`, or the items of one of their lists."),
    )
    columns = CommaSeparated(
        fields.String(),
        100,
        metadata=describe(f"Columns of the CSV, in this order. Default: `{ALL_COLUMNS}`."),
    )
    raw = raw_field(load_default=None)
    labels = labels_field(load_default=None)
    bom = bom_field(load_default=None)
    delimiter = delimiter_field(load_default=None)

    fixed_format: ExportFormat | None = None
    """The format of a path that has only one."""

    @post_load(pass_original=True)
    def _complete(self, data: dict[str, Any], sent: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """Check that the parameters apply to the format, and fill in its defaults."""
        chosen = self.fixed_format or ExportFormat(data["format"])
        if chosen is ExportFormat.PARQUET and (others := [name for name in sent if name not in _OF_VIEWS]):
            raise ValidationError(Message("Parquet has whole views. Leave this out."), others[0])
        for other, names in _ONLY_IN.items():
            for name in names:
                if other is not chosen and data.get(name) is not None:
                    raise ValidationError(Message("Only format={format} has this.", format=other), name)
        table = ExportTable(data.get("table") or ExportTable.INCIDENTS)
        available = TABLE_COLUMNS[table]
        try:
            columns = CsvColumns(available, available).deserialize(data.get("columns") or ALL_COLUMNS)
        except ValidationError as error:
            raise ValidationError(error.messages, "columns") from error
        return {
            **data,
            "format": chosen,
            "table": table,
            "columns": columns,
            "delimiter": Delimiter(data.get("delimiter") or Delimiter.COMMA),
            **{name: bool(data.get(name)) for name in ("history", "raw", "labels", "bom")},
        }


class CsvExportQuerySchema(ExportQuerySchema):
    """Which incidents to export as a table, and how. Without `status`, withdrawn ones are included."""

    fixed_format = ExportFormat.CSV

    class Meta(ExportQuerySchema.Meta):
        exclude = ("format", *_ONLY_IN[ExportFormat.JSONL])


class MarkdownExportQuerySchema(ExportQuerySchema):
    """Which incidents to export as documents. Without `status`, withdrawn ones are included."""

    fixed_format = ExportFormat.MARKDOWN

    class Meta(ExportQuerySchema.Meta):
        exclude = ("format", *_ONLY_IN[ExportFormat.JSONL], *_ONLY_IN[ExportFormat.CSV])


class AiidExportQuerySchema(MarkdownExportQuerySchema):
    """Which incidents to export in the form of the AI Incident Database. Without `status`, withdrawn ones are
    included.
    """

    fixed_format = ExportFormat.AIID


class VerisExportQuerySchema(MarkdownExportQuerySchema):
    """Which incidents to export in VERIS. Without `status`, withdrawn ones are included."""

    fixed_format = ExportFormat.VERIS


class ViewExportQuerySchema(LanguageQuerySchema):
    """The export of the report views, which has no filters; `lang` is the language of errors."""
