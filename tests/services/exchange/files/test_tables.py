"""Tables as files of incidents: columns, cells, and what is wrong with them."""

from __future__ import annotations

import codecs
from itertools import chain
from typing import Any

import pytest

from kb.errors import InvalidInput, MalformedInput
from tests.services.exchange.files.conftest import Read

_MAPPING = """
columns: {Brand: organization, When: occurred_on, Text: summary, L1: lessons, L2: lessons}
constants: {category: tone-deaf}
"""
_OWN = "organization,title,category,occurred_on\n"


def test_the_columns_of_an_export_need_no_mapping(read: Read) -> None:
    (entry,) = read(
        "id,url,title,organization,category,severity,occurred_on,occurred_precision,lessons,responses,impacts\n"
        '7,/x,Slap,Acme,tone-deaf,3,2018-05-01,month,"One; ""two; three""",deleted 2018-05-02,'
        "revenue 12.50 USD (alleged)\n"
    )
    assert entry.value == {
        "title": "Slap", "organization": "Acme", "category": "tone-deaf", "severity": 3,
        "occurred_on": "2018-05-01", "occurred_precision": "month",
        "lessons": [{"text": "One"}, {"text": "two; three"}],
        "responses": [{"kind": "deleted", "at": "2018-05-02"}],
        "impacts": [{"kind": "revenue", "amount": 12.5, "currency": "USD", "alleged": True}],
    }  # fmt: skip
    (remark,) = entry.remarks
    assert (remark.is_general, remark.detail) == (
        True, "Columns that were left out, as they have no field: id, url.",
    )  # fmt: skip


def test_other_columns_need_one_that_is_guessed(read: Read) -> None:
    with pytest.raises(MalformedInput, match=r"--guess-mapping.*The columns are: Brand, Copy"):
        read("Brand,Copy\nAcme,Hello\n")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_any_separator_line_end_and_encoding_is_told(
    read: Read, delimiter: str, line_end: str, encoding: str
) -> None:
    rows = [["organization", "title", "category"], ["תנובה", "לקוח", "tone-deaf"], ["Äcme", "x", "offensive"]]
    content = line_end.join(delimiter.join(row) for row in rows) + line_end
    found = [entry.value["organization"] for entry in read(content.encode(encoding))]
    assert found == ["תנובה", "Äcme"]


def test_the_hebrew_code_page_is_told_and_others_are_named(read: Read) -> None:
    hebrew = _OWN + "תנובה,ציוץ מחשבון אישי,tone-deaf,2018\n"
    assert read(hebrew.encode("cp1255"))[0].value["organization"] == "תנובה"
    western = (_OWN + "Nestlé,Über uns,tone-deaf,2018\n").encode("cp1252")
    with pytest.raises(MalformedInput, match=r"not in UTF-8.*--encoding"):
        read(western)
    assert read(western, encoding="windows-1252")[0].value["organization"] == "Nestlé"
    with pytest.raises(MalformedInput, match="no encoding 'klingon'"):
        read(western, encoding="klingon")
    with pytest.raises(MalformedInput, match="not text in utf-16"):
        read(codecs.BOM_UTF16_LE + b"a\x00\x00\xd8b", encoding="utf-16")


def test_lessons_stand_in_one_cell_or_in_several_columns(read: Read) -> None:
    (entry,) = read(
        'Brand,When,Text,L1,L2\nAcme,2018,Slap,"- Ask.\n- Wait,\n  then ask.",Read; think\n', _MAPPING
    )
    texts = [lesson["text"] for lesson in entry.value["lessons"]]
    assert texts == ["Ask.", "Wait,\nthen ask.", "Read", "think"]
    assert (entry.column("/lessons/1/text"), entry.column("/lessons/3")) == ("L1", "L2")


