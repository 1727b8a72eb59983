"""`kb check` of content calendars."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import Kb


def test_a_calendar_is_checked_row_by_row(kb: Kb, folder: Path) -> None:
    result = kb("check", "posts.csv", "--format", "json")
    assert result.exit_code == 2
    first, second, third = json.loads(result.stdout)
    assert [entry["row"] for entry in (first, second, third)] == [2, 3, 4]
    assert first["findings"][0]["span"]["text"] == "Walrus special"
    assert second["clashes"][0]["rows"] == [2]
    assert "03/04/2027" in third["error"]


def test_a_row_with_two_languages_says_in_which_column_something_was_found(kb: Kb, folder: Path) -> None:
    (folder / "both.csv").write_text("Day,Copy EN,Copy HE\n2027-06-02,Good morning,walrus special\n", "utf-8")
    lines = kb("check", "both.csv").stdout.splitlines()
    assert lines[0] == "both.csv:2 (Copy EN): CLEAR"
    assert "both.csv:2 (Copy HE): STOP" in lines
    assert any(line.startswith("  2:25 STOP") for line in lines)  # column 25 of the second line of the file


@pytest.mark.parametrize("output_format", ["text", "json", "sarif", "github"])
def test_a_calendar_without_posts_is_an_error_of_its_own_and_the_other_files_are_checked(
    kb: Kb, folder: Path, server: str, output_format: str
) -> None:
    (folder / "header.csv").write_text("Date,Copy\n", "utf-8")
    for more in ((), ("--server", server)):
        alone = kb("check", "header.csv", "--format", output_format, *more)
        assert alone.exit_code == 65
        assert "The calendar has no posts." in alone.stdout
        assert kb("check", "header.csv", "posts.csv", "--format", output_format, *more).exit_code == 2


def test_a_calendar_says_in_which_zone_its_times_were_read(kb: Kb, folder: Path) -> None:
    plan = folder / "zones.csv"
    plan.write_text("Date,Copy,Country\n2027-05-11 18:00,Huge sale today!,Israel\n", "utf-8")
    checked = kb("check", str(plan), "--format", "json")
    assert "zones.csv: times without a zone were read in Asia/Jerusalem." in checked.stderr
    assert json.loads(checked.stdout)[0]["scheduled_at"] == "2027-05-11T18:00:00+03:00"
    asked = kb("check", str(plan), "--format", "json", "--time-zone", "Europe/Paris")
    assert "times without a zone" not in asked.stderr
    assert json.loads(asked.stdout)[0]["scheduled_at"] == "2027-05-11T18:00:00+02:00"


def test_a_calendar_for_a_country_with_several_zones_is_read_in_its_main_one(kb: Kb, folder: Path) -> None:
    plan = folder / "zones.csv"
    plan.write_text("Date,Copy\n2027-05-11 18:00,Hello\n", "utf-8")
    checked = kb("check", str(plan), "--format", "json", "--country", "US")
    assert json.loads(checked.stdout)[0]["scheduled_at"] == "2027-05-11T18:00:00-04:00"
    assert "were read in America/New_York" in checked.stderr
