"""Read the rows of a table as entries of an import."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from kb.domain.date_reading import read_order, reading_note
from kb.errors import EmptyInput, FieldError, MalformedInput
from kb.messages import Message, message_of
from kb.schemas.incident import INCIDENT_COLUMNS
from kb.services.exchange.entries import Entry, Remark
from kb.services.exchange.files.cells import CellReader
from kb.services.exchange.files.headings import field_of_heading
from kb.services.exchange.files.incomplete_entries import complete, missing_errors
from kb.services.exchange.files.table_columns import MAX_TITLE_ROWS, find_columns, header_index
from kb.services.exchange.files.targets import LISTS, TARGETS, TargetKind
from kb.services.infrastructure.column_names import column_key
from kb.services.infrastructure.csv_reading import usual_date_order
from kb.services.infrastructure.csv_text import without_guard
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kb.domain.written_times import DateOrder
    from kb.services.exchange.files.mapping import ImportMapping
    from kb.services.exchange.files.table_columns import TableColumn, TableColumns
    from kb.services.infrastructure.csv_reading import Record

_SAMPLED_ROWS = 1_000
"""How many rows are sampled to detect whether the day or the month comes first."""

_DATES = (TargetKind.DATE, TargetKind.MOMENT)


def table_entries(records: Iterable[Record], mapping: ImportMapping | None) -> Iterator[Entry]:
    """Yield the rows of a table below its header as entries, each with the columns of its values.

    Without a mapping, the table must have the columns of an export. Raises MalformedInput for columns that
    cannot be identified, and for a table without rows.
    """
    rows = iter(records)
    top = list(islice(rows, MAX_TITLE_ROWS + 1))
    if not top:
        raise EmptyInput(Message("The file is empty: there is nothing to import."))
    header_at = header_index(top, mapping)
    header = top[header_at]
    found = find_columns(header.cells, mapping)
    rows = (row for row in chain(top[header_at + 1 :], rows) if row.cells != header.cells)
    sample = list(islice(rows, _SAMPLED_ROWS))
    if not sample:
        raise MalformedInput(Message("The table has no rows below its header: there is nothing to import."))
    order, note = _date_order(sample, header.cells, found.columns, mapping)
    reader = _RowReader(header.cells, found.columns, mapping, order)
    general = [Remark("", note, is_general=True)] if note else []
    if found.left_out:
        names = ", ".join(name[:60] for name in found.left_out)
        detail = Message("Columns that were left out, as they have no field: {names}.", names=names)
        general.append(Remark("", detail, is_general=True))
        general += [Remark("", each, is_general=True) for each in _usual_names(found)]
    for number, row in enumerate(chain(sample, rows)):
        entry = reader.read(row)
        yield entry if number else entry._replace(remarks=(*general, *entry.remarks))


def _usual_names(found: TableColumns) -> Iterator[Message]:
    """Say of columns that were left out which fields they may be, if no other column is."""
    taken, exported = {column.field for column in found.columns}, {*map(column_key, INCIDENT_COLUMNS)}
    for name in found.left_out:
        field = None if column_key(name) in exported else field_of_heading(name)
        if field is not None and field not in taken:
            yield Message(
                "“{name}” is usually a name for “{field}”. To read it as that, give a mapping: "
                "kb import --guess-mapping FILE prints one to start from.",
                name=name[:60],
                field=field,
            )


def _date_order(
    rows: Sequence[Record],
    header: Sequence[str],
    columns: Sequence[TableColumn],
    mapping: ImportMapping | None,
) -> tuple[DateOrder | None, Message | None]:
    """The order of day and month by the mapping, the dates or the language of the header, and how the first
    date with two readings was read."""
    indexes = [column.position for column in columns if TARGETS.get(column.field) in _DATES]
    texts = [row.cells[index] for row in rows for index in indexes if index < len(row.cells)]
    order, reading = read_order(
        texts, asked=mapping.dates if mapping else None, headings=usual_date_order(header)
    )
    return order, reading_note(reading) if reading else None


class _RowReader:
    """Reads the rows of a table whose columns and order of dates are known."""

    def __init__(
        self,
        header: Sequence[str],
        columns: Sequence[TableColumn],
        mapping: ImportMapping | None,
        order: DateOrder | None,
    ) -> None:
        self._width = len(header)
        self._columns = columns
        self._constants = mapping.constants if mapping else {}
        self._cells = CellReader(mapping, TermLookup(), order)

    def read(self, row: Record) -> Entry:
        """Read a row as an entry. Unreadable cells are problems, missing ones are not."""
        draft = EntryDraft()
        if any(cell.strip() for cell in row.cells[self._width :]):
            detail = Message(
                "The row has {count} cells, the header {width}: put texts in quotes.",
                count=len(row.cells),
                width=self._width,
            )
            draft.problems.append(FieldError("", detail))
        for column in self._columns:
            text = without_guard(row.cells[column.position]) if column.position < len(row.cells) else ""
            if text.strip():
                draft.put_text(self._cells, column.field, column.name, text)
        for field, texts in self._constants.items():
            draft.put_constant(self._cells, field, texts)
        return draft.entry(row.number, "row")


class EntryDraft:
    """An entry being built from the texts of columns, or of keys of front matter."""

    def __init__(self) -> None:
        self.value: dict[str, Any] = {}
        self.problems: list[FieldError] = []
        self.remarks: list[Remark] = []
        self.columns: dict[str, str] = {}
        self._source: dict[str, Any] = {}

    def put_text(self, cells: CellReader, target: str, name: str, text: str) -> None:
        """Add the text of a column or key to a field; `name` is its name."""
        *path, field = target.split(".")
        pointer = "/" + "/".join([*path, field])
        try:
            read = cells.read(field, text, name)
        except ValueError as error:
            self.problems.append(FieldError(pointer, message_of(error)))
            self.columns.setdefault(pointer, name)
            return
        self.remarks += [Remark(pointer, note) for note in read.notes]
        self.columns.setdefault(pointer, name)
        if read.value is not None:
            self.put(target, read.value, name)

    def put(self, target: str, value: Any, name: str | None = None) -> None:
        """Add a value to a field: texts are joined, lists extended, anything else keeps its first value."""
        *path, field = target.split(".")
        if TARGETS[field] is TargetKind.PART_OF_SOURCE:
            self._source.setdefault(field.removeprefix("source_"), value)
            return
        part = self.value
        for key in path:
            part = part.setdefault(key, {})
        if TARGETS[field] is TargetKind.EXTRA:
            part.setdefault(field, {}).update(value)
        elif TARGETS[field] in LISTS:
            items = part.setdefault(field, [])
            if name is not None:
                start = "/" + "/".join([*path, field])
                self.columns |= {f"{start}/{len(items) + number}": name for number in range(len(value))}
            items += value
        elif TARGETS[field] is TargetKind.TEXT and field in part:
            part[field] += f"\n\n{value}"
        else:
            part.setdefault(field, value)

    def put_constant(self, cells: CellReader, target: str, texts: list[str]) -> None:
        """Fill a field that is still empty with a mapping's constant."""
        if "." in target or self.value.get(target):
            return
        try:
            value = cells.constant(target, texts)
        except ValueError as error:
            self.problems.append(FieldError(f"/{target}", message_of(error)))
            return
        if value is not None:
            self.put(target, value)

    def entry(self, number: int, unit: str) -> Entry:
        """Finish the entry, completed as far as an import can."""
        if self._source:
            title = self._source.get("title") or self._source.get("url") or self._source.get("publisher")
            self.value.setdefault("sources", []).append({**self._source, "title": title or ""})
        if "occurred_precision" in self.value and "occurred_on" not in self.value:
            del self.value["occurred_precision"]
        self.remarks += complete(self.value)
        named = {problem.pointer for problem in self.problems}
        self.problems += [error for error in missing_errors(self.value) if error.pointer not in named]
        return Entry(
            number, self.value, tuple(self.problems), unit, columns=self.columns, remarks=tuple(self.remarks)
        )
