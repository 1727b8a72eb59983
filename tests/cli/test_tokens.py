"""`kb token`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import Settings
from kb.factory import create_app

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
    def test_the_role_admin_is_of_a_team_or_without_one_of_the_site(self, kb: Kb) -> None:
        kb("token", "create", "--name", "a", "--role", "admin")
        kb("token", "create", "--name", "b", "--role", "admin", "--team", "main")
        rows = json.loads(kb("token", "list", "--format", "json").stdout)
        assert [row["role"] for row in rows] == ["site_admin", "admin"]
