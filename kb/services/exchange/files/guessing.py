"""Guess a mapping of a table's columns and values, for people to check."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from kb.domain.date_reading import ambiguous_date
from kb.domain.incident import Confidence, Kind, Status, Visibility
from kb.domain.text import fold
from kb.domain.written_times import DateOrder, date_order
from kb.errors import EmptyInput, MalformedInput
from kb.messages import Message
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.exchange.files.formats import FileFormat, detect_format, table_records
from kb.services.exchange.files.headings import field_of_heading
from kb.services.exchange.files.items import written_items
from kb.services.exchange.files.nearest_terms import TermNames
from kb.services.exchange.files.table_columns import (
    MAX_TITLE_ROWS,
    find_columns,
    first_table_row,
    header_index,
)
from kb.services.exchange.files.targets import LISTS, NAMESPACE_OF, TARGETS, TargetKind
from kb.services.infrastructure.column_names import column_names
from kb.services.infrastructure.csv_reading import usual_date_order
from kb.services.infrastructure.csv_text import without_guard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kb.services.exchange.files.mapping import ImportMapping, ReadOptions
    from kb.services.infrastructure.csv_reading import Record

SAMPLED_ROWS = 1_000
"""How many rows of a table a guess looks at."""

_MAX_CELLS = 5_000
"""How many cells of a field are looked at for its values, in all of its columns together."""

_MAX_VALUES = 60
"""How many different values of a field are mapped; columns with more are not a classification."""

_SHORT = 80
"""The maximum average length of the cells in a column of titles."""

_WORDS: Mapping[str, frozenset[str]] = {
    "kind": frozenset(Kind),
    "status": frozenset(Status),
    "visibility": frozenset(Visibility),
    "confidence": frozenset(Confidence),
}
"""The values of fields with a fixed set; columns of the same name in other systems may hold other values."""

_NEVER = ("status",)
"""Fields that are never guessed: that an incident is published must be said, not guessed."""

_FALLBACK = "tone-deaf"
"""The category of rows without one, until people choose another."""

_SEVERITY_WORDS = {
    **dict.fromkeys(
        "critical blocker highest extreme severe emergency קריטי קריטית קיצוני קיצונית".split(), "5"
    ),
    **dict.fromkeys("high major urgent serious גבוה גבוהה חמור חמורה דחוף דחופה".split(), "4"),
    **dict.fromkeys("medium moderate normal average mid בינוני בינונית רגיל רגילה".split(), "3"),
    **dict.fromkeys("low minor נמוך נמוכה קל קלה".split(), "2"),
    **dict.fromkeys("trivial lowest negligible info זניח זניחה".split(), "1"),
}
_SEVERITY_RANK = re.compile(r"(?:p|sev|s|priority|severity)\W*([0-5])")
_WORD = re.compile(r"[^\W\d_]+")


class GuessedColumn(NamedTuple):
    """A column: its name in a mapping, its heading, the field that it may be, and some of its cells."""

    name: str
    heading: str
    field: str | None
    samples: tuple[str, ...]


class GuessedValue(NamedTuple):
    """A value in a file, and its possible meaning; None if nothing is similar."""

    text: str
    meaning: str | None


class GuessedMapping(NamedTuple):
    """A mapping to start from, with the parts of `ImportMapping`.

    `is_order_certain` is False if nothing shows whether the day or the month comes first. `categories` are
    the keys to choose from.
    """

    columns: list[GuessedColumn]
    constants: dict[str, str]
    values: dict[str, list[GuessedValue]]
    dates: DateOrder | None
    is_order_certain: bool
    categories: list[str]


def guess_mapping(file: BinaryIO, options: ReadOptions, *, team: str = MAIN_TEAM) -> GuessedMapping:
    """Guess what the columns and values of a table mean. Raises MalformedInput for anything but a table.

    Columns that the mapping of `options` names keep their fields. Rows without an organization get the name
    of the team.
    """
    if detect_format(file, options) not in (FileFormat.TABLE, FileFormat.WORKBOOK):
        raise MalformedInput(
            Message("Only the columns of tables are guessed: CSV or XLSX. JSON and Markdown need no mapping.")
        )
    rows = list(islice(table_records(file, options), SAMPLED_ROWS))
    if not rows:
        raise EmptyInput(Message("The file is empty: there is nothing to import."))
    return guess_rows(rows, options.mapping, team)


def guess_rows(rows: Sequence[Record], mapping: ImportMapping | None, team: str) -> GuessedMapping:
    """Guess what the columns and values of the first rows of a table mean, as `guess_mapping` does.

    Raises MalformedInput for a column of the mapping that the table does not have.
    """
    named = mapping if mapping and mapping.columns else None
    top = rows[: MAX_TITLE_ROWS + 1]
    header, *rows = rows[header_index(top, named) if named else _header_index(top) :]
    cells = cells_by_column(header, rows)
    if named:
        fields = {column.position: column.field for column in find_columns(header.cells, named).columns}
    else:
        fields = _fields(header.cells, cells)
    names = column_names(header.cells)
    columns = [
        GuessedColumn(names[index], heading.strip(), fields.get(index), samples(cells[index]))
        for index, heading in enumerate(header.cells)
        if heading.strip() or cells[index]
    ]
    terms = TermNames()
    values = {}
    for field in dict.fromkeys(fields.values()):
        of_field = (cell for index, name in fields.items() if name == field for cell in cells[index])
        if guessed := _values(field, [*islice(of_field, _MAX_CELLS)], terms):
            values[field] = guessed
    order, is_certain = _order(header, [cells[index] for index, field in fields.items() if _is_date(field)])
    constants = _constants(fields, cells, values, len(rows), team)
    return GuessedMapping(columns, constants, values, order, is_certain, terms.keys("category"))


def _header_index(rows: Sequence[Record]) -> int:
    counts = [sum(field_of_heading(cell) is not None for cell in row.cells) for row in rows]
    return counts.index(max(counts)) if max(counts) > 1 else first_table_row(rows)


def cells_by_column(header: Record, rows: Sequence[Record]) -> list[list[str]]:
    """The cells of each column that are not blank."""
    columns: list[list[str]] = [[] for _ in header.cells]
    for row in rows:
        if row.cells == header.cells:
            continue
        for index, cell in enumerate(row.cells[: len(columns)]):
            if text := without_guard(cell).strip():
                columns[index].append(text)
    return columns


def samples(cells: Sequence[str]) -> tuple[str, ...]:
    """The first two different cells of a column, shortened."""
    different = dict.fromkeys(" ".join(cell.split()) for cell in cells[:50])
    return tuple(each if len(each) <= 40 else f"{each[:39]}…" for each in islice(different, 2))


def _fields(header: Sequence[str], cells: Sequence[Sequence[str]]) -> dict[int, str]:
    """The field of each column with a usual heading, by index. If a field has a single value but several
    columns, the first is used."""
    fields: dict[int, str] = {}
    for index, heading in enumerate(header):
        field = field_of_heading(heading)
        if field is None or field in _NEVER or not cells[index] or not _fits(field, cells[index]):
            continue
        kind = TARGETS[field]
        if kind in LISTS or kind is TargetKind.TEXT or field not in fields.values():
            fields[index] = field
    titles = [index for index, field in fields.items() if field == "title"]
    for index in titles[1:]:
        fields[index] = "summary"
    if not titles:
        _choose_title(fields, cells)
    return fields


def _choose_title(fields: dict[int, str], cells: Sequence[Sequence[str]]) -> None:
    """Use the shorter of two summaries as the title, as in tickets."""
    summaries = [index for index, field in fields.items() if field == "summary"]
    lengths = {index: sum(map(len, cells[index])) / len(cells[index]) for index in summaries}
    if len(summaries) > 1 and lengths[shortest := min(lengths, key=lengths.__getitem__)] <= _SHORT:
        fields[shortest] = "title"


def _fits(field: str, cells: Sequence[str]) -> bool:
    """Whether cells fit a field; a field with fixed values, such as the status, requires these."""
    return TARGETS[field] is not TargetKind.WORD or all(map(_WORDS[field].__contains__, cells))


def _is_date(field: str) -> bool:
    return TARGETS.get(field) in (TargetKind.DATE, TargetKind.MOMENT)


def _values(field: str, cells: Sequence[str], terms: TermNames) -> list[GuessedValue]:
    """The values of a field's columns that must be translated to terms or numbers."""
    if field == "severity":
        return [
            GuessedValue(text, severity_of(text))
            for text in _distinct(cells)
            if re.fullmatch(r"[1-5]", text) is None
        ]
    namespace = NAMESPACE_OF.get(field)
    if namespace is None or field == "responses":
        return []
    signs = ";,|" if TARGETS[field] in LISTS else "\n"
    items = [
        item
        for cell in cells
        for item in ([cell] if terms.is_known(namespace, cell) else written_items(cell, None, signs))
    ]
    return [
        GuessedValue(text, terms.nearest(namespace, text))
        for text in _distinct(items)
        if not terms.is_known(namespace, text)
    ]


