"""Map the columns of a table to fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.errors import MalformedInput
from kb.messages import Message
from kb.schemas.incident import INCIDENT_COLUMNS
from kb.services.exchange.files.targets import TARGETS
from kb.services.infrastructure.column_names import column_key, column_letter, column_names, list_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.services.exchange.files.mapping import ImportMapping
    from kb.services.infrastructure.csv_reading import Record

MAX_TITLE_ROWS = 5
"""How many rows may precede the headings."""

_ENOUGH = ({"organization", "title"}, {"organization", "summary"}, {"organization", "category"})
"""Sets of columns that identify an export; people may have removed others."""


class TableColumn(NamedTuple):
    """A column: its position, its name in reports, and its field."""

    position: int
    name: str
    field: str


class TableColumns(NamedTuple):
    """The columns that hold a field, and the names of columns ignored without a word in the mapping."""

    columns: list[TableColumn]
    left_out: list[str]


def header_index(records: Sequence[Record], mapping: ImportMapping | None) -> int:
    """The index of the header: the first row with the most known names."""
    names = {*map(column_key, (*INCIDENT_COLUMNS, *TARGETS))}
    names |= {column_key(name) for name in mapping.columns} if mapping else set()
    counts = [sum(column_key(cell) in names for cell in record.cells) for record in records]
    return counts.index(max(counts)) if any(counts) else first_table_row(records)


def first_table_row(records: Sequence[Record]) -> int:
    """The index of the first row with several filled cells; a title has only one."""
    return next((index for index, row in enumerate(records) if sum(map(bool, row.cells)) > 1), 0)


def find_columns(header: Sequence[str], mapping: ImportMapping | None) -> TableColumns:
    """Find the columns of a header that a mapping names or, if it names none, the columns of an export.

    Raises MalformedInput for a missing column of the mapping and, without a mapping, for a header that is not
    an export's.
    """
    fields = _mapped(header, mapping) if mapping and mapping.columns else _exported(header)
    names = column_names(header)
    columns = [TableColumn(index, names[index], fields[index]) for index in sorted(fields) if fields[index]]
    if not columns:
        raise MalformedInput(
            Message("The mapping names no field for any column. {listed}", listed=list_columns(header))
        )
    left_out = [name for index, name in enumerate(names) if index not in fields and header[index].strip()]
    return TableColumns(columns, left_out)


def is_export(header: Sequence[str]) -> bool:
    """Whether the columns of a header identify an export, which needs no mapping."""
    return any(enough <= {*_own_fields(header).values()} for enough in _ENOUGH)


def _exported(header: Sequence[str]) -> dict[int, str]:
    if not is_export(header):
        raise MalformedInput(_unknown_header(header))
    return _own_fields(header)


def _own_fields(header: Sequence[str]) -> dict[int, str]:
    """The fields of the columns that are named as in an export, by index."""
    keys, own = [column_key(name) for name in header], {column_key(name): name for name in TARGETS}
    return {index: own[key] for index, key in enumerate(keys) if key in own and keys.index(key) == index}


def _mapped(header: Sequence[str], mapping: ImportMapping) -> dict[int, str]:
    """The fields of the columns that a mapping names, by heading or letter, by index."""
    keys = [column_key(name) for name in header]
    letters = [column_letter(index).lower() for index in range(len(header))]
    found: dict[int, str] = {}
    for name, field in mapping.columns.items():
        key = column_key(name)
        index = keys.index(key) if key and key in keys else None
        if index is None and name.strip().lower() in letters:
            index = letters.index(name.strip().lower())
        if index is None:
            raise MalformedInput(
                Message(
                    "There is no column {name!r}, which the mapping names. {listed}",
                    name=name[:100],
                    listed=list_columns(header),
                )
            )
        found[index] = field
    return found


def _unknown_header(header: Sequence[str]) -> Message:
    return Message(
        "These are not the columns of an export, so a mapping must say what they mean. Give it with "
        "--mapping, or beside the file when uploading it; kb import --guess-mapping FILE prints one to "
        "start from. {listed}",
        listed=list_columns(header),
    )
