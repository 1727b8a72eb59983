"""Spreadsheets as files of incidents."""

from __future__ import annotations

import zipfile
from datetime import datetime, time
from io import BytesIO
from typing import Any

import pytest

from kb.errors import MalformedInput
from kb.services.exchange.files import archives, workbooks
from tests.services.exchange.files.conftest import Read
from tests.support.spreadsheets import AGENCY_SHEET, workbook

_HEADER = ("organization", "title", "category")
_ROW = ("Acme", "Slap", "offensive")


def test_dates_numbers_and_merged_cells_have_the_values_that_people_see(read: Read) -> None:
    entries = read(workbook(AGENCY_SHEET, merged=["A1:D1", "A3:A5", "F3:F5"]))
    assert [(entry.number, entry.unit) for entry in entries] == [(3, "row"), (4, "row"), (5, "row")]
    assert [entry.value["organization"] for entry in entries] == ["Acme"] * 3
    assert [entry.value["occurred_on"] for entry in entries] == ["2018-05-25", "2017-11-24", "2018-01-02"]
    assert entries[2].value["summary"] == "3"
    assert entries[1].remarks[0].detail == "'43063' was read as 2017-11-24."


def test_the_sheet_is_the_first_with_content_or_that_of_the_mapping(read: Read) -> None:
    from openpyxl import load_workbook  # noqa: PLC0415

    book = load_workbook(BytesIO(workbook([])))
    for name, organization in (("One", "Acme"), ("Two", "Globex")):
        sheet = book.create_sheet(name)
        sheet.append(_HEADER)
        sheet.append((organization, "Slap", "offensive"))
    content = BytesIO()
    book.save(content)
    assert read(content.getvalue())[0].value["organization"] == "Acme"
    assert read(content.getvalue(), "sheet: Two")[0].value["organization"] == "Globex"
    with pytest.raises(MalformedInput, match=r"no sheet 'Too'\. The sheets are: Sheet, One, Two"):
        read(content.getvalue(), "sheet: Too")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([_HEADER, ("Acme", "=1+1", "offensive")], r"formulas without a value: B2\."),
        ([_HEADER, _ROW + (None,) * 600 + ("far",)], "Row 2 has more than 500 columns"),
        ([], "The file is empty"),
        ([_HEADER], "no rows below its header"),
    ],
    ids=["formula", "wide", "empty", "header alone"],
)
def test_a_sheet_that_would_be_read_wrongly_is_refused(read: Read, rows: Any, message: str) -> None:
    with pytest.raises(MalformedInput, match=message):
        read(workbook(rows))


def test_errors_of_formulas_are_no_values(read: Read) -> None:
    (entry,) = read(workbook([(*_HEADER, "summary"), (*_ROW, "#REF!")]))
    assert "summary" not in entry.value


def test_a_cell_far_down_costs_nothing(read: Read) -> None:
    content = BytesIO(workbook([_HEADER, _ROW]))
    entries = read(
        _with_sheet(content, b"</sheetData>", b'<row r="1048576"><c r="A1048576"/></row></sheetData>')
    )
    assert len(entries) == 1


def _with_sheet(content: BytesIO, old: bytes, new: bytes) -> bytes:
    """A workbook in whose sheet something is replaced."""
    changed = BytesIO()
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            text = source.read(part)
            target.writestr(part.filename, text.replace(old, new) if "sheet1" in part.filename else text)
    return changed.getvalue()


def test_what_would_unpack_to_too_much_is_refused_before_it_is_unpacked(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = _with_sheet(
        BytesIO(workbook([_HEADER, _ROW])), b"</sheetData>", b"</sheetData>" + b" " * 30_000_000
    )
    assert len(bomb) < 100_000
    monkeypatch.setattr(archives, "MAX_UNPACKED", 20_000_000)
    with pytest.raises(MalformedInput, match="would have 30 MB; at most 20 MB are read"):
        read(bomb)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 encrypted", "protected by a password"),
        (b"PK\x03\x04 cut off", "cannot be unpacked"),
        (workbook([_HEADER, _ROW])[:3_000], "cannot be unpacked"),
        (_with_sheet(BytesIO(workbook([_HEADER, _ROW])), b"<sheetData>", b"<sheetData><<"), "cannot be read"),
        (b"%PDF-1.7", "a PDF document"),
    ],
    ids=["password", "cut off", "truncated", "broken XML", "PDF"],
)
def test_a_damaged_or_foreign_file_is_explained(read: Read, content: bytes, message: str) -> None:
    with pytest.raises(MalformedInput, match=message):
        read(content)