def test_words_and_values_stand_for_terms(read: Read) -> None:
    mapping = """
    columns: {A: organization, B: category, C: severity, D: platforms, E: extra, F: null}
    values:
      category: {"Bad taste": offensive, Other: null}
      severity: {High: 4, No: 1}
      platforms: {"The gram": [instagram, facebook]}
    constants: {category: tone-deaf, title: Nameless}
    separator: "/"
    """
    rows = read("A,B,C,D,E,F\nx,BAD TASTE,high,the gram/TikTok,Dana,f\ny,other,No,-,,f\n", mapping)
    assert [row.value["category"] for row in rows] == ["offensive", "tone-deaf"]
    assert [row.value["severity"] for row in rows] == [4, 1]
    assert rows[0].value["platforms"] == ["instagram", "facebook", "TikTok"]
    assert (rows[0].value["extra"], rows[0].value["title"]) == ({"E": "Dana"}, "Nameless")
    assert "platforms" not in rows[1].value
    assert all(not remark.is_general for row in rows for remark in row.remarks)


@pytest.mark.parametrize(
    ("written", "mapping", "read_as"),
    [
        ("2018", "", "2018"), ("03/2018", "", "2018-03"), ("March 2018", "", "2018-03"),
        ("במרץ 2018", "", "2018-03"), ("43063", "", "2017-11-24"), ("24.11.2017", "", "2017-11-24"),
        ("03/04/2018", "dates: dmy", "2018-04-03"), ("03/04/2018", "dates: mdy", "2018-03-04"),
        ("\u200f25/05/2018\u200f", "", "2018-05-25"), ("25 במאי 2018", "", "2018-05-25"),
        ("2018-05-25 10:00", "", "2018-05-25"), ("May 25, 2018", "", "2018-05-25"),
    ],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(read: Read, written: str, mapping: str, read_as: str) -> None:
    (entry,) = read(f'Brand,When,Text,L1,L2\nAcme,"{written}",Slap,,\n', _MAPPING + mapping)
    assert (entry.value["occurred_on"], entry.problems) == (read_as, ())


def test_the_other_dates_or_hebrew_headings_tell_what_comes_first(read: Read) -> None:
    rows = read("Brand,When,Text,L1,L2\nAcme,03/04/2018,a,,\nAcme,25/04/2018,b,,\n", _MAPPING)
    assert rows[0].value["occurred_on"] == "2018-04-03"
    assert "the day comes before the month" in rows[0].remarks[0].detail
    hebrew = (
        "columns: {מותג: organization, מתי: occurred_on, טקסט: summary}\nconstants: {category: offensive}"
    )
    assert read("מותג,מתי,טקסט\nא,03/04/2018,ב\n", hebrew)[0].value["occurred_on"] == "2018-04-03"


def test_what_cannot_be_read_is_an_error_with_row_and_column(read: Read) -> None:
    rows = read(
        "Brand,When,Text,L1,L2\nAcme,03/04/2018,a,,\n\nAcme,soon,b,,\nAcme,2018,c,,,,surplus\n", _MAPPING
    )
    found = [(row.number, row.column(each.pointer), each.pointer) for row in rows for each in row.problems]
    assert found == [(2, "When", "/occurred_on"), (4, "When", "/occurred_on"), (5, None, "")]
    details = [each.detail for row in rows for each in row.problems]
    assert "`dates: dmy` or `dates: mdy`" in details[0]
    assert "'soon' is not a date" in details[1]
    assert "The row has 7 cells, the header 5" in details[2]


def test_what_is_missing_makes_a_thin_draft_and_is_said(read: Read) -> None:
    text = "A joke about a flood went out, and nobody had read it. It was deleted."
    (entry,) = read(f'Brand,When,Text,L1,L2\nAcme,,"{text}",,\n', _MAPPING + "\n")
    assert entry.value["title"] == "A joke about a flood went out, and nobody had read it"
    assert [remark.pointer for remark in entry.remarks] == ["/title", "/occurred_on"]
    (published,) = read("organization,title,category,status\nAcme,Slap,offensive,published\n")
    assert published.value["status"] == "draft"
    assert "it lacks occurred_on, summary, cause, outcome, lessons" in published.remarks[-1].detail


def test_what_nobody_can_guess_is_an_error_that_says_where_to_name_it(read: Read) -> None:
    (entry,) = read("organization,title,category\n,Slap,\n")
    assert [each.pointer for each in entry.problems] == ["/organization", "/category"]
    assert "`constants`" in entry.problems[1].detail


def test_the_apostrophe_before_a_formula_is_taken_away_once(read: Read) -> None:
    rows = read("organization,title,category\n'=cmd|x,''=y,offensive\n'tis,''tis,offensive\n")
    assert [(row.value["organization"], row.value["title"]) for row in rows] == [
        ("=cmd|x", "'=y"), ("'tis", "''tis"),
    ]  # fmt: skip


def test_the_second_column_of_a_name_is_known_by_its_letter(read: Read) -> None:
    mapping = "columns: {Brand: organization, Text: summary, D: cause}\nconstants: {category: offensive}"
    (entry,) = read("Brand,Text,Text,Text\nAcme,one,two,three\n", mapping)
    assert (entry.value["summary"], entry.value["cause"]) == ("one", "three")
    assert "no field: C" in entry.remarks[0].detail


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The file is empty"),
        ("\ufeff \n\t\n", "The file is empty"),
        (_OWN, "no rows below its header"),
        (_OWN + '"x,y\n', "cannot be read as CSV"),
        (_OWN + "Acme," + "x" * 1_000_000 + ",offensive,2018\n", "cannot be read as CSV"),
    ],
    ids=["empty", "blank", "header alone", "open quote", "a cell of 1 MB"],
)
def test_a_table_that_cannot_be_read_is_explained(read: Read, content: str, message: str) -> None:
    with pytest.raises(MalformedInput, match=message):
        read(content, name="a.csv")


