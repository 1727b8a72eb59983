"""The vocabulary of exports."""

from __future__ import annotations

from enum import StrEnum


class ExportFormat(StrEnum):
    """What an export is written in: whole lines to import again, a table, a document for each incident, the
    fields of the AI Incident Database or of VERIS, or the views for reports as Parquet."""

    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"
    AIID = "aiid"
    VERIS = "veris"
    PARQUET = "parquet"


class ExportTable(StrEnum):
    """What the rows of a table are: incidents, or the items of one of their lists."""

    INCIDENTS = "incidents"
    LESSONS = "lessons"
    SOURCES = "sources"
    IMPACTS = "impacts"
    RESPONSES = "responses"


class Delimiter(StrEnum):
    """What separates the cells of a table."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"

    @property
    def character(self) -> str:
        return {Delimiter.COMMA: ",", Delimiter.SEMICOLON: ";", Delimiter.TAB: "\t"}[self]
