"""How a trial reads a table: the mapping that was sent or, for a foreign table without one, guessed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from kb.errors import MalformedInput
from kb.services.exchange.files.formats import FileFormat, detect_format, table_records
from kb.services.exchange.files.guessing import SAMPLED_ROWS, cells_by_column, guess_rows, samples
from kb.services.exchange.files.mapping import complete_content, load_mapping
from kb.services.exchange.files.table_columns import MAX_TITLE_ROWS, find_columns, header_index, is_export
from kb.services.infrastructure.column_names import column_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.services.exchange.files.guessing import GuessedMapping
    from kb.services.exchange.files.mapping import ImportMapping, ReadOptions
    from kb.services.infrastructure.csv_reading import Record


class TableReading(NamedTuple):
    """How a table is read.

    `mapping` has the parts of the mapping, None if none is needed or nothing could be guessed; `guessed`
    names the parts that were guessed. `columns` has the name, the heading, the field and the first cells of
    each column of the table.
    """

    mapping: dict[str, Any] | None
    guessed: list[str]
    columns: list[dict[str, Any]]


def read_table_as(
    file: BinaryIO, options: ReadOptions, content: Mapping[str, Any] | None, *, team: str, completes: bool
) -> TableReading | None:
    """How a file is read with the parts of a mapping, `content`; None for a file that is not a table.

    Without `content`, the mapping of a foreign table is guessed. With `completes`, so is what the mapping
    does not say of the values in the columns that it names. Raises MalformedInput.
    """
    if detect_format(file, options) not in (FileFormat.TABLE, FileFormat.WORKBOOK):
        return None
    rows = list(islice(table_records(file, options), SAMPLED_ROWS))
    if not rows:
        return None
    guessed: list[str] = []
    mapping = None if content is None else dict(content)
    if content is None and not _is_export(rows):
        mapping = _guessed_content(guess_rows(rows, None, team))
        guessed = [part for part in ("columns", "constants", "values") if mapping and mapping[part]]
        guessed += ["dates"] if mapping and "dates" in mapping else []
    elif completes and mapping and mapping["columns"]:
        mapping, guessed = _completed(mapping, guess_rows(rows, options.mapping, team))
    return TableReading(mapping, guessed, _columns(rows, None if mapping is None else load_mapping(mapping)))


def _is_export(rows: Sequence[Record]) -> bool:
    top = rows[: MAX_TITLE_ROWS + 1]
    return is_export(top[header_index(top, None)].cells)


def _guessed_content(guess: GuessedMapping) -> dict[str, Any] | None:
    """The parts of a guessed mapping; None if no column is understood."""
    columns = {column.name: column.field for column in guess.columns}
    if not any(columns.values()):
        return None
    return complete_content(
        {
            "columns": columns,
            "constants": guess.constants,
            "values": _meanings(guess),
            **({} if guess.dates is None else {"dates": guess.dates.value}),
        }
    )


def _meanings(guess: GuessedMapping) -> dict[str, dict[str, str | None]]:
    return {field: {value.text: value.meaning for value in values} for field, values in guess.values.items()}


def _completed(mapping: dict[str, Any], guess: GuessedMapping) -> tuple[dict[str, Any], list[str]]:
    """The parts of a mapping, with a guess where it says nothing of a value or the order of dates; and the
    parts with a guess."""
    values = {field: {**meanings} for field, meanings in mapping["values"].items()}
    guessed = []
    for field, meanings in _meanings(guess).items():
        said = values.setdefault(field, {})
        new = {text: [] if meant is None else [meant] for text, meant in meanings.items() if text not in said}
        said.update(new)
        if new and "values" not in guessed:
            guessed.append("values")
    dates = {}
    if "dates" not in mapping and guess.dates is not None:
        dates = {"dates": guess.dates.value}
        guessed.append("dates")
    return {**mapping, "values": values, **dates}, guessed


def _columns(rows: Sequence[Record], mapping: ImportMapping | None) -> list[dict[str, Any]]:
    """The columns of a table, each with the field that it is read as, if any."""
    top = rows[: MAX_TITLE_ROWS + 1]
    at = header_index(top, mapping)
    header = rows[at]
    try:
        fields = {column.position: column.field for column in find_columns(header.cells, mapping).columns}
    except MalformedInput:  # which reading the table reports
        fields = {}
    cells, names = cells_by_column(header, rows[at + 1 :]), column_names(header.cells)
    return [
        {
            "name": names[index],
            "heading": heading.strip(),
            "field": fields.get(index),
            "samples": [*samples(cells[index])],
        }
        for index, heading in enumerate(header.cells)
        if heading.strip() or cells[index]
    ]
