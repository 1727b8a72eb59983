"""`kb trends`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.cli.trending import sparkline
from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.services.accounts import teams
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange import jsonl
from tests.support.incidents import incident

Kb = Callable[..., Result]


@pytest.fixture
def kb(settings: Settings) -> Kb:
    """Run `kb ...` on a data folder of the test's own."""

    def run(*arguments: str, typed: str = "") -> Result:
        command = [*arguments, "--data-dir", str(settings.data_dir)]
        result = CliRunner().invoke(main, command, input=typed, obj=create_app)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


class TestTrends:
    ASKED = ("trends", "--group-by", "category", "--interval", "year", "--from", "2017", "--to", "2018")

    def test_a_table_shows_each_group_with_its_course(self, kb: Kb) -> None:
        lines = kb(*self.ASKED).stdout.splitlines()
        assert lines[0].split() == ["2017", "2018"]
        assert lines[1].split() == ["Tone-deaf", "content", "0", "3", "▁█"]
        assert "תוכן מנותק" in kb(*self.ASKED, "--lang", "he").stdout

    def test_programs_get_json_or_csv(self, kb: Kb) -> None:
        rows = json.loads(kb(*self.ASKED, "--format", "json").stdout)["rows"]
        assert {"bucket": "2018", "group": "tone-deaf", "value": 3}.items() <= rows[5].items()
        assert kb(*self.ASKED, "--format", "csv").stdout.startswith("bucket_start,bucket_end,bucket,group,")

    @pytest.mark.parametrize("metric", ["count", "severity_mean", "market_value_lost"])
    @pytest.mark.parametrize("interval", ["year", "none"])
    def test_a_chart_is_a_picture_without_script(
        self, kb: Kb, tmp_path: Path, metric: str, interval: str
    ) -> None:
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

    @pytest.mark.parametrize(
        ("option", "value", "said"),
        [
            ("--filter", "mood=sad", "mood: There is no such field."),
            ("--filter", "mood", "has no '='"),
            ("--filter", "platform=twiter", "Did you mean 'twitter'?"),
            ("--from", "2019", "This is before `from`."),
            ("--tz", "Mars", "name of a time zone"),
            ("--filter", "from=2019", "an option of its own: --from"),
            ("--lang", "xx;;", "not a known language"),
            ("--output", "/no/such/folder/chart.svg", "Cannot write '/no/such/folder/chart.svg'"),
        ],
    )
    def test_what_cannot_be_asked_is_said_in_words(self, kb: Kb, option: str, value: str, said: str) -> None:
        result = kb(*self.ASKED, option, value)
        assert result.exit_code in (1, 2)
        assert said in result.stderr

    def test_the_period_before_has_a_line_of_its_own(self, kb: Kb) -> None:
        lines = kb(
            "trends", "--interval", "year", "--from", "2018", "--to", "2018", "--compare"
        ).stdout.splitlines()
        assert [line.split() for line in lines[1:]] == [["All", "4"], ["the", "period", "before", "2"]]

    def test_two_groups_with_one_name_have_two_lines(self, kb: Kb, settings: Settings) -> None:
        with create_app(settings).app_context():
            for key in ("north", "south"):
                teams.create_team(key, "A team", actor=OPERATOR)
            for key, year in (("north", "2017"), ("south", "2018")):
                line = json.dumps(incident(occurred_on=year, status="published")).encode()
                jsonl.write_lines(jsonl.check_lines([line], key)[0], key, lambda *_: None)
            db.session.remove()
        table = kb("trends", "--group-by", "team", "--interval", "year", "--to", "2018").stdout.splitlines()
        assert len([line for line in table if line.startswith("A team")]) == 2

    def test_several_values_of_one_filter_are_any_of_them(self, kb: Kb) -> None:
        both = ("--filter", "platform=twitter", "--filter", "platform=snapchat")
        assert kb("trends", *both).stdout.split()[-1] == "6"

    def test_a_sparkline_has_a_space_where_nothing_is_known(self) -> None:
        assert sparkline([0, 5, None, 10]) == "▁▅ █"
        assert sparkline([0, 0]) == "▁▁"
