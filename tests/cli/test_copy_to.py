"""`kb copy-to`."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from kb.config import Settings
from tests.support.cli import Kb, run_kb
from tests.support.postgres import create_database


@pytest.fixture
def url(postgres: str) -> str:
    return create_database(postgres, f"kb_{uuid4().hex}")


def test_every_table_is_printed_with_its_rows_and_digest(
    kb: Kb, url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = kb("copy-to", url, "--format", "json")
    tables = {row["table"]: (row["rows"], len(row["digest"])) for row in json.loads(done.stdout)}
    assert (tables["incident"], tables["incident_text"]) == ((6, 16), (12, 16))
    assert "6 incidents" in done.stderr
    assert f"Nobody may write to {settings.data_dir}" in done.stderr
    monkeypatch.setenv("KB_DATABASE_URL", url)
    assert "Snapchat" in run_kb("search", "slap", data_dir=settings.data_dir).stdout


def test_what_cannot_be_copied_to_is_refused_in_one_line(kb: Kb, url: str) -> None:
    assert kb("copy-to", url).exit_code == 0
    for target, reason in (
        (url, "is not empty"),
        ("mysql://db/kb", "not supported"),
        ("kb", "not a database"),
    ):
        refused = kb("copy-to", target)
        assert (refused.exit_code, refused.stdout, reason in refused.stderr) == (1, "", True), refused.stderr


def test_it_speaks_the_language_of_the_terminal(kb: Kb, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    assert "6 אירועים" in kb("copy-to", url).stderr
