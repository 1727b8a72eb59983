"""Content calendars as spreadsheets and planning tools write them."""

from __future__ import annotations

from datetime import date

import pytest

from kb.errors import InvalidInput, KBError
from kb.services.check.calendars.columns import read_mapping
from kb.services.check.calendars.file import CalendarFormat, json_rows, read_csv
from kb.services.check.calendars.rows import CalendarRow
from tests.support.call_counts import count_calls

ENGLISH = """\
Post Type;Publish Date;Time;Channel;Copy;Market;Notes
Reel;2027-09-11;09:00;Facebook;"50% off
everything, ""today"" only";US, il;x

Post;11.9.2027;;Instagram; Hello ;;
"""


def _details(error: KBError) -> str:
    assert isinstance(error, InvalidInput)
    return " ".join(item.detail for item in error.errors)


def _rows(content: bytes, form: CalendarFormat) -> list[CalendarRow]:
    return read_csv(content, form).rows


def test_columns_separators_quotes_and_empty_rows_are_understood() -> None:
    first, second = _rows(ENGLISH.encode("utf-8-sig"), CalendarFormat())
    assert (first.number, first.line, first.errors, first.has_time) == (2, 2, (), True)
    assert first.data == {
        "text": '50% off\neverything, "today" only',
        "platform": "Facebook",
        "audience_countries": ["US", "IL"],
        "scheduled_at": "2027-09-11T09:00:00+00:00",
    }
    assert (second.number, second.line, second.has_time) == (4, 5, False)
    assert second.data["text"] == " Hello "
    assert second.data["kind"] == "post"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1255"])
def test_hebrew_is_read_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    text = "sep=,\r\nתאריך,שעה,טקסט הפוסט,רשת\r\n7.10.2027,10:00,שלום עולם,פייסבוק\r\n"
    (row,) = _rows(text.encode(encoding), CalendarFormat())
    assert row.data["text"] == "שלום עולם"
    assert row.data["scheduled_at"] == "2027-10-07T10:00:00+00:00"
    assert (row.number, row.line) == (2, 3)


@pytest.mark.parametrize(("day", "at"), [("10/05/2027", "05-10"), ("5/25/2027", "05-25")])
def test_under_hebrew_headings_the_day_comes_first_unless_the_dates_say_otherwise(day: str, at: str) -> None:
    (row,) = _rows(f"תאריך,טקסט\n{day},שלום\n".encode(), CalendarFormat())
    assert row.data["scheduled_at"] == f"2027-{at}T12:00:00+00:00"


def test_a_file_of_more_columns_than_a_spreadsheet_has_is_refused() -> None:
    assert len(_rows(b"text" + b";" * 16_383 + b"\nHello", CalendarFormat())) == 1
    for content in (b"text" + b";" * 16_384 + b"\nHello", b"text;a\nHello" + b";" * 16_384):
        with pytest.raises(InvalidInput) as error:
            _rows(content, CalendarFormat())
        assert "16,385 columns; at most 16,384" in _details(error.value)


def test_a_value_that_no_check_takes_is_left_out_of_each_row_that_has_it() -> None:
    rows = _rows(f"text,account\nOne,{'a' * 300}\nTwo,acme\nThree,{'a' * 300}\n".encode(), CalendarFormat())
    assert [row.data.get("account") for row in rows] == [None, "acme", None]
    assert [len(row.notes) for row in rows] == [1, 0, 1]


def test_rows_that_repeat_their_columns_take_a_few_steps_each() -> None:
    content = ("Date,Time,Channel,Account,Copy\n" + "2027-09-11,09:00,Facebook,acme,Hello\n" * 500).encode()
    # Each went through a schema of fifteen fields.
    assert count_calls(lambda: _rows(content, CalendarFormat())) < 220 * 500


def test_an_apostrophe_of_windows_is_read_without_hebrew() -> None:
    (row,) = _rows("text\nIt’s here – now".encode("cp1252"), CalendarFormat())
    assert row.data["text"] == "It’s here – now"


