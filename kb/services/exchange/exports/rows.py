"""Export incidents, or the items of one of their lists, as rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.export import ExportTable
from kb.domain.taxonomy import CLASSIFICATIONS, NAMESPACES, SECONDARY_CATEGORIES
from kb.services.core.presenters import detail
from kb.services.incidents.read import visible_originals
from kb.services.incidents.table import table_row
from kb.services.taxonomy.listing import term_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.models import Incident

Names = dict[str, dict[str, str]]
"""The labels of terms, by namespace and key."""

_TERMS = {"category": "category", SECONDARY_CATEGORIES: "category", **CLASSIFICATIONS, "industry": "industry"}
"""The fields that hold terms, each with its namespace."""


def export_rows(
    actor: Actor,
    pages: Iterable[Sequence[Incident]],
    table: ExportTable,
    languages: Sequence[str],
    *,
    labels: bool,
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table of incidents that the actor may see (`table_row`), or of one of their lists.

    Texts are in the first available of `languages`, else in the original language. With `labels`, terms
    are written by their labels in those languages, or else in English, and retired terms by their keys.
    """
    names = term_names(actor, NAMESPACES, languages) if labels else {}
    for page in pages:
        originals = visible_originals(actor, page)
        for incident in page:
            if table is ExportTable.INCIDENTS:
                row = table_row(incident, languages, originals)
                yield labeled_row(row, names) if labels else row
            else:
                yield from _list_rows(incident, table, languages, names)


def labeled_row(row: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A row of a table of incidents with labels in place of the keys of its terms."""
    labeled = {
        field: _labels(row[field], names[namespace]) for field, namespace in _TERMS.items() if field in row
    }
    if "responses" in row:
        labeled["responses"] = [_labeled_response(text, names["response"]) for text in row["responses"]]
    return {**row, **labeled}


def _labeled_response(text: str, names: Mapping[str, str]) -> str:
    """A response with its day, such as `deleted 2018-01-02`, with its label in place of its key."""
    key, space, day = text.partition(" ")
    return f"{names.get(key, key)}{space}{day}"


def _labels(value: str | list[str] | None, names: Mapping[str, str]) -> str | list[str] | None:
    if isinstance(value, list):
        return [names.get(key, key) for key in value]
    return None if value is None else names.get(value, value)


def _list_rows(
    incident: Incident, table: ExportTable, languages: Sequence[str], names: Names
) -> Iterator[dict[str, Any]]:
    fields = detail(incident, languages)
    common = {
        "incident": incident.id,
        **{name: fields[name] for name in ("organization", "title", "occurred_on")},
    }
    for position, item in enumerate(fields[table], 1):
        yield {**common, "position": position, **_item(table, item, names)}


def _item(table: ExportTable, item: Mapping[str, Any], names: Names) -> dict[str, Any]:
    if table is ExportTable.LESSONS:
        guard = item["guard"] or {}
        return {**item, "guard_type": guard.get("type"), "guard_severity": guard.get("severity")}
    if table is ExportTable.SOURCES:  # a source has a title of its own
        return {f"source_{name}": value for name, value in item.items()}
    if table is ExportTable.IMPACTS and item["amount"] is not None:
        amount = float(item["amount"])  # the number type depends on the database
        return {**item, "amount": int(amount) if amount.is_integer() else amount}
    if table is ExportTable.RESPONSES and names:
        return {**item, "kind": _labels(item["kind"], names["response"])}
    return {**item}
