"""What the workers of `kb serve` inherit from their parent."""

from __future__ import annotations

import gc
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.search.concept_files import concept_files
from kb.search.lexicon import lexicon_files
from kb.services.incidents.filing import language_model
from kb.services.operations import bootstrap
from kb.web import parent_application
from kb.web.parent_application import inherited_application, warm_up
from tests.support.descriptors import open_files


class _Warm(NamedTuple):
    """An application that was warmed up, and what there was right afterwards."""

    app: Flask
    inherited: Flask | None
    open_files: list[str]
    new_threads: set[threading.Thread]


@contextmanager
def _unchanged_process() -> Iterator[None]:
    """Other tests of this process inherit nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parent_application, "_inherited", None)
        patch.setattr(language_model, "_reserved", None)
        yield


@pytest.fixture(scope="module")
def warm(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Warm]:
    folder = tmp_path_factory.mktemp("warm") / "data"
    shutil.copytree(prepared, folder)
    threads = {*threading.enumerate()}  # one of an earlier test may end meanwhile
    app = create_app(Settings(data_dir=folder), prepare=bootstrap.require_prepared)
    with _unchanged_process():
        warm_up(app)
        yield _Warm(
            app,
            inherited_application(),
            [file for file in open_files() if Path(file).is_relative_to(folder)],
            {*threading.enumerate()} - threads,
        )
    with app.app_context():
        db.engine.dispose()


def test_nobody_inherits_an_application_that_was_not_warmed_up() -> None:
    with _unchanged_process():
        assert inherited_application() is None


@pytest.mark.skipif(sys.platform != "linux", reason="looks at open files in /proc")
def test_what_is_inherited_has_nothing_open_and_runs_nothing(warm: _Warm) -> None:
    assert warm.inherited is warm.app
    assert warm.open_files == []
    assert warm.new_threads == set()


def test_a_process_that_inherits_has_words_concepts_and_guards_and_answers(
    warm: _Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    for files in (lexicon_files, concept_files):
        assert files.cache_info().currsize
    monkeypatch.setattr("kb.reloaded_files.ReloadedFiles._read", None)
    client = warm.app.test_client()
    found = client.get("/api/v1/search?q=placeholder").get_json()
    assert found["total"] == 1
    assert client.post("/api/v1/checks", json={"text": "Lorem ipsum"}).status_code == 200


@pytest.mark.parametrize(
    "empty_settings",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)],  # collects all garbage, four times
    indirect=True,
)
def test_a_database_that_is_not_ready_stops_no_warming_up(empty_settings: Settings) -> None:
    app = create_app(empty_settings, prepare=bootstrap.require_prepared)
    with _unchanged_process():
        warm_up(app)
        assert inherited_application() is app
    assert gc.isenabled()
    assert [*empty_settings.data_dir.glob("*")] == []
