"""Cells of tables as the values of fields."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.services.exchange.files.conftest import Read

_MOMENTS = "columns: {Brand: organization, Copy: title, Up: posted_at}\nconstants: {category: offensive}\n"


@pytest.mark.parametrize(
    ("written", "mapping", "read_as"),
    [
        ("2018-05-25T10:00:00+03:00", "", "2018-05-25T10:00:00+03:00"),
        ("2018-05-25 10:00", "time_zone: Asia/Jerusalem", "2018-05-25T07:00:00+00:00"),
        ("2018-05-25T10:00", "time_zone: Asia/Jerusalem", "2018-05-25T07:00:00+00:00"),
        ("03/04/2018 10:00", "dates: dmy", "2018-04-03T10:00:00+00:00"),
    ],
    ids=["offset", "time zone of the mapping", "no offset", "day first"],
)
def test_a_time_of_day_is_read_in_its_time_zone(read: Read, written: str, mapping: str, read_as: str) -> None:
    (entry,) = read(f"Brand,Copy,Up\nAcme,Slap,{written}\n", _MOMENTS + mapping)
    moment = datetime.fromisoformat(entry.value["posted_at"])
    assert (moment, entry.problems) == (datetime.fromisoformat(read_as), ())


def test_a_day_without_a_time_is_no_moment_and_is_said(read: Read) -> None:
    (entry,) = read("Brand,Copy,Up\nAcme,Slap,2018-05-25\n", _MOMENTS)
    assert "posted_at" not in entry.value
    assert ("/posted_at", "'2018-05-25' has no time of day, and was left out.") in [
        (remark.pointer, remark.detail) for remark in entry.remarks
    ]


def test_a_moment_with_two_readings_asks_for_the_order(read: Read) -> None:
    (entry,) = read("Brand,Copy,Up\nAcme,Slap,03/04/2018 10:00\n", _MOMENTS)
    (problem,) = entry.problems
    assert (problem.pointer, "`dates: dmy` or `dates: mdy`" in problem.detail) == ("/posted_at", True)


def test_numbers_and_impacts_that_mean_nothing_are_errors(read: Read) -> None:
    header = "organization,title,category,severity,impacts\n"
    (entry,) = read(header + "Acme,Slap,offensive,awful,a lot of money\n")
    assert [(each.pointer, entry.column(each.pointer)) for each in entry.problems] == [
        ("/severity", "severity"), ("/impacts", "impacts"),
    ]  # fmt: skip
    assert "'awful' is no severity" in entry.problems[0].detail
    assert "revenue 1000 USD" in entry.problems[1].detail
    (entry,) = read(header + "Acme,Slap,offensive,4 / 5,jobs 12; reach\n")
    assert (entry.value["severity"], entry.problems) == (4, ())
    assert entry.value["impacts"] == [
        {"kind": "jobs", "alleged": False, "amount": 12}, {"kind": "reach", "alleged": False},
    ]  # fmt: skip


def test_addresses_in_a_cell_are_sources_with_what_stands_beside_them(read: Read) -> None:
    mapping = (
        "columns: {Brand: organization, Copy: title, Links: sources}\nconstants: {category: offensive}\n"
    )
    (entry,) = read('Brand,Copy,Links\nAcme,Slap,"https://example.com/a, https://example.com/b"\n', mapping)
    addresses = ["https://example.com/a", "https://example.com/b"]
    assert entry.value["sources"] == [{"title": each, "url": each} for each in addresses]
    (entry,) = read("Brand,Copy,Links\nAcme,Slap,The Daily: https://example.com/a; Ynet\n", mapping)
    assert entry.value["sources"] == [{"title": "The Daily", "url": addresses[0]}, {"title": "Ynet"}]


def test_a_source_may_stand_in_columns_of_its_own(read: Read) -> None:
    header = "organization,title,category,source_url,source_publisher,source_published_on\n"
    named, unnamed = read(
        header + "Acme,a,offensive,https://example.com/a,Daily,2 May 2018\nAcme,b,offensive,,Daily,\n"
    )
    assert named.value["sources"] == [
        {"title": "https://example.com/a", "url": "https://example.com/a", "publisher": "Daily",
         "published_on": "2018-05-02"},
    ]  # fmt: skip
    assert unnamed.value["sources"] == [{"title": "Daily", "publisher": "Daily"}]


def test_a_precision_without_a_date_is_dropped(read: Read) -> None:
    (entry,) = read("organization,title,category,occurred_on,occurred_precision\nAcme,a,offensive,,month\n")
    assert not {"occurred_on", "occurred_precision"} & entry.value.keys()
    assert entry.problems == ()


def test_texts_of_several_columns_are_paragraphs_of_one_field(read: Read) -> None:
    mapping = "columns: {Brand: organization, A: summary, B: summary}\nconstants: {category: offensive}"
    (entry,) = read("Brand,A,B\nAcme,One.,Two.\n", mapping)
    assert entry.value["summary"] == "One.\n\nTwo."


def test_a_title_that_is_too_long_begins_the_summary(read: Read) -> None:
    title = "A joke about a flood went out. " + "It was long. " * 60
    (entry,) = read(f"organization,title,category,summary\nAcme,{title},offensive,It was deleted.\n")
    assert entry.value["title"] == "A joke about a flood went out"
    assert entry.value["summary"] == f"{title.strip()}\n\nIt was deleted."
    assert entry.remarks[0].pointer == "/title"


def test_what_an_export_has_beyond_the_fields_is_an_object_or_a_note(read: Read) -> None:
    header = "organization,title,category,extra\n"
    rows = read(header + 'Acme,a,offensive,"{""owner"": ""Dana""}"\nAcme,b,offensive,ask Dana\n')
    assert [row.value["extra"] for row in rows] == [{"owner": "Dana"}, {"note": "ask Dana"}]


def test_several_terms_stand_in_one_cell(read: Read) -> None:
    mapping = (
        "columns: {Brand: organization, Copy: title, Where: platforms}\nconstants: {category: offensive}"
    )
    (entry,) = read('Brand,Copy,Where\nAcme,a,"Instagram, Facebook"\n', mapping)
    assert entry.value["platforms"] == ["Instagram", "Facebook"]


@pytest.mark.parametrize("written", ["Tuesday at noon", "2018-05-25T99:00:00Z"])
def test_what_is_no_moment_is_an_error_of_its_column(read: Read, written: str) -> None:
    (entry,) = read(f"Brand,Copy,Up\nAcme,Slap,{written}\n", _MOMENTS)
    assert [(each.pointer, entry.column(each.pointer)) for each in entry.problems] == [("/posted_at", "Up")]
    assert "posted_at" not in entry.value
