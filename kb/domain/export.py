"""The vocabulary of exports."""

from __future__ import annotations

from enum import StrEnum


class ExportFormat(StrEnum):
    """An export format: JSON Lines that can be imported again, a table, a document for each incident, the
    fields of the AI Incident Database or of VERIS, or the report views as Parquet."""

    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"
    AIID = "aiid"
    VERIS = "veris"
    PARQUET = "parquet"


class ExportTable(StrEnum):
    """What each row of a table is: an incident, or an item of one of its lists."""

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