def _distinct(texts: Sequence[str]) -> Iterator[str]:
    return (text for text, _ in Counter(text for text in texts if len(text) <= 100).most_common(_MAX_VALUES))


def _order(header: Record, columns: Sequence[Sequence[str]]) -> tuple[DateOrder | None, bool]:
    texts = [text for cells in columns for text in cells]
    detected = date_order(texts)
    if detected is not None or ambiguous_date(texts) is None:
        return detected, True
    return DateOrder.DAY_FIRST, usual_date_order(header.cells) is not None


def _constants(
    fields: Mapping[int, str],
    cells: Sequence[Sequence[str]],
    values: Mapping[str, Sequence[GuessedValue]],
    count: int,
    team: str,
) -> dict[str, str]:
    """Defaults for required fields that the file does not have for every incident."""
    constants = {}
    for field, text in (("organization", find_team(team).name), ("category", _FALLBACK)):
        filled = max((len(cells[index]) for index, name in fields.items() if name == field), default=0)
        if filled < count or any(value.meaning is None for value in values.get(field, ())):
            constants[field] = text
    return constants


def severity_of(text: str) -> str | None:
    """The number that a word for a severity means; None for any other word.

    In `P1` and `Sev 1`, 1 is the most severe, as engineers count.
    """
    plain = fold(text).strip()
    if (rank := _SEVERITY_RANK.fullmatch(plain)) is not None:
        return str(min(5, 6 - int(rank[1])))
    return next((_SEVERITY_WORDS[word] for word in _WORD.findall(plain) if word in _SEVERITY_WORDS), None)
