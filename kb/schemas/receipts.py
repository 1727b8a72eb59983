"""Receipts of checks, with overrides, reruns and near misses."""

from __future__ import annotations

from marshmallow import fields

from kb.domain.draft import MAX_LINKS
from kb.domain.guard import Verdict
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.checks import (
    MAX_REASON_LENGTH,
    FindingSchema,
    PrecedentSchema,
    ReceiptPrecedentSchema,
    ReceiptSuppressedSchema,
)
from kb.schemas.csv_options import CsvColumns, bom_field, delimiter_field, labels_field, raw_field
from kb.schemas.drafts import DraftText
from kb.schemas.fields import LimitedList, Text, describe, one_of
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.incident_input import MAX_TEXT_LENGTH, MAX_TITLE_LENGTH
from kb.schemas.incident_parts_input import MAX_LESSON_LENGTH
from kb.schemas.language_fields import Language
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.query_fields import CommaSeparated, UtcDateTime, format_parameter

MAX_LINK_LENGTH = 2_000


class FindingCountsSchema(OutputSchema):
    """The number of findings by severity, without those folded into others."""

    stop = fields.Integer()
    caution = fields.Integer()
    note = fields.Integer()


class CheckSummarySchema(OutputSchema):
    """A summary of a receipt."""

    id = fields.Integer()
    created_at = fields.String(metadata={"format": "date-time"})
    author = fields.String()
    team = fields.String(
        allow_none=True, metadata=describe("The team that owns it; null if it belongs to its author alone.")
    )
    verdict = fields.String(validate=one_of(Verdict))
    platform = fields.String(allow_none=True)
    account = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    organization = fields.String(allow_none=True)
    scheduled_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    finding_counts = fields.Nested(FindingCountsSchema)
    overridden = fields.Boolean(metadata=describe("Whether somebody went ahead despite its findings."))
    rerun_of = fields.Integer(allow_none=True, metadata=describe("The check that this one repeats."))


CHECK_COLUMNS = (
    *(name for name in CheckSummarySchema().fields if name != "finding_counts"),
    *FindingCountsSchema().fields,
    "url",
)
"""The columns of checks in CSV, with one for the number of findings of each severity."""


class CheckListSchema(OutputSchema):
    """A page of receipts, newest first."""

    items = fields.List(fields.Nested(CheckSummarySchema))
    next = fields.String(allow_none=True)


class ReceiptFindingSchema(FindingSchema):
    """A finding as stored in a receipt."""

    number = fields.Integer(metadata=describe("Its number in the receipt, from 1."))
    lesson = fields.Integer(allow_none=True, metadata=describe("The lesson whose guard it is."))  # type: ignore[assignment]


class OverrideSchema(OutputSchema):
    """Who went ahead despite a check's findings, and why."""

    id = fields.Integer()
    check = fields.Integer()
    author = fields.String()
    reason = fields.String()
    at = fields.String(metadata={"format": "date-time"})


class CheckSchema(CheckSummarySchema):
    """The receipt of a check. Incidents that you may not see are left out."""

    audience = fields.String(allow_none=True)
    audience_countries = fields.List(fields.String())
    industry = fields.String(allow_none=True)
    approvers = fields.List(fields.String())
    text_sha256 = fields.String(metadata=describe("SHA-256 of the text as sent, in UTF-8."))
    text = fields.String(allow_none=True, metadata=describe("Null unless the request asked to store it."))
    link_sha256 = fields.List(fields.String())
    findings = fields.List(fields.Nested(ReceiptFindingSchema))
    themes = fields.List(fields.String())
    precedents = fields.List(fields.Nested(ReceiptPrecedentSchema))
    suppressed = fields.List(fields.Nested(ReceiptSuppressedSchema))
    overrides = fields.List(fields.Nested(OverrideSchema))
    incidents = fields.List(fields.Integer(), metadata=describe("The incidents whose post it had passed."))
    ruleset = fields.String(metadata=describe("Hash of the guards and of the data they depended on."))
    position = fields.Integer(metadata=describe("The last change that was taken into account (`/changes`)."))


class CheckFilterSchema(InputSchema):
    """Filters for checks."""

    verdict = CommaSeparated(fields.String(validate=one_of(Verdict)))
    team = Text(80, min_length=1)
    platform = Text(100, min_length=1)
    account = Text(200, min_length=1)
    since = UtcDateTime("Only checks from this time on.")
    until = UtcDateTime("Only checks up to this time.")


class CheckQuerySchema(PageQuerySchema, CheckFilterSchema, LanguageQuerySchema):
    """Filters for checks, and the pagination of their list; `lang` is the language of labels."""

    format = format_parameter(["json", "csv"])
    columns = CsvColumns(CHECK_COLUMNS, default=CHECK_COLUMNS)
    raw = raw_field()
    labels = labels_field()
    bom = bom_field()
    delimiter = delimiter_field()


class NearMissInputSchema(InputSchema):
    """The fields of a near miss. Each is optional if the check determines it."""

    team = Text(80, min_length=1, metadata=describe("The team to file for, if you may file for several."))
    organization = Text(200, min_length=1, metadata=describe("Default: that of the draft."))
    title = Text(MAX_TITLE_LENGTH, min_length=1)
    summary = Text(MAX_TEXT_LENGTH)
    cause = Text(MAX_TEXT_LENGTH, metadata=describe("How it could get that far."))
    outcome = Text(MAX_TEXT_LENGTH, metadata=describe("How it was stopped."))
    category = Text(
        100,
        min_length=1,
        metadata=describe("Default: the category of the incident whose guard found something."),
    )
    lesson = Text(MAX_LESSON_LENGTH, metadata=describe("Default: the lesson whose guard found something."))
    language = Language(
        metadata=describe("Language of the texts. Default: the draft's if it is en or he, or en.")
    )


class RerunInputSchema(InputSchema):
    """The text and the links of the draft, if they are not stored in the receipt."""

    text = DraftText(metadata=describe("The same text; its SHA-256 must be that of the receipt."))
    links = LimitedList(Text(MAX_LINK_LENGTH, min_length=1), max_length=MAX_LINKS)


class VerdictChangeSchema(OutputSchema):
    """The verdict of a check, and of its rerun."""

    before = fields.String(validate=one_of(Verdict))
    now = fields.String(validate=one_of(Verdict))


class RulesetChangeSchema(OutputSchema):
    """The ruleset of a check, and of its rerun."""

    before = fields.String()
    now = fields.String()


class PositionChangeSchema(OutputSchema):
    """The last change taken into account by a check, and by its rerun."""

    before = fields.Integer()
    now = fields.Integer()


class RerunSchema(OutputSchema):
    """The differences between a check and its rerun. `id` identifies the new receipt."""

    id = fields.Integer()
    rerun_of = fields.Integer()
    verdict = fields.Nested(VerdictChangeSchema)
    ruleset = fields.Nested(RulesetChangeSchema)
    position = fields.Nested(PositionChangeSchema)
    new_findings = fields.List(fields.Nested(FindingSchema))
    gone_findings = fields.List(fields.Nested(ReceiptFindingSchema))
    new_precedents = fields.List(fields.Nested(PrecedentSchema))
    gone_precedents = fields.List(fields.Nested(ReceiptPrecedentSchema))


class OverrideInputSchema(InputSchema):
    """Why somebody goes ahead despite a check's findings."""

    reason = Text(MAX_REASON_LENGTH, required=True)
