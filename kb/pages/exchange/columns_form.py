"""The form that shows how the table of a trial was read, and takes corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.written_times import DateOrder
from kb.pages.edits.options import Options, options
from kb.pages.messages import _, _l
from kb.pages.words.change_words import field_label
from kb.services.exchange.files.targets import NAMESPACE_OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kb.pages.messages import LazyText

MAX_CONTROLS = 50
"""The most columns, and the most words, that the page has a control for; others keep their meaning."""

_GROUPS: tuple[tuple[LazyText, tuple[str, ...]], ...] = (
    (
        _l("What happened"),
        ("title", "summary", "cause", "outcome", "why_failure", "alternative", "lessons", "audience"),
    ),
    (_l("When"), ("occurred_on", "posted_at", "acknowledged_at", "removed_at")),
    (
        _l("How it is classified"),
        (
            "organization",
            "category",
            "secondary_categories",
            "failure_modes",
            "themes",
            "platforms",
            "industry",
            "severity",
            "severity_evidence",
            "tags",
        ),
    ),
    (_l("What followed"), ("responses", "impacts")),
    (
        _l("Sources"),
        ("sources", "source_title", "source_url", "source_publisher", "source_published_on"),
    ),
    (_l("Administration"), ("external_id", "language", "kind", "status", "extra")),
)
"""The fields that a column can be read as, as they are offered. Others need a mapping in YAML."""

_SOURCE_FIELDS: Mapping[str, LazyText] = {
    "source_title": _l("Title of the source"),
    "source_url": _l("Address of the source"),
    "source_publisher": _l("Publisher of the source"),
    "source_published_on": _l("Date of the source"),
}

_ORDERS: Mapping[str, LazyText] = {
    DateOrder.DAY_FIRST: _l("the day: 3 April"),
    DateOrder.MONTH_FIRST: _l("the month: March 4"),
}


class Selection(NamedTuple):
    """A select: its name in the form, its label and samples from the file, its options, and its value.

    The options are in groups; one without a name has those outside of any group.
    """

    name: str
    label: str
    samples: list[str]
    groups: list[tuple[str, Options]]
    chosen: str


class ColumnsForm(NamedTuple):
    """The controls that show how a table was read.

    `has_fields` says whether any column is read, `identifies` whether one holds identifiers of incidents.
    `organization` and `category` are for rows that do not say theirs; `dates` is None if no order of day and
    month is known. `words` has the selections for words of the file, by the label of their field, and `more`
    is the number of columns and words without a selection.
    """

    is_guessed: bool
    has_fields: bool
    identifies: bool
    organization: str
    category: Selection
    dates: Selection | None
    columns: list[Selection]
    words: list[tuple[str, list[Selection]]]
    more: int

    def chosen(self) -> Iterator[tuple[str, str]]:
        """The name and the value of each control."""
        yield "constant.organization", self.organization
        words = [selection for _label, selections in self.words for selection in selections]
        for selection in (self.category, self.dates, *self.columns, *words):
            if selection is not None:
                yield selection.name, selection.chosen


def columns_form(job: Mapping[str, Any]) -> ColumnsForm | None:
    """The form for the table of a trial; None if people need not say what its columns mean."""
    mapping, columns = job["mapping"] or {}, job["columns"]
    has_fields = any(column["field"] for column in columns)
    if not columns or (has_fields and not mapping.get("columns")):
        return None
    constants = mapping.get("constants", {})
    words, left_out = _words(mapping.get("values", {}), {column["field"] for column in columns})
    dates = mapping.get("dates")
    orders = [(str(key), str(label)) for key, label in _ORDERS.items()]
    return ColumnsForm(
        is_guessed=bool(job["guessed"]),
        has_fields=has_fields,
        identifies=any(column["field"] == "external_id" for column in columns),
        organization=_first(constants.get("organization")),
        category=_category(_first(constants.get("category"))),
        dates=Selection("dates", "", [], [("", orders)], dates) if dates else None,
        columns=[_column(index, column) for index, column in enumerate(columns[:MAX_CONTROLS])],
        words=words,
        more=max(0, len(columns) - MAX_CONTROLS) + left_out,
    )


def changed_mapping(job: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any] | None:
    """The parts of the mapping of a trial with what a form says otherwise; None if it changes nothing."""
    shown = columns_form(job)
    if shown is None:
        return None
    changed = {
        name: form[name].strip()
        for name, chosen in shown.chosen()
        if name in form and form[name].strip() != chosen
    }
    return _with_changes(job, changed) if changed else None


def _with_changes(job: Mapping[str, Any], changed: Mapping[str, str]) -> dict[str, Any]:
    mapping = job["mapping"] or {}
    constants, values = dict(mapping.get("constants", {})), mapping.get("values", {})
    for field in ("organization", "category"):
        text = changed.get(f"constant.{field}")
        if text is not None:
            constants[field] = [text] if text else []
    return {
        **mapping,
        "columns": {
            column["name"]: changed.get(f"column.{index}", column["field"]) or None
            for index, column in enumerate(job["columns"])
        },
        "constants": {field: texts for field, texts in constants.items() if texts},
        "values": {
            field: {
                text: _texts(changed.get(f"value.{field}.{index}"), meant)
                for index, (text, meant) in enumerate(meanings.items())
            }
            for field, meanings in values.items()
        },
        **({"dates": changed["dates"]} if "dates" in changed else {}),
    }


def _texts(changed: str | None, meant: list[str]) -> list[str]:
    if changed is None:
        return meant
    return [changed] if changed else []


def _column(index: int, column: Mapping[str, Any]) -> Selection:
    chosen = column["field"] or ""
    offered = {field for _label, fields in _GROUPS for field in fields}
    outside = [("", _("Leave it out"))]
    if chosen and chosen not in offered:
        outside.append((chosen, field_label(chosen) or chosen))
    groups = [
        ("", outside),
        *((str(label), [(field, _field_name(field)) for field in fields]) for label, fields in _GROUPS),
    ]
    heading = column["heading"] or column["name"]
    return Selection(f"column.{index}", heading, column["samples"], groups, chosen)


def _field_name(field: str) -> str:
    return str(_SOURCE_FIELDS[field]) if field in _SOURCE_FIELDS else field_label(field) or field


def _words(
    values: Mapping[str, Mapping[str, list[str]]], fields: set[str | None]
) -> tuple[list[tuple[str, list[Selection]]], int]:
    """The selections for the words in the columns of some fields, and how many words have none."""
    found, shown, left_out = [], 0, 0
    for field, meanings in values.items():
        if field not in fields or (field != "severity" and field not in NAMESPACE_OF):
            continue
        offered = [("", _("Leave it out")), *_terms(field, [_first(meant) for meant in meanings.values()])]
        keys = {key for key, _label in offered}
        selections = []
        for index, (text, meant) in enumerate(meanings.items()):
            # A mapping that people wrote may have several terms for a word, or the label of one.
            if shown == MAX_CONTROLS or len(meant) > 1 or _first(meant) not in keys:
                left_out += 1
                continue
            shown += 1
            selections.append(Selection(f"value.{field}.{index}", text, [], [("", offered)], _first(meant)))
        if selections:
            found.append((_field_name(field), selections))
    return found, left_out


def _category(chosen: str) -> Selection:
    offered = [("", _("Only what the file says")), *_terms("category", [chosen])]
    if chosen not in {key for key, _label in offered}:
        offered.append((chosen, chosen))
    return Selection("constant.category", "", [], [("", offered)], chosen)


def _terms(field: str, chosen: list[str]) -> Options:
    name = "severities" if field == "severity" else NAMESPACE_OF[field]
    return [(key, label) for key, label in options(name, chosen) if key]


def _first(texts: list[str] | None) -> str:
    return texts[0] if texts else ""