def test_an_entity_that_grows_is_refused(read: Read) -> None:
    entities = b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"x" * 100) for n in range(9)
    )
    content = BytesIO(workbook([_HEADER, _ROW]))
    bomb = _with_sheet(content, b"<worksheet", b"<!DOCTYPE worksheet [" + entities + b"]><worksheet")
    bomb = _with_sheet(BytesIO(bomb), b"<sheetData>", b"<sheetData><row><c><v>&a8;</v></c></row>")
    with pytest.raises(MalformedInput, match="cannot be read"):
        read(bomb)


def test_cells_of_any_kind_are_read_as_people_would_type_them(read: Read) -> None:
    fields = ("cause", "outcome", "alternative", "audience", "why_failure")
    values = (datetime(2018, 5, 25, 10, 30), time(9, 15), True, 2.5, 1e20)  # noqa: DTZ001 (as cells are)
    (entry,) = read(workbook([(*_HEADER, *fields), (*_ROW, *values)]))
    assert [entry.value[field] for field in fields] == [
        "2018-05-25 10:30:00", "09:15:00", "true", "2.5", "1e+20",
    ]  # fmt: skip


def test_a_sheet_of_too_many_rows_is_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_ROWS", 3)
    assert len(read(workbook([_HEADER, _ROW, _ROW]))) == 2
    with pytest.raises(MalformedInput, match="more than 3 rows"):
        read(workbook([_HEADER, _ROW, _ROW, _ROW]))


def _with_part(content: bytes, name: str, text: bytes, relations: bytes = b"") -> bytes:
    """A spreadsheet with another part, to which the workbook relates as one that is read, if at all."""
    changed = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            data = old.read(part)
            if part == "xl/_rels/workbook.xml.rels":
                data = data.replace(b"</Relationships>", relations + b"</Relationships>")
            new.writestr(part, data)
        new.writestr(name, text)
    return changed.getvalue()


@pytest.mark.parametrize("name", ["xl/calcChain.xml", "xl/pivotCache/pivotCacheRecords1.xml"])
def test_a_part_that_nobody_reads_may_have_an_element_for_each_row(read: Read, name: str) -> None:
    cells = b'<root xmlns="urn:x">' + b'<c r="A1" i="1" l="1"/>' * 200_000 + b"</root>"
    content = workbook([_HEADER, _ROW])
    assert len(read(_with_part(content, name, cells))) == 1
    sheet = f'<Relationship Id="x9" Type="http://x/worksheet" Target="/{name}"/>'.encode()
    with pytest.raises(MalformedInput, match="is too large"):
        read(_with_part(content, name, cells, sheet))


def test_a_row_below_the_last_is_refused(read: Read) -> None:
    far = b'<row r="1048577"><c r="A1048577" t="str"><v>far</v></c></row></sheetData>'
    with pytest.raises(MalformedInput, match="more than 1048576 rows"):
        read(_with_sheet(BytesIO(workbook([_HEADER, _ROW])), b"</sheetData>", far))


def test_beginnings_of_merged_cells_are_read_once(read: Read) -> None:
    begun = b"<!--" + b"<mergeCell " * 80_000 + b"--></sheetData>"
    content = _with_sheet(BytesIO(workbook([_HEADER, _ROW])), b"</sheetData>", begun)
    assert len(read(content)) == 1


def test_a_text_counts_for_each_cell_that_refers_to_it(read: Read) -> None:
    content = workbook([(*_HEADER, "cause"), (*_ROW, "slap " * 6_500)], merged=["D2:D9400"])
    with pytest.raises(MalformedInput, match="more than 300 MB"):
        read(content)


def test_a_cell_without_its_shared_text_is_explained(read: Read) -> None:
    lost = b'<row><c t="s"><v>99</v></c></row></sheetData>'
    with pytest.raises(MalformedInput, match="cannot be read"):
        read(_with_sheet(BytesIO(workbook([_HEADER, _ROW])), b"</sheetData>", lost))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"</sheetData>", b"<row>" + b"<c/>" * 600_000 + b"</row></sheetData>"),
        (b"</sheetData>", b"<row/>" * 2_100_000 + b"</sheetData>"),
        (b"</sheetData>", b"<row>" + b"<row/><c/>" * 600_000 + b"</row></sheetData>"),
        (b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:A2"/>' + b"<mergeCell/>" * 600_000),
        (b"</sheetData>", b'</sheetData><c r="' + b"1" * 3_000_000),
    ],
    ids=["cells of a row", "rows", "nested rows", "merged cells", "a tag"],
)
def test_a_part_that_takes_too_much_memory_is_refused(read: Read, old: bytes, new: bytes) -> None:
    bomb = _with_sheet(BytesIO(workbook([_HEADER, _ROW])), old, new)
    with pytest.raises(MalformedInput, match=r"xl/worksheets/sheet1\.xml is too large"):
        read(bomb)
