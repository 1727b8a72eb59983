"""The Whoosh schema of the index."""

from __future__ import annotations

from functools import cache

from whoosh import fields

from kb.search.whoosh_engine.format.layout import INDEXED_TEXT_FIELDS, KEYWORD_FIELDS


@cache
def schema() -> fields.Schema:
    """The fields of an index. Increment SCHEMA_VERSION with each change. Treat the result as immutable."""
    return fields.Schema(
        id=fields.STORED,
        **dict.fromkeys(KEYWORD_FIELDS, fields.KEYWORD),
        **{f"text_{name}": fields.TEXT for name in INDEXED_TEXT_FIELDS},
    )
