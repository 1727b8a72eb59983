"""The `kb` command on a data folder of the test's own, and files that it checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from kb.config import Settings
from tests.api.test_check_batch import GUARDS
from tests.support.cli import Kb, run_kb
from tests.support.wsgi_server import served

DRAFT = "Good morning\nBlack Friday: שָׁלוֹם 👩‍👩‍👧 walrus special\n"
CALENDAR = '''\
Copy,Date,Time,Channel
"Walrus special, ""today""",2027-09-11,09:00,Facebook
Good morning,2027-09-11,09:05,Facebook
Good evening,03/04/2027,09:00,Facebook
'''


@pytest.fixture
def kb(settings: Settings) -> Kb:
    """Run `kb ...` on the data folder of this test."""

    def run(*arguments: str, typed: str = "") -> Result:
        return run_kb(*arguments, data_dir=settings.data_dir, typed=typed)

    return run


@pytest.fixture
def folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a draft and a calendar, beside a data folder that has a guard of its own."""
    (settings.data_dir / "guards.yaml").write_text(GUARDS, "utf-8")
    (tmp_path / "draft.txt").write_text(DRAFT, "utf-8")
    (tmp_path / "posts.csv").write_text(CALENDAR, "utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    return tmp_path


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """The address of a service with the data folder of this test."""
    with served(app.wsgi_app) as address:
        yield address
