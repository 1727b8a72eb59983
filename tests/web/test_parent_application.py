"""What the workers of `kb serve` inherit from their parent."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.search.concept_files import concept_files
from kb.search.lexicon import lexicon_files
from kb.services.incidents import language_model
from kb.services.operations import bootstrap
from kb.web import parent_application
from kb.web.parent_application import inherited_application, warm_up
from tests.support.garbage import look_only_at_what_tests_make


@pytest.fixture(autouse=True)
def _unchanged_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Other tests of this process inherit nothing, and their garbage is collected."""
    monkeypatch.setattr(parent_application, "_inherited", None)
    monkeypatch.setattr(language_model, "_reserved", None)
    yield
    gc.unfreeze()
    look_only_at_what_tests_make()


def _open_files(folder: Path) -> list[str]:
    files = [file.readlink() for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    return [str(file) for file in files if file.is_relative_to(folder)]


def test_nobody_inherits_an_application_that_was_not_warmed_up() -> None:
    assert inherited_application() is None


@pytest.mark.skipif(sys.platform != "linux", reason="looks at open files in /proc")
def test_what_is_inherited_has_nothing_open_and_runs_nothing(installed: Path) -> None:
    threads = {*threading.enumerate()}  # one of an earlier test may end meanwhile
    app = create_app(Settings(data_dir=installed), prepare=bootstrap.require_prepared)
    warm_up(app)
    assert inherited_application() is app
    assert _open_files(installed) == []
    assert {*threading.enumerate()} <= threads


def test_a_process_that_inherits_has_words_concepts_and_guards_and_answers(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(Settings(data_dir=installed), prepare=bootstrap.require_prepared)
    warm_up(app)
    for files in (lexicon_files, concept_files):
        assert files.cache_info().currsize
    monkeypatch.setattr("kb.search.lexicon_files.ReloadedFiles._read", None)
    client = app.test_client()
    found = client.get("/api/v1/search?q=placeholder").get_json()
    assert found["total"] == 1
    assert client.post("/api/v1/checks", json={"text": "Lorem ipsum"}).status_code == 200
    with app.app_context():
        db.engine.dispose()


def test_a_database_that_is_not_ready_stops_no_warming_up(empty_settings: Settings) -> None:
    app = create_app(empty_settings, prepare=bootstrap.require_prepared)
    warm_up(app)
    assert inherited_application() is app
    assert gc.isenabled()
    assert [*empty_settings.data_dir.glob("*")] == []
