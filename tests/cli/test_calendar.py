"""`kb calendar`."""

from __future__ import annotations

import json

import pytest

from tests.support.cli import Kb
from tests.support.icalendar import read_icalendar

MAY = ("calendar", "--country", "IL", "--from", "2027-05-11", "--to", "2027-05-12")


def test_the_table_is_in_the_language_of_the_terminal(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    result = kb(*MAY)
    assert "בלי פרסום ומבצעים  יום הזיכרון לחללי" in result.stdout
    assert "ימים, מ-11 במאי 2027" in result.stderr
    monkeypatch.setenv("LC_ALL", "C")
    assert "2027-05-11               no promotion" in kb(*MAY).stdout
    assert "יום העצמאות" in kb(*MAY, "--lang", "he").stdout


def test_an_entry_shows_what_happened_on_it(kb: Kb) -> None:
    lines = kb("calendar", "--from", "2027-09-11", "--to", "2027-09-11", "--lang", "en").stdout.splitlines()
    assert lines[0].endswith("September 11 attacks")
    assert [line.strip() for line in lines[-2:]] == [
        "One incident happened on this day:",
        "• Ted Cruz's official account likes a sexually explicit video (Ted Cruz, September 11, 2017)",
    ]


def test_the_calendar_is_available_as_json_and_icalendar(kb: Kb) -> None:
    body = json.loads(kb(*MAY, "--format", "json").stdout)
    _, events = read_icalendar(kb(*MAY, "--format", "ics").stdout_bytes.decode())
    assert [event["DTSTART"] for event in events] == [
        day.replace("-", "") for entry in body["entries"] for day in (entry["eve"], entry["first"]) if day
    ]


def test_a_day_that_begins_in_the_evening_says_on_which_even_past_the_last_day(kb: Kb) -> None:
    table = kb(
        "calendar", "--country", "IL", "--from", "2028-04-30", "--to", "2028-04-30", "--lang", "en"
    ).stdout
    assert "2028-05-01               no promotion  Memorial Day" in table
    assert "Begins on the evening of April 30, 2028." in table


def test_only_risky_days_are_listed_where_asked_for(kb: Kb) -> None:
    every, risky = kb(*MAY, "--lang", "en").stdout, kb(*MAY, "--lang", "en", "--risky").stdout
    assert "Memorial Day" in risky
    assert "Independence Day" in every
    assert "Independence Day" not in risky


def test_a_wrong_option_says_what_to_write(kb: Kb) -> None:
    for options, message in (
        (("--from", "2027", "--to", "2026"), "--to '2026': This is earlier than `from`."),
    ):
        result = kb("calendar", *options)
        assert result.exit_code == 2
        assert message in result.stderr


def test_countries_are_named_by_code_or_by_name_in_english_or_hebrew(kb: Kb) -> None:
    period = ("--from", "2027-05-11", "--to", "2027-05-12", "--lang", "en")
    by_code = kb("calendar", "--country", "IL", "--country", "US", *period).stdout
    assert "Independence Day" in by_code
    for names in (("Israel", "United States"), ("ישראל, ארצות הברית",), ("il", "usa", "IL")):
        options = [part for name in names for part in ("--country", name)]
        assert kb("calendar", *options, *period).stdout == by_code


def test_a_country_that_is_not_known_is_quoted_with_what_to_write(kb: Kb) -> None:
    for name, quoted in (("Atlantis", "Atlantis"), ("IL, Avalon", "Avalon"), ("New Avalon", "New Avalon")):
        result = kb("calendar", "--country", name)
        assert result.exit_code != 0
        assert f"There is no country '{quoted}'. Write a name or a two-letter code" in result.stderr


def test_a_period_without_such_days_says_so(kb: Kb) -> None:
    result = kb("calendar", "--from", "2027-07-13", "--to", "2027-07-13", "--lang", "en")
    assert (result.stdout, result.stderr) == ("", "No day to watch in this period.\n")
