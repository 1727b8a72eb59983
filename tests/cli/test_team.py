"""`kb team`."""

from __future__ import annotations

import json
from unicodedata import normalize

from tests.support.cli import Kb


def test_a_team_may_have_a_language(kb: Kb) -> None:
    assert kb("team", "create", "paris", "--language", "FR").exit_code == 0
    assert kb("team", "set", "main", "--language", "iw", "--name", "The main team").exit_code == 0
    rows = {row["key"]: row for row in json.loads(kb("team", "list", "--format", "json").stdout)}
    assert (rows["paris"]["language"], rows["main"]["language"]) == ("fr", "he")
    assert rows["main"]["name"] == "The main team"


def test_what_cannot_be_changed_is_explained(kb: Kb) -> None:
    assert "--name or --language" in kb("team", "set", "main").stderr
    assert "not a known language" in kb("team", "set", "main", "--language", "xq").stderr
    assert kb("team", "set", "nowhere", "--name", "N").exit_code == 1


def test_arguments_are_taken_in_both_forms_of_a_text(kb: Kb) -> None:
    assert kb("team", "create", "ガ", "--name", normalize("NFD", "Équipe")).exit_code == 0
    assert kb("team", "create", normalize("NFD", "ガ")).exit_code == 1
    rows = json.loads(kb("team", "list", "--format", "json").stdout)
    assert rows[-1]["name"] == "Équipe"
