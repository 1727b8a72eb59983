"""`kb token`."""

from __future__ import annotations

import json

import pytest

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


def test_a_site_administrator_has_to_be_asked_for(kb: Kb) -> None:
    kb("token", "create", "--name", "a", "--role", "admin")
    kb("token", "create", "--name", "b", "--role", "admin", "--team", "main")
    assert kb("token", "create", "--name", "c", "--site-admin").exit_code == 0
    rows = json.loads(kb("token", "list", "--format", "json").stdout)
    assert [(row["role"], row["team"]) for row in rows[:2]] == [("admin", "main")] * 2
    assert rows[2]["role"] == "site_admin"


@pytest.mark.parametrize(
    "other", [("--role", "reader"), ("--user", "dana@example.com"), ("--team", "main")], ids=lambda it: it[0]
)
def test_a_site_administrator_has_no_role_in_a_team(kb: Kb, other: tuple[str, str]) -> None:
    result = kb("token", "create", "--name", "a", "--site-admin", *other)
    assert result.exit_code == 2
    assert "--site-admin" in result.stderr
    assert json.loads(kb("token", "list", "--format", "json").stdout) == []
