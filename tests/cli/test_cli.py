"""The command line, as a person or a script uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.cli.trend_table import sparkline
from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.services.accounts import teams
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange import jsonl
from tests.support.incidents import incident

Kb = Callable[..., Result]

_HEBREW = {"title": "זברה", "summary": "תקציר", "cause": "סיבה", "outcome": "תוצאה"}


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


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
        else:
            found.append((*path, name))
    return found


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_every_command_explains_itself_and_takes_a_data_folder(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"], obj=create_app)
    assert result.exit_code == 0
    assert "--data-dir" in result.stdout
    assert len(result.stdout.split("\n")[2]) > 15


class TestTokens:
    def test_a_token_stands_alone_on_standard_output(self, kb: Kb) -> None:
        result = kb("token", "create", "--name", "ci", "--role", "admin")
        assert result.exit_code == 0
        assert result.stdout.startswith("kb_")
        assert result.stdout.count("\n") == 1

    def test_tokens_are_listed_for_programs_and_revoked(self, kb: Kb) -> None:
        kb("token", "create", "--name", "ci", "--role", "reader", "--days", "7")
        (row,) = json.loads(kb("token", "list", "--format", "json").stdout)
        assert (row["name"], row["role"], row["team"], row["valid"]) == ("ci", "reader", "main", True)
        assert kb("token", "revoke", str(row["id"])).exit_code == 0
        assert json.loads(kb("token", "list", "--format", "json").stdout)[0]["valid"] is False

    def test_a_mistake_is_explained(self, kb: Kb) -> None:
        result = kb("token", "create", "--name", "ci", "--role", "admin", "--team", "nowhere")
        assert result.exit_code == 1
        assert "There is no team 'nowhere'" in result.stderr
        assert kb("token", "revoke", "99").exit_code == 1

    def test_a_token_may_act_for_a_team_that_was_added(self, kb: Kb) -> None:
        assert kb("team", "create", "north", "--name", "The north").exit_code == 0
        assert kb("team", "create", "north").exit_code == 1
        assert kb("team", "create", "Not A Slug").exit_code == 1
        assert kb("token", "create", "--name", "n", "--role", "contributor", "--team", "north").exit_code == 0
        assert [row["key"] for row in json.loads(kb("team", "list", "--format", "json").stdout)] == [
            "main",
            "north",
        ]


class TestPeople:
    def test_a_user_is_added_to_a_team_gets_a_token_and_is_disabled(self, kb: Kb) -> None:
        new = ("user", "create", "dana@example.com", "--name", "Dana Levi", "--time-zone", "Asia/Jerusalem")
        assert kb(*new, "--language", "iw", "--password-stdin", typed="a good password\n").exit_code == 0
        assert kb(*new, "--no-password").exit_code == 1
        (row,) = json.loads(kb("user", "list", "--format", "json").stdout)
        assert (row["name"], row["language"], row["can_sign_in"]) == ("Dana Levi", "he", True)
        assert kb("team", "add", "main", "dana@example.com", "--role", "reviewer").exit_code == 0
        (member,) = json.loads(kb("team", "members", "main", "--format", "json").stdout)
        assert (member["email"], member["role"]) == ("dana@example.com", "reviewer")
        made = kb("token", "create", "--user", "dana@example.com", "--name", "laptop", "--scope", "write")
        assert made.stdout.startswith("kb_")
        assert kb("user", "disable", "dana@example.com").exit_code == 0
        (token,) = json.loads(kb("token", "list", "--format", "json").stdout)
        assert (token["user"], token["scopes"], token["valid"]) == ("Dana Levi", ["read", "write"], False)
        assert kb("user", "enable", "dana@example.com").exit_code == 0
        assert kb("user", "password", "dana@example.com", "--password-stdin", typed="short\n").exit_code == 1
        assert kb("team", "remove", "main", "dana@example.com").exit_code == 0
        events = [entry["event"] for entry in json.loads(kb("audit", "--format", "json").stdout)]
        assert events == [
            "member_removed", "user_changed", "user_changed", "token_created", "member_set", "user_created",
        ]  # fmt: skip
        assert "member_set" in kb("audit", "--event", "member_set").stdout
        assert kb("audit", "--since", "2999-01-01").stdout == ""

    @pytest.mark.parametrize(
        ("command", "complaint"),
        [
            (("user", "create", "nonsense", "--name", "x", "--no-password"), "email"),
            (("user", "password", "nobody@example.com", "--password-stdin"), "no user"),
            (("team", "add", "nowhere", "nobody@example.com", "--role", "reader"), "no team"),
            (("token", "create", "--name", "x"), "--role"),
            (("token", "create", "--name", "x", "--user", "nobody@example.com"), "no user"),
            (("audit", "--event", "nothing"), "nothing"),
        ],
    )
    def test_a_mistake_is_explained(self, kb: Kb, command: tuple[str, ...], complaint: str) -> None:
        result = kb(*command)
        assert result.exit_code in (1, 2)
        assert complaint in result.stderr

    def test_the_role_admin_is_of_a_team_or_without_one_of_the_site(self, kb: Kb) -> None:
        kb("token", "create", "--name", "a", "--role", "admin")
        kb("token", "create", "--name", "b", "--role", "admin", "--team", "main")
        rows = json.loads(kb("token", "list", "--format", "json").stdout)
        assert [row["role"] for row in rows] == ["site_admin", "admin"]


class TestSearching:
    @pytest.mark.parametrize("words", [["placeholder", "published"], ["טיוטה שפורסמה בטעות"]])
    def test_the_precedent_is_printed(self, kb: Kb, words: list[str]) -> None:
        result = kb("search", *words)
        assert "McDonald's" in result.stdout.split("\n")[1]
        assert "found in" in result.stderr

    def test_a_draft_is_marked_and_a_date_is_no_more_precise_than_it_is(self, kb: Kb, tmp_path: Path) -> None:
        kb("import", write(tmp_path, [incident(title="Zebra", occurred_on="2019-03")]))
        line = kb("search", "zebra").stdout.split("\n")[1]
        assert line == "   Acme · 2019-03 · wrong-account · incident 7 · DRAFT"

    def test_a_language_that_is_none_is_refused(self, kb: Kb) -> None:
        assert "BCP 47" in kb("search", "zebra", "--lang", "klingon").stderr

    def test_a_program_gets_json(self, kb: Kb) -> None:
        page = json.loads(kb("search", "placeholder", "--format", "json", "--lang", "he").stdout)
        assert page["items"][0]["incident"]["language"] == "he"


class TestImporting:
    def test_good_lines_are_imported_and_found(self, kb: Kb, tmp_path: Path) -> None:
        lines = [
            incident(title="Zebra one", external_id="z1", status="published"),
            incident(title="Zebra two", translations={"he": _HEBREW}),
        ]
        result = kb("import", write(tmp_path, lines))
        assert result.exit_code == 0, result.stderr
        assert "Added: 2, updated: 0, unchanged: 0, skipped: 0." in result.stderr
        page = json.loads(kb("search", "zebra", "--format", "json").stdout)
        assert sorted(item["incident"]["status"] for item in page["items"]) == ["draft", "published"]
        assert json.loads(kb("search", "זברה", "--format", "json").stdout)["total"] == 1

    def test_a_draft_may_be_thin_and_what_is_published_may_not(self, kb: Kb, tmp_path: Path) -> None:
        thin = {"organization": "Acme", "title": "Zebra", "category": "offensive"}
        assert kb("import", write(tmp_path, [thin])).exit_code == 0
        refused = kb("import", write(tmp_path, [{**thin, "status": "published"}]))
        assert (refused.exit_code, "line 1: /occurred_on: A published" in refused.stderr) == (1, True)
        assert "no date yet" in kb("search", "zebra").stdout

    def test_the_same_external_id_again_updates(self, kb: Kb, tmp_path: Path) -> None:
        line = incident(title="Zebra", external_id="z", status="published", translations={"he": _HEBREW})
        kb("import", write(tmp_path, [line]))
        again = kb("import", write(tmp_path, [line]))
        assert "Added: 0, updated: 0, unchanged: 1" in again.stderr
        changed = kb("import", write(tmp_path, [{**line, "status": "draft", "title": "Giraffe"}]))
        assert "Added: 0, updated: 1, unchanged: 0" in changed.stderr
        page = json.loads(kb("search", "giraffe", "--format", "json").stdout)
        assert [item["incident"]["status"] for item in page["items"]] == ["published"]

    def test_each_bad_line_is_reported_with_number_and_pointer_and_nothing_is_imported(
        self, kb: Kb, tmp_path: Path
    ) -> None:
        file = write(
            tmp_path, [incident(title="Zebra"), incident(category="tone-deff"), "{", incident(x=1), "[]"]
        )
        result = kb("import", file)
        assert result.exit_code == 1
        for expected in (
            "line 2: /category: There is no category 'tone-deff'. Did you mean 'tone-deaf'?",
            "line 3: /: This is not readable JSON",
            "line 4: /x: Unknown field.",
            "line 5: /: Invalid input type.",
            "Nothing was imported: 4 of 5 lines are invalid.",
        ):
            assert expected in result.stderr
        assert json.loads(kb("search", "zebra", "--format", "json").stdout)["total"] == 0

    def test_bad_lines_may_be_skipped_and_reported_to_a_program(self, kb: Kb, tmp_path: Path) -> None:
        file = write(tmp_path, [incident(title="Zebra"), "{", incident(slug="Not A Slug")])
        result = kb("import", file, "--skip-invalid", "--format", "json")
        assert result.exit_code == 0
        assert [error["line"] for error in json.loads(result.stdout)] == [2, 3]
        assert "Added: 1, updated: 0, unchanged: 0, skipped: 2." in result.stderr

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"slug": "mcdonalds-need-copy-and-link"}, "/slug"),
            ({"external_id": "seed:mcdonalds-need-copy-and-link", "language": "he"}, "/language"),
            ({"translations": {"en": {}}}, "/translations/en/title"),
            ({"translations": {"xx": {}}}, "/translations/xx"),
            ({"translations": {"he": {}, "iw": _HEBREW}}, "/translations/iw"),
            ({"lessons": [{"id": 1, "text": "x"}]}, "/lessons/0/id"),
            (
                {"translations": {"he": {"lessons": [{"text": "1"}, {"text": "2"}]}}},
                "/translations/he/lessons",
            ),
            ({"responses": [{"kind": "xyzzy"}]}, "/responses/0/kind"),
            ({"title": "a\ud800"}, "/title"),
        ],
    )
    def test_what_contradicts_the_stored_or_itself_is_found_before_anything_is_written(
        self, kb: Kb, tmp_path: Path, changes: dict[str, Any], pointer: str
    ) -> None:
        for language, texts in changes.get("translations", {}).items():
            if language == "he":
                texts.update({**_HEBREW, **texts})
        result = kb("import", write(tmp_path, [incident(**changes)]))
        assert result.exit_code == 1
        assert f"line 1: {pointer}: " in result.stderr

    def test_two_lines_may_not_share_a_slug_and_may_share_an_external_id(
        self, kb: Kb, tmp_path: Path
    ) -> None:
        twice = write(tmp_path, [incident(slug="zebra"), incident(slug="zebra")])
        assert "line 2: /slug" in kb("import", twice).stderr
        updating = [incident(external_id="z", slug="zebra", title=f"Zebra {n}") for n in (1, 2)]
        changed = write(tmp_path, [incident(external_id="y", slug="y"), incident(external_id="y", slug="x")])
        assert "line 2: /slug: It was imported as 'y' before" in kb("import", changed).stderr
        assert "Added: 1, updated: 1" in kb("import", write(tmp_path, updating)).stderr

    def test_a_slug_that_is_made_does_not_take_one_that_a_later_line_asks_for(
        self, kb: Kb, tmp_path: Path
    ) -> None:
        made = [incident(title="Zebra"), incident(title="Zebra"), incident(slug="acme-zebra-2")]
        assert (
            "line 3: /slug: The slug 'acme-zebra-2' is taken." in kb("import", write(tmp_path, made)).stderr
        )

    def test_an_interrupted_import_leaves_nothing_behind(
        self, kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, calls = jsonl.upsert_incident, []

        def interrupted(*arguments: Any) -> Any:
            calls.append(arguments)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return real(*arguments)

        monkeypatch.setattr(jsonl, "upsert_incident", interrupted)
        assert kb("import", write(tmp_path, [incident(title="Zebra")] * 5)).exit_code == 1
        assert json.loads(kb("search", "zebra", "--format", "json").stdout)["total"] == 0


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
            ("--filter", "mood=sad", "mood: Unknown field."),
            ("--filter", "mood", "has no '='"),
            ("--filter", "platform=twiter", "Did you mean 'twitter'?"),
            ("--from", "2019", "This is earlier than `from`."),
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


class TestTheIndex:
    def test_its_status_is_told_and_a_damaged_one_is_rebuilt(self, kb: Kb, settings: Settings) -> None:
        state = json.loads(kb("index", "status", "--format", "json").stdout)
        assert state["index"].items() >= {"ok": True, "lag": 0, "documents": 6}.items()
        (settings.index_dir / "CURRENT").unlink()
        assert kb("index", "status").exit_code == 1
        assert kb("index", "rebuild").exit_code == 0
        assert kb("index", "status").stdout.startswith(
            "The index is 0 changes behind the database.\n6 incidents"
        )


def test_seeding_again_changes_nothing(kb: Kb) -> None:
    assert "Terms written: 0. Incidents added: 0, updated: 0, kept: 6." in kb("seed").stderr


def test_upgrading_again_changes_nothing(kb: Kb) -> None:
    assert kb("db", "upgrade").exit_code == 0


def test_a_setting_that_cannot_be_used_is_named(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_ANONYMOUS", "write")
    result = kb("db", "upgrade")
    assert result.exit_code == 1
    assert "KB_ANONYMOUS" in result.stderr


def test_a_data_folder_that_cannot_be_made_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    arguments = ["token", "list", "--data-dir", str(tmp_path / "file" / "folder")]
    result = CliRunner().invoke(main, arguments, obj=create_app)
    assert result.exit_code == 1
    assert "cannot be used" in result.stderr


def test_a_database_that_cannot_be_reached_is_told_without_a_traceback(
    kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/kb")
    result = kb("token", "list")
    assert result.exit_code == 1
    assert "cannot be reached" in result.stderr


def write(folder: Path, lines: list[Any]) -> str:
    file = folder / "incidents.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return str(file)
