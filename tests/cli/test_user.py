"""`kb user`, `kb team` and `kb audit`."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from kb.config import Settings
from tests.support.cli import Kb


def test_a_user_joins_a_team_gets_a_token_and_is_disabled(kb: Kb) -> None:
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
    assert "set the role of a member" in kb("audit", "--event", "member_set").stdout
    assert kb("audit", "--since", "2999-01-01").stdout == ""


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (("user", "create", "nonsense", "--name", "x", "--no-password"), "EMAIL 'nonsense': Write an email"),
        (
            ("user", "create", "a@example.com", "--name", "x", "--no-password", "--tz", "Mars"),
            "--time-zone: There is no time zone 'Mars'.",
        ),
        (("user", "password", "nobody@example.com", "--password-stdin"), "no user"),
        (
            ("team", "add", "nowhere", "nobody@example.com", "--role", "reader"),
            "There is no team 'nowhere'.\n",
        ),
        (("token", "create", "--name", "x"), "--role"),
        (("token", "create", "--name", "x", "--user", "nobody@example.com"), "no user"),
        (("audit", "--event", "nothing"), "nothing"),
    ],
)
def test_an_invalid_argument_is_explained(kb: Kb, command: tuple[str, ...], complaint: str) -> None:
    result = kb(*command)
    assert result.exit_code in (1, 2)
    assert complaint in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there, a console is asked")
@pytest.mark.parametrize("command", [("create", "--name", "Dana"), ("password",)])
def test_a_password_is_not_asked_for_where_nobody_can_type_it(
    kb: Kb, settings: Settings, command: tuple[str, ...]
) -> None:
    assert kb("user", "create", "eve@example.com", "--name", "Eve", "--no-password").exit_code == 0
    name, *rest = command
    email = "eve@example.com" if name == "password" else "dana@example.com"
    done = subprocess.run(
        [sys.executable, "-m", "kb", "user", name, email, *rest, "--data-dir", str(settings.data_dir)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        env={**os.environ, "LANG": "en_US.UTF-8", "LC_ALL": "en_US.UTF-8"},
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[-1] == "Error: There is no terminal to type a password in. Use --password-stdin."
    assert not any("GetPassWarning" in line for line in lines)
