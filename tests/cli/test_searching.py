"""`kb search`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import Settings
from kb.factory import create_app
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


@pytest.mark.parametrize("words", [["placeholder", "published"], ["טיוטה שפורסמה בטעות"]])
def test_the_precedent_is_printed(kb: Kb, words: list[str]) -> None:
    result = kb("search", *words)
    assert "McDonald's" in result.stdout.split("\n")[1]
    assert "found in" in result.stderr


def test_a_draft_is_marked_and_a_date_is_no_more_precise_than_it_is(kb: Kb, tmp_path: Path) -> None:
    kb("import", write(tmp_path, [incident(title="Zebra", occurred_on="2019-03")]))
    line = kb("search", "zebra").stdout.split("\n")[1]
    assert line == "   Acme · 2019-03 · wrong-account · incident 7 · DRAFT"


def test_a_language_that_is_none_is_refused(kb: Kb) -> None:
    assert "BCP 47" in kb("search", "zebra", "--lang", "klingon").stderr


def test_a_program_gets_json(kb: Kb) -> None:
    page = json.loads(kb("search", "placeholder", "--format", "json", "--lang", "he").stdout)
    assert page["items"][0]["incident"]["language"] == "he"


def write(folder: Path, lines: list[Any]) -> str:
    file = folder / "incidents.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return str(file)