@pytest.mark.parametrize(
    ("mapping", "pointer", "detail"),
    [
        ("columns: {A: sumary}", "/columns/A", "Did you mean summary?"),
        ("column: {A: summary}", "/column", "Did you mean `columns`?"),
        ("dates: ymd", "/dates", "Must be one of"),
        ("time_zone: Asia/Nowhere", "/time_zone", "no time zone"),
        ("language: xx", "", "not a known language"),
        ("values: {sevrity: {A: 1}}", "/values/sevrity", "Did you mean severity?"),
        ("constants: {title: {a: b}}", "/constants/title", "Write a text"),
        ("[]", "", ""),
    ],
)
def test_what_is_wrong_in_a_mapping_is_said(read: Read, mapping: str, pointer: str, detail: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read("A\nx\n", mapping, name="a.csv")
    found = [(error.pointer, str(error.detail)) for error in caught.value.errors]
    assert any(pointer in at and detail in text for at, text in found), found


def test_a_column_of_the_mapping_that_is_not_there_is_named(read: Read) -> None:
    with pytest.raises(MalformedInput, match=r"no column 'Copy'.*The columns are: Brand, Text"):
        read("Brand,Text\nx,y\n", "columns: {Brand: organization, Copy: summary}")


def test_translations_stand_in_columns_of_their_own(read: Read) -> None:
    mapping = (
        "columns: {A: organization, B: title, C: translations.he.title, D: translations.he.lessons}\n"
        "constants: {category: offensive, language: en}"
    )
    value: dict[str, Any] = read("A,B,C,D\nAcme,Slap,סטירה,לקח\n", mapping)[0].value
    assert value["translations"] == {"he": {"title": "סטירה", "lessons": [{"text": "לקח"}]}}


def test_large_tables_are_read_row_by_row() -> None:
    from kb.services.exchange.files.table_entries import table_entries  # noqa: PLC0415
    from kb.services.infrastructure.csv_reading import Record  # noqa: PLC0415

    taken: list[int] = []

    def rows() -> Any:
        for number in range(1, 10_000):
            taken.append(number)
            yield Record(("Acme", "Slap", "offensive"), number, number)

    header = Record(("organization", "title", "category"), 0, 0)
    next(table_entries(chain([header], rows()), None))
    assert len(taken) < 2_000
