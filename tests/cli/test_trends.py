"""`kb trends`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kb.cli.figures.table import sparkline
from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.services.accounts import teams
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.imports import importing
from tests.support.cli import Kb
from tests.support.imports import check_lines
from tests.support.incidents import incident

COMMAND = ("trends", "--group-by", "category", "--interval", "year", "--from", "2017", "--to", "2018")


def test_the_table_shows_each_group_with_its_values_and_a_sparkline(kb: Kb) -> None:
    lines = kb(*COMMAND).stdout.splitlines()
    assert lines[0].split() == ["2017", "2018"]
    assert lines[1].split() == ["Tone-deaf", "content", "0", "3", "▁█"]
    assert "תוכן חסר רגישות" in kb(*COMMAND, "--lang", "he").stdout


def test_the_report_is_available_as_json_and_csv(kb: Kb) -> None:
    rows = json.loads(kb(*COMMAND, "--format", "json").stdout)["rows"]
    assert {"bucket": "2018", "group": "tone-deaf", "value": 3}.items() <= rows[5].items()
    assert kb(*COMMAND, "--format", "csv").stdout.startswith("bucket_start,bucket_end,bucket,group,")


@pytest.mark.parametrize("metric", ["count", "severity_mean", "market_value_lost"])
@pytest.mark.parametrize("interval", ["year", "none"])
def test_a_chart_is_an_svg_without_scripts(kb: Kb, tmp_path: Path, metric: str, interval: str) -> None:
    picture = tmp_path / "chart.svg"
    result = kb("trends", "--metric", metric, "--interval", interval, "--output", str(picture))
    assert (result.exit_code, result.stdout) == (0, "")
    root = ElementTree.parse(picture).getroot()
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert (root.tag, "script" in tags, "rect" in tags) == (
        "{http://www.w3.org/2000/svg}svg",
        False,
        True,
    )


def test_the_ending_of_the_file_says_what_is_written(kb: Kb, tmp_path: Path) -> None:
    for format_ in ("csv", "json"):
        file = tmp_path / f"report.{format_.upper()}"
        file.write_text("replaced", "utf-8")
        assert kb(*COMMAND, "--output", str(file)).stdout == ""
        printed = kb(*COMMAND, "--format", format_).stdout_bytes
        assert _without_time(file.read_bytes()) == _without_time(printed)


def _without_time(content: bytes) -> bytes:
    return re.sub(rb'"as_of": "[^"]+"', b"", content)


def test_what_a_file_cannot_show_is_refused_before_it_is_written(kb: Kb, tmp_path: Path) -> None:
    for options, name, message in (
        ((), "chart.png", "'chart.png' must end in .svg for a chart, or in .csv or .json."),
        ((), "chart", "must end in .svg"),
        (("--compare",), "chart.svg", "A chart does not show the period before."),
        (("--format", "csv"), "report.csv", "the ending of the file says its format"),
    ):
        result = kb(*COMMAND, *options, "--output", str(tmp_path / name))
        assert result.exit_code == 2
        assert message in " ".join(result.stderr.split())
        assert not (tmp_path / name).exists()


def test_alleged_losses_are_named_in_the_language_of_the_labels(kb: Kb, settings: Settings) -> None:
    impact = {"kind": "market_value", "amount": 5e8, "currency": "EUR", "alleged": True}
    with create_app(settings).app_context():
        line = json.dumps(incident(occurred_on="2018", status="published", impacts=[impact])).encode()
        importing.write_lines(check_lines([line], "main")[0], "main", lambda *_: None)
        db.session.remove()
    table = kb("trends", "--metric", "market_value_lost", "--lang", "he").stdout
    assert "הכול (EUR, לפי הטענה)" in table


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--filter", "mood=sad", "--filter 'mood=sad': Unknown field."),
        ("--group-by", "category,nope", "--group-by 'nope': Must be one of: category"),
        ("--columns", "nope", "--columns: There is no column 'nope'"),
        ("--filter", "mood", "has no '='"),
        ("--filter", "platform=twiter", "Did you mean 'twitter'?"),
        ("--from", "2019", "--to '2018': This is earlier than `from`."),
        ("--tz", "Mars", "--time-zone: There is no time zone 'Mars'"),
        ("--time-zone", "Mars", "--time-zone: There is no time zone 'Mars'"),
        ("--filter", "from=2019", "an option of its own: --from"),
        ("--lang", "xx;;", "not a known language"),
        ("--output", "/no/such/folder/chart.svg", "Cannot write '/no/such/folder/chart.svg'"),
    ],
)
def test_an_invalid_option_is_explained(kb: Kb, option: str, value: str, message: str) -> None:
    result = kb(*COMMAND, option, value)
    assert result.exit_code in (1, 2)
    assert message in result.stderr


def test_the_previous_period_has_its_own_line(kb: Kb) -> None:
    lines = kb(
        "trends", "--interval", "year", "--from", "2018", "--to", "2018", "--compare"
    ).stdout.splitlines()
    assert [line.split() for line in lines[1:]] == [["All", "4"], ["the", "period", "before", "2"]]


def test_two_groups_with_the_same_name_get_two_lines(kb: Kb, settings: Settings) -> None:
    with create_app(settings).app_context():
        for key in ("north", "south"):
            teams.create_team(key, "A team", actor=OPERATOR)
        for key, year in (("north", "2017"), ("south", "2018")):
            line = json.dumps(incident(occurred_on=year, status="published")).encode()
            importing.write_lines(check_lines([line], key)[0], key, lambda *_: None)
        db.session.remove()
    table = kb("trends", "--group-by", "team", "--interval", "year", "--to", "2018").stdout.splitlines()
    assert len([line for line in table if line.startswith("A team")]) == 2


def test_repeated_values_of_one_filter_match_any_of_them(kb: Kb) -> None:
    both = ("--filter", "platform=twitter", "--filter", "platform=snapchat")
    assert kb("trends", *both).stdout.split()[-1] == "6"


def test_a_sparkline_has_a_space_for_an_unknown_value() -> None:
    assert sparkline([0, 5, None, 10]) == "▁▅ █"
    assert sparkline([0, 0]) == "▁▁"


def test_the_period_may_be_given_by_moments(kb: Kb) -> None:
    by_day = kb("trends", "--from", "2018-05-16", "--to", "2018-05-17", "--format", "csv")
    by_moment = kb("trends", "--from", "2018-05-16T22:30:00Z", "--to", "1526515200000", "--format", "csv")
    assert by_day.stdout == by_moment.stdout


def test_csv_may_have_some_columns_only(kb: Kb) -> None:
    shown = kb("trends", "--group-by", "category", "--format", "csv", "--columns", "group,value", "--raw")
    assert shown.stdout.splitlines()[0] == "group,value"
    refused = kb("trends", "--format", "csv", "--columns", "mood")
    assert refused.exit_code == 2
    assert "There is no column 'mood'." in refused.stderr
