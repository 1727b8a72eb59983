"""The fields of the Whoosh index, and how a document is laid out in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whoosh import fields

from kb.domain.incident import NAMESPACES
from kb.search.analysis import terms
from kb.search.engine import TEXT_WEIGHTS

if TYPE_CHECKING:
    from kb.search.engine import IndexDocument

MARKER = "position"
"""The one document that is no incident: it holds the `seq` of the last change in the index."""


def schema() -> fields.Schema:
    """The schema of an index; SCHEMA_VERSION counts its changes."""
    return fields.Schema(
        id=fields.NUMERIC(int, bits=64, unique=True, stored=True, sortable=True),
        marker=fields.ID(unique=True),
        seq=fields.STORED,
        first_day=fields.NUMERIC(int, sortable=True),
        last_day=fields.NUMERIC(int),
        audience=fields.KEYWORD,
        organization=fields.ID,
        language=fields.KEYWORD,
        status=fields.ID,
        kind=fields.ID,
        tag=fields.KEYWORD,
        severity=fields.ID,
        **{f"term_{namespace}": fields.KEYWORD(stored=True) for namespace in NAMESPACES},
        **{f"text_{name}": fields.TEXT for name in TEXT_WEIGHTS},
    )


def layout(document: IndexDocument) -> dict[str, Any]:
    """A document as the fields of the index; a field without a value is left out.

    Lists go in as they are, term by term: text is analyzed here, by its own language, not by Whoosh.
    """
    row: dict[str, Any] = {
        "id": document.id,
        "first_day": document.first_day.toordinal(),
        "last_day": document.last_day.toordinal(),
        "audience": list(document.audiences),
        "organization": document.organization_key,
        "language": list(document.languages),
        "status": document.status,
        "kind": document.kind,
        "tag": list(document.tags),
        "severity": None if document.severity is None else str(document.severity),
    }
    for namespace, keys in document.terms.items():
        row[f"term_{namespace}"] = list(keys)
    for name, texts in document.texts.items():
        row[f"text_{name}"] = [term for language, text in texts for term in terms(text, language)]
    return {name: value for name, value in row.items() if value not in (None, "", [])}