@pytest.mark.parametrize(
    ("header", "platforms"),
    [
        ("Date,Facebook copy,Caption (Instagram),Facebook image", ["facebook", "instagram"]),
        ("Date,Facebook,X,Owner", ["facebook", "x"]),
        ("תאריך,טקסט לפייסבוק,ניוזלטר,הערות", ["פייסבוק", "ניוזלטר"]),
        ("Date,Copy,Copy for LinkedIn,Facebook", [None, "linkedin"]),
    ],
)
def test_a_row_with_a_text_for_each_platform_is_a_post_for_each(
    header: str, platforms: list[str | None]
) -> None:
    rows = _rows(f"{header}\n2027-05-13,one,two,three\n2027-05-14,,four,\n".encode(), CalendarFormat())
    assert [row.key for row in rows] == ["2.1", "2.2", "3"]
    assert [row.data.get("platform") for row in rows[:2]] == platforms
    assert [row.data["text"] for row in rows] == ["one", "two", "four"]


@pytest.mark.parametrize(
    "header",
    [
        "Post copy (EN),Caption HE,Owner",
        "Copy,Caption,Notes",
        "English,Hebrew,Owner",
        "טקסט בעברית,טקסט באנגלית,אחראי",
        "טקסט,תרגום,סטטוס",
        "Copy en-US,Copy pt_BR,Copywriter",
    ],
)
def test_a_row_with_a_text_in_each_language_is_a_post_for_each(header: str) -> None:
    rows = _rows(f"Day,Channel,{header}\n2027-05-13,Facebook,one,two,no\n".encode(), CalendarFormat())
    assert [row.data["text"] for row in rows] == ["one", "two"]
    assert [row.column for row in rows] == header.split(",")[:2]
    assert {row.data["platform"] for row in rows} == {"Facebook"}


def test_texts_in_two_languages_for_two_platforms_are_four_posts() -> None:
    header = "Copy,Facebook EN copy,Facebook HE copy,Instagram EN copy,Instagram HE copy"
    rows = _rows(f"{header}\n,one,two,three,four\n".encode(), CalendarFormat())
    assert [row.data["platform"] for row in rows] == ["facebook", "facebook", "instagram", "instagram"]


@pytest.mark.parametrize(
    "header",
    [
        "Copy,Hebrew,Post no",
        "Copy,Language,Post ID",
        "Copy,Copywriter,Copy is final",
        "Copy,Post type,English link",
    ],
)
def test_a_column_beside_the_text_that_may_be_a_checkbox_or_a_number_is_no_text(header: str) -> None:
    (row,) = _rows(f"{header}\none,two,three\n".encode(), CalendarFormat())
    assert row.data["text"] == "one"


def test_the_name_of_a_group_and_a_header_that_it_repeats_are_no_posts() -> None:
    content = b"Name,Date,Copy\n1,,Hello\nWeek 2,,\nName,Date,Copy\n2,,Bye\n,2027-05-13,\n"
    rows = _rows(content, CalendarFormat())
    assert [row.number for row in rows] == [2, 5, 6]


def test_a_platform_in_the_first_row_of_a_file_without_headings_is_no_column_of_texts() -> None:
    with pytest.raises(InvalidInput):
        _rows(b"Our sale starts tomorrow,Facebook\nHello,Instagram\n", CalendarFormat())


def test_a_mapping_names_columns_and_joins_them_also_where_a_plus_became_a_space() -> None:
    content = b"Copy,Date,Time,text\nhi,2027-01-02,10:00,no\n"
    for scheduled_at in ("Date+Time", "date time"):
        form = CalendarFormat(columns=read_mapping(["text=copy", f"scheduled_at={scheduled_at}"]))
        (row,) = _rows(content, form)
        assert row.data == {"text": "hi", "scheduled_at": "2027-01-02T10:00:00+00:00"}


def test_columns_that_a_mapping_does_not_name_are_found_by_their_usual_names() -> None:
    form = CalendarFormat(columns=read_mapping(["text=Wording", "organization=Channel"]))
    (row,) = _rows(b"Wording,Date,Channel\nhi,2027-01-02,Acme\n", form)
    assert row.data.keys() == {"text", "scheduled_at", "organization"}


def test_a_row_that_is_invalid_has_its_own_error() -> None:
    content = b"text,date\none,03/04/2027\ntwo,2027-02-28\nthree,2027-02-28,three\n"
    one, two, three = _rows(content, CalendarFormat())
    assert [error.pointer for error in one.errors] == ["/scheduled_at"]
    assert one.ambiguous_date == "03/04/2027"
    assert two.errors == ()
    assert "3 cells" in three.errors[0].detail


