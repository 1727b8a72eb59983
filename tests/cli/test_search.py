"""`kb search`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import Kb, write_jsonl
from tests.support.incidents import incident


@pytest.mark.parametrize("words", [["placeholder", "published"], ["טיוטה שפורסמה בטעות"]])
def test_the_precedent_is_printed(kb: Kb, words: list[str]) -> None:
    result = kb("search", *words)
    assert "McDonald's" in result.stdout.split("\n")[1]
    assert "found in" in result.stderr


def test_a_draft_is_marked_and_a_date_shows_only_its_known_precision(kb: Kb, tmp_path: Path) -> None:
    kb("import", write_jsonl(tmp_path, [incident(title="Zebra", occurred_on="2019-03")]))
    line = kb("search", "zebra").stdout.split("\n")[1]
    assert line == "   Acme · March 2019 · wrong-account · incident 7 · DRAFT"


def test_an_invalid_language_is_rejected(kb: Kb) -> None:
    assert "BCP 47" in kb("search", "zebra", "--lang", "klingon").stderr


def test_results_are_available_as_json(kb: Kb) -> None:
    page = json.loads(kb("search", "placeholder", "--format", "json", "--lang", "he").stdout)
    assert page["items"][0]["incident"]["language"] == "he"


def test_corrections_and_explanations_are_printed(kb: Kb) -> None:
    result = kb("search", "--explain", "placholder", "-senator")
    assert result.exit_code == 0
    assert "placeholder" in result.output
    assert "relevance" in result.output
