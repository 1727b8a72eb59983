"""Headings of content calendars with remarks in parentheses, and cells of links as people fill them in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from kb.errors import InvalidInput
from kb.services.check.calendars.columns import read_mapping
from kb.services.check.calendars.file import CalendarFormat, read_csv
from kb.services.check.calendars.rows import CalendarRow


def _rows(text: str, form: CalendarFormat | None = None) -> list[CalendarRow]:
    return read_csv(text.encode(), form or CalendarFormat()).rows


@pytest.mark.parametrize(
    "header",
    [
        "Date (mm/dd/yyyy hh:mm),Message,URL",
        "Publish date [US],Copy,Link (with UTM)",
        "תאריך (חודש/יום/שנה),טקסט,קישור (מקוצר)",
        "Date - local time,Post Caption,Link – shortened",
    ],
)
def test_a_remark_in_parentheses_or_after_a_dash_does_not_hide_what_a_column_is(header: str) -> None:
    (row,) = _rows(f"{header}\n05/25/2027 09:05,Boots,https://shop.com/a\n")

    assert row.data["scheduled_at"] == "2027-05-25T09:05:00+00:00"
    assert row.data["links"] == ["https://shop.com/a"]


def test_a_heading_without_a_remark_comes_before_one_with() -> None:
    (row,) = _rows("Date (created),Date,Text\n2027-01-01,2027-05-25,Boots\n")

    assert row.data["scheduled_at"] == "2027-05-25T12:00:00+00:00"


@pytest.mark.parametrize(
    ("heading", "day"),
    [
        ("Date (DD/MM/YYYY)", "2027-04-03"),
        ("Date (mm/dd/yyyy hh:mm)", "2027-03-04"),
        ("Date dd-mm-yy", "2027-04-03"),
        ("Publish date [D/M/Y]", "2027-04-03"),
        ("תאריך MM/DD", "2027-03-04"),
        ("תאריך (יום/חודש/שנה)", "2027-04-03"),
        ("תאריך (חודש/יום)", "2027-03-04"),
    ],
)
def test_a_heading_may_say_the_order_of_day_and_month(heading: str, day: str) -> None:
    form = CalendarFormat(columns={"scheduled_at": heading})
    (row,) = _rows(f"{heading},Text\n03/04/2027,Boots\n", form)

    assert row.data["scheduled_at"].startswith(day)
    assert [note.detail for note in row.notes] == [
        f"'03/04/2027' was read as {day}, in the order that the heading of the column says."
    ]


def test_the_request_and_the_other_dates_decide_before_a_heading() -> None:
    first, _ = _rows("Date (dd/mm/yyyy),Text\n03/04/2027,Boots\n03/25/2027,Hats\n")

    assert first.data["scheduled_at"].startswith("2027-03-04")


@pytest.mark.parametrize(
    "heading", ["Date (UTC)", "Timestamp (UTC)", "Date and time [GMT]", "תאריך ושעה (UTC)"]
)
def test_times_are_in_universal_time_where_their_heading_says_so(heading: str) -> None:
    form = CalendarFormat(columns={"scheduled_at": heading}, countries=["IL"])
    file = read_csv(f"{heading},Text\n2027-05-25 09:00,Boots\n".encode(), form)

    assert file.rows[0].data["scheduled_at"] == "2027-05-25T09:00:00+00:00"
    assert file.zone is not None
    assert (file.zone.name, file.zone.origin) == ("UTC", "heading")


def test_a_zone_that_the_request_names_comes_before_the_heading() -> None:
    form = CalendarFormat(time_zone=ZoneInfo("Asia/Jerusalem"))
    (row,) = _rows("Date (UTC),Text\n2027-05-25 09:00,Boots\n", form)

    assert row.data["scheduled_at"] == "2027-05-25T09:00:00+03:00"


@pytest.mark.parametrize(
    ("cell", "links"),
    [
        ('"https://a.com/x, https://b.com"', ["https://a.com/x", "https://b.com"]),
        ('"https://a.com/x,https://b.com;www.c.com"', ["https://a.com/x", "https://b.com", "www.c.com"]),
        ('"https://a.com/1,2;3"', ["https://a.com/1,2;3"]),
        ("Shop: https://a.com/x", ["https://a.com/x"]),
        ("http:/a.com", ["http:/a.com"]),
        ("https://a.com/TBD", ["https://a.com/TBD"]),
        ("mailto:dana@a.com", ["mailto:dana@a.com"]),
        ("localhost:3000", ["localhost:3000"]),
    ],
)
def test_the_addresses_in_a_cell_of_links_are_its_links(cell: str, links: list[str]) -> None:
    (row,) = _rows(f"Text,Link\nBoots,{cell}\n")

    assert row.data["links"] == links
    assert row.notes == ()


@pytest.mark.parametrize("cell", ["-", "–", "n/a", "N/A", "none", "No link", "ללא", "אין", "ללא קישור"])
def test_a_cell_that_says_there_is_no_link_has_none(cell: str) -> None:
    (row,) = _rows(f"Text,Link\nBoots,{cell}\n")

    assert "links" not in row.data
    assert row.notes == ()


@pytest.mark.parametrize("cell", ["TBD", "Link in bio", "to follow", "יגיע", "בביו"])
def test_words_in_a_cell_of_links_are_left_out_with_a_note(cell: str) -> None:
    (row,) = _rows(f"Text,Link\nBoots,{cell}\n")

    assert "links" not in row.data
    assert [(note.pointer, note.detail) for note in row.notes] == [
        ("/links", f"'{cell}' was not understood: the post was checked without it.")
    ]


def test_a_field_that_is_mapped_to_two_columns_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_mapping(["text=Copy", "text=Caption"])

    assert [error.detail for error in refused.value.errors] == [
        "'text' is there twice. Name its column once; a plus sign joins two: text=Copy+Caption."
    ]