def test_a_day_that_cannot_be_read_is_left_out_and_a_missing_year_is_assumed_with_a_note() -> None:
    form = CalendarFormat(today=date(2026, 11, 26))
    june, soon, may = _rows(b"text,date\na,31/6/27\nb,soon\nc,13/5 evening\n", form)
    assert (june.errors, "scheduled_at" in june.data) == ((), False)
    assert june.notes[0].detail == "June 31 does not exist. The post was checked without a day."
    assert "without a day" in soon.notes[0].detail
    assert may.data["scheduled_at"] == "2027-05-13T20:00:00+00:00"
    assert "2027-05-13" in may.notes[0].detail


def test_countries_are_read_by_name_and_what_is_not_understood_is_left_out_with_a_note() -> None:
    content = """text,country,account,links
a,"Israel, USA",,
b,ארה"ב / UK,,
c,IL Mars,,
d,,{account},
""".replace("{account}", "x" * 5_000)
    first, second, third, fourth = _rows(content.encode(), CalendarFormat())
    assert first.data["audience_countries"] == ["IL", "US"]
    assert second.data["audience_countries"] == ["US", "GB"]
    assert third.data["audience_countries"] == ["IL"]
    assert third.notes[0].detail == "'Mars' was not understood: the post was checked without it."
    assert (fourth.data, fourth.errors, len(fourth.notes)) == ({"text": "d"}, (), 1)


def test_line_ends_of_old_spreadsheets_are_read() -> None:
    for end in ("\r", "\n", "\r\n"):
        (row,) = _rows(f"sep=|{end}Date|Copy{end}2027-05-10|Hello{end}".encode(), CalendarFormat())
        assert (row.data["text"], row.line) == ("Hello", 3)


def test_a_title_may_stand_above_the_headings() -> None:
    content = "Plan of May\r\n;;\r\nDate;Copy;Owner\r\n2027-05-10;Hello;Dana\r\n"
    file = read_csv(content.encode(), CalendarFormat())
    assert file.header == ("Date", "Copy", "Owner")
    assert [(row.number, row.data["text"]) for row in file.rows] == [(4, "Hello")]


def test_a_row_without_a_text_says_so() -> None:
    (total,) = _rows(b"Copy,Owner\n ,7 posts\n", CalendarFormat())
    assert total.errors[0].detail == "There is no text in this row."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b" \n", "is empty"),
        (b"Date,Copy\n", "has no posts"),
        (b"Copy\n\n\n", "has no posts"),
        (b"Date,Copy,Owner\nMay,,\n", "has no posts"),
        (b"PK\x03\x04 xl/workbook.xml", "Save it as CSV"),
        (b"PK\x03\x04 plan.csv", "Unpack it"),
        (b"\x89PNG\r\n\x1a\n\0", "an image"),
        (b"<!DOCTYPE html><table>", "a web page"),
        ("text\ncafé crème".encode("latin-1"), "not in UTF-8"),
        (b'text\none\n"two\nthree\n', "from line 3 on"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_what_to_do(content: bytes, message: str) -> None:
    with pytest.raises(KBError, match=message):
        _rows(content, CalendarFormat())


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "The columns are: a, b."),
        (["text=c"], "no column 'c'. The columns are: a, b."),
        (["txt=a"], "Did you mean text?"),
        (["text"], "text=Copy"),
        (["platform=a"], "Which column has the text?"),
    ],
)
def test_an_unknown_column_is_an_error_that_says_which_there_are(pairs: list[str], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        _rows(b"a,b\n1,2\n", CalendarFormat(columns=read_mapping(pairs)))
    assert message in _details(caught.value)


def test_too_many_posts_and_anything_but_an_array_are_refused() -> None:
    assert [row.number for row in json_rows([{"text": "a"}, 7])] == [1, 2]
    with pytest.raises(InvalidInput) as caught:
        json_rows({"text": "a"})
    assert "array" in _details(caught.value)
    with pytest.raises(InvalidInput) as caught:
        _rows(b"text\n" + b"a\n" * 5_001, CalendarFormat())
    assert "at most 5000" in _details(caught.value)
    with pytest.raises(InvalidInput) as caught:
        _rows(b"text," * 300 + b"\n" + (b"a," * 300 + b"\n") * 17, CalendarFormat())
    assert "These are 5100 posts" in _details(caught.value)
