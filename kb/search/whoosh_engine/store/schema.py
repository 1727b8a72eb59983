"""The fields of the Whoosh index, as Whoosh knows them."""

from __future__ import annotations

from whoosh import fields

from kb.search.whoosh_engine.format.layout import KEYWORD_FIELDS, TEXT_FIELDS


def schema() -> fields.Schema:
    """The schema of an index; SCHEMA_VERSION counts its changes."""
    return fields.Schema(
        id=fields.STORED,
        **dict.fromkeys(KEYWORD_FIELDS, fields.KEYWORD),
        **{f"text_{name}": fields.TEXT for name in TEXT_FIELDS},
    )
