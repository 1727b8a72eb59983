"""What a terminal is sent of a text, and how many of its columns that takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kb.cli.text_display import display_width, displayable, excerpt
from tests.support.cli import Kb, write_jsonl
from tests.support.incidents import incident


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("slogan", 6),
        ("שָׁלוֹם", 4),
        ("促销", 4),
        ("👍", 2),
        ("👍🏽", 2),
        ("❤\ufe0f", 2),
        ("👩\u200d👧\u200d👦!", 3),
        ("", 0),
    ],
    ids=["letters", "points", "Chinese", "emoji", "skin tone", "emoji style", "joined family", "nothing"],
)
def test_a_text_takes_the_columns_that_people_see(text: str, columns: int) -> None:
    assert display_width(text) == columns


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, as it is", "plain, as it is"),
        ("קמפיין ❤\ufe0f", "קמפיין ❤\ufe0f"),
        ("red \x1b[31m text", "red \ufffd[31m text"),
        ("two\tcells and\u00a0one more", "two cells and one more"),
        ("turned \u202eround", "turned round"),
        ("a zero\u200bwidth space", "a zerowidth space"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_nothing_that_steers_a_terminal_is_shown(text: str, shown: str) -> None:
    assert displayable(text) == shown


def test_messages_and_hits_do_not_steer_the_terminal_that_shows_them(kb: Kb, tmp_path: Path) -> None:
    turned = incident(title="A \u202eturned title", summary="A \u202eturned summary.")
    lines = write_jsonl(tmp_path, [turned, {"\x1b]0;title\x07\x9b31m": 1}])
    result = kb("import", lines, "--skip-invalid")
    found = kb("search", "turned")
    for text in (result.output, found.output):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text), text
    assert "]0;title" in result.output
    assert "A turned title" in found.output


def test_a_line_that_fits_is_shown_whole() -> None:
    assert excerpt("We love all of you", 3, 7, 40) == ("We ", "love", " all of you")


def test_both_sides_of_a_long_line_are_cut_around_its_part() -> None:
    line = "a" * 50 + "LOVE" + "b" * 50
    before, marked, after = excerpt(line, 50, 54, 24)
    assert marked == "LOVE"
    assert (before[0], before[1:].strip("a"), after[-1], after[:-1].strip("b")) == ("…", "", "…", "")
    assert display_width(before + marked + after) <= 24


def test_the_side_that_is_short_leaves_its_columns_to_the_other() -> None:
    line = "Hi LOVE " + "b" * 100
    before, marked, after = excerpt(line, 3, 7, 30)
    assert (before, marked) == ("Hi ", "LOVE")
    assert after.endswith("…")
    assert 20 < display_width(after) <= 23
    end = excerpt("a" * 100 + " LOVE", 101, 105, 30)
    assert (end.after, end.before[0]) == ("", "…")
    assert 24 < display_width(end.before) <= 26


@pytest.mark.parametrize("letter", ["x", "促", "👍"])
@pytest.mark.parametrize("width", [1, 2, 7, 20])
def test_a_part_that_is_too_long_is_cut_itself(letter: str, width: int) -> None:
    before, marked, after = excerpt(f"start {letter * 40} end", 6, 46, width)
    assert marked.endswith("…")
    assert display_width(before + marked + after) <= width


def test_nothing_is_shown_where_there_is_no_column() -> None:
    assert excerpt("We love you", 3, 7, 0) == ("", "", "")
