"""The fields that a column of a table, or a key of front matter, can map to, by kind."""

from __future__ import annotations

from enum import StrEnum

from kb.domain.incident import TEXT_FIELDS
from kb.domain.taxonomy import CLASSIFICATIONS, PRIMARY_CATEGORY, SECONDARY_CATEGORIES


class TargetKind(StrEnum):
    """How a text is converted to the value of a field."""

    TEXT = "text"
    NAME = "name"
    WORD = "word"
    NUMBER = "number"
    DATE = "date"
    PRECISION = "precision"
    MOMENT = "moment"
    TERM = "term"
    TERMS = "terms"
    TAGS = "tags"
    LESSONS = "lessons"
    SOURCES = "sources"
    RESPONSES = "responses"
    IMPACTS = "impacts"
    EXTRA = "extra"
    PART_OF_SOURCE = "part of a source"


SOURCE_PARTS = ("title", "publisher", "url", "archive_url", "published_on", "kind")
"""The fields of a source that may have their own columns: `source_title`, as exports write them."""

NAMESPACE_OF = {
    PRIMARY_CATEGORY: "category",
    SECONDARY_CATEGORIES: "category",
    **CLASSIFICATIONS,
    "industry": "industry",
    "responses": "response",
}
"""The fields that hold terms, each with its namespace."""

TARGETS: dict[str, TargetKind] = {
    **dict.fromkeys(TEXT_FIELDS, TargetKind.TEXT),
    **dict.fromkeys(("organization", "slug", "external_id", "language"), TargetKind.NAME),
    **dict.fromkeys(("kind", "status", "visibility", "confidence"), TargetKind.WORD),
    "severity": TargetKind.NUMBER,
    "occurred_on": TargetKind.DATE,
    "occurred_precision": TargetKind.PRECISION,
    **dict.fromkeys(("posted_at", "acknowledged_at", "removed_at"), TargetKind.MOMENT),
    PRIMARY_CATEGORY: TargetKind.TERM,
    "industry": TargetKind.TERM,
    SECONDARY_CATEGORIES: TargetKind.TERMS,
    **dict.fromkeys(CLASSIFICATIONS, TargetKind.TERMS),
    "tags": TargetKind.TAGS,
    "lessons": TargetKind.LESSONS,
    "sources": TargetKind.SOURCES,
    "responses": TargetKind.RESPONSES,
    "impacts": TargetKind.IMPACTS,
    "extra": TargetKind.EXTRA,
    **{f"source_{part}": TargetKind.PART_OF_SOURCE for part in SOURCE_PARTS},
}
"""The fields that a mapping may name, with their kinds."""

LISTS = (TargetKind.TERMS, TargetKind.TAGS, TargetKind.LESSONS, TargetKind.SOURCES, TargetKind.RESPONSES,
         TargetKind.IMPACTS)  # fmt: skip
"""The kinds that several columns can be combined into one list of."""
