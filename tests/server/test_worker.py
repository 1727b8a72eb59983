"""What a worker does that its parent has not done."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.server import worker
from kb.services.incidents.filing import language_model
from kb.services.operations import bootstrap


def test_it_reads_the_language_model_ahead_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_READ_AHEAD_DELAY", 0.01)
    monkeypatch.setattr(language_model, "_reserved", None)
    language_model.reserve()
    memory = language_model._reserved
    assert memory is not None
    others = {*threading.enumerate()}
    worker._read_language_model_ahead()
    for reader in {*threading.enumerate()} - others:
        reader.join()
    assert memory[0] == language_model._COMPLETE


def test_it_makes_no_knowledge_base_where_there_was_one(prepared: Path, tmp_path: Path) -> None:
    """A disk that is away looks like an empty folder."""
    folder = tmp_path / "data"
    app = create_app(Settings(data_dir=folder), prepare=bootstrap.require_prepared)
    client = app.test_client()
    folder.mkdir()
    away = client.get("/api/v1/incidents")
    assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
    assert [*folder.iterdir()] == []
    folder.rmdir()
    shutil.copytree(prepared, folder)
    assert client.get("/api/v1/incidents").status_code == 200
    with app.app_context():
        db.engine.dispose()
