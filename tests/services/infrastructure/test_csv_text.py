"""CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from kb.services.infrastructure.csv_text import csv_text


def test_rows_follow_a_header_in_the_order_of_the_columns() -> None:
    text = csv_text([{"b": 2, "a": "x, y", "c": "unlisted"}], ["a", "b", "missing"])
    assert [*csv.reader(io.StringIO(text))] == [["a", "b", "missing"], ["x, y", "2", ""]]


def test_lists_are_joined_and_booleans_are_lowercase() -> None:
    text = csv_text([{"tags": ["a", "b"], "alleged": True}], ["tags", "alleged"])
    assert text.splitlines()[1] == '"a; b",true'


def test_every_text_is_quoted_so_that_no_semicolon_begins_a_cell_and_numbers_are_not() -> None:
    row = {"title": "a;=1", "number": 1.5, "none": None, "said": '"x"', "empty": ""}
    assert csv_text([row], [*row]) == 'title,number,none,said,empty\r\n"a;=1",1.5,,"""x""",""\r\n'


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠1",
        "\ufeff=1",
        "\u200f-1",
    ],
)
def test_text_cannot_become_a_formula_unless_it_is_wanted_raw(cell: str) -> None:
    for raw, expected in ((False, f"'{cell}"), (True, cell)):
        text = csv_text([{"title": cell}], ["title"], raw=raw)
        _, (value,) = csv.reader(io.StringIO(text, newline=""))
        assert value == expected


def test_negative_numbers_stay_numbers() -> None:
    assert csv_text([{"diff": -1}], ["diff"]).splitlines()[1] == "-1"
