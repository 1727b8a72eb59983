"""`kb token`."""

from __future__ import annotations

import json

from tests.support.cli import Kb


def test_a_new_token_is_the_only_standard_output(kb: Kb) -> None:
    result = kb("token", "create", "--name", "ci", "--role", "admin")
    assert result.exit_code == 0
    assert result.stdout.startswith("kb_")
    assert result.stdout.count("\n") == 1


def test_tokens_are_listed_as_json_and_revoked(kb: Kb) -> None:
    kb("token", "create", "--name", "ci", "--role", "reader", "--days", "7")
    (row,) = json.loads(kb("token", "list", "--format", "json").stdout)
    assert (row["name"], row["role"], row["team"], row["valid"]) == ("ci", "reader", "main", True)
    assert kb("token", "revoke", str(row["id"])).exit_code == 0
    assert json.loads(kb("token", "list", "--format", "json").stdout)[0]["valid"] is False


def test_an_invalid_argument_is_explained(kb: Kb) -> None:
    result = kb("token", "create", "--name", "ci", "--role", "admin", "--team", "nowhere")
    assert result.exit_code == 1
    assert "There is no team 'nowhere'" in result.stderr
    assert kb("token", "revoke", "99").exit_code == 1


def test_a_token_can_act_for_a_new_team(kb: Kb) -> None:
    assert kb("team", "create", "north", "--name", "The north").exit_code == 0
    assert kb("team", "create", "north").exit_code == 1
    assert kb("team", "create", "Not A Slug").exit_code == 1
    assert kb("token", "create", "--name", "n", "--role", "contributor", "--team", "north").exit_code == 0
    assert [row["key"] for row in json.loads(kb("team", "list", "--format", "json").stdout)] == [
        "main",
        "north",
    ]


def test_the_admin_role_without_a_team_is_site_wide(kb: Kb) -> None:
    kb("token", "create", "--name", "a", "--role", "admin")
    kb("token", "create", "--name", "b", "--role", "admin", "--team", "main")
    rows = json.loads(kb("token", "list", "--format", "json").stdout)
    assert [row["role"] for row in rows] == ["site_admin", "admin"]
