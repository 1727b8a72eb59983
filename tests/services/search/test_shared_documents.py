"""What a process has filed, another one indexes without loading it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from kb.search.engine import IndexDocument
from kb.services.infrastructure.runtime import settings
from kb.services.search import prepared_documents, sync
from kb.services.search.documents import load_documents
from kb.services.search.verification import verify
from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT, incident
from tests.support.waiting import PATIENCE

Change = Callable[[Path], object]


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> list[IndexDocument]:
    """The documents that the index gets from another process than the writer's, in order."""
    given: list[IndexDocument] = []
    documents_of = prepared_documents.documents_of

    def noted(changes: dict[int, int]) -> list[IndexDocument]:
        with monkeypatch.context() as other_process:
            other_process.setattr(prepared_documents, "_prepared", {})
            documents = documents_of(changes)
        given.extend(documents)
        return documents

    monkeypatch.setattr(sync, "documents_of", noted)
    return given


def before_indexing(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let something change the shared files before the index is updated."""
    catch_up = sync.catch_up

    def changed(seq: int) -> bool:
        for path in folder().iterdir():
            change(path)
        return catch_up(seq)

    monkeypatch.setattr(sync, "catch_up", changed)


def folder() -> Path:
    return settings().index_dir / "documents"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        FULL_INCIDENT,
        {"title": "חג שמח", "language": "he"},
        {"tags": ["zebra", "Élan", "apple"], "organization": "Okapi 🦒"},
        {"status": "published", "posted_at": "2019-03-02T01:00:00+05:00"},
    ],
)
def test_an_incident_of_another_process_is_indexed_as_the_database_has_it_without_loading_it(
    app: Flask, admin: Api, indexed: list[IndexDocument], loaded: list[int], fields: dict[str, Any]
) -> None:
    number = admin.file(**incident() | fields)["id"]
    assert loaded == []
    with app.app_context():
        assert [repr(document) for document in indexed] == [repr(it) for it in load_documents([number])]
        assert verify(timeout=PATIENCE).equal


def test_nothing_is_left_once_an_incident_is_indexed(app: Flask, admin: Api) -> None:
    admin.file()
    with app.app_context():
        assert [*folder().iterdir()] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(b"{}"),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"id":', b'"id":1')),
        lambda path: os.utime(path, (time.time() - 60,) * 2),
        lambda path: path.rename(path.with_name("0" + path.name)),
    ],
    ids=["torn", "of another version", "of another incident", "of a killed process", "of another database"],
)
def test_a_file_that_cannot_be_used_is_ignored(
    app: Flask,
    admin: Api,
    monkeypatch: pytest.MonkeyPatch,
    indexed: list[IndexDocument],
    loaded: list[int],
    change: Change,
) -> None:
    before_indexing(monkeypatch, change)
    number = admin.file()["id"]
    assert loaded == [number]
    with app.app_context():
        assert indexed == load_documents([number])


def test_a_folder_that_cannot_be_written_does_not_fail_the_write(
    app: Flask, admin: Api, indexed: list[IndexDocument], loaded: list[int]
) -> None:
    with app.app_context():
        folder().write_text("")
    filed = admin.post("/incidents", incident(title="Zebra"))
    assert (filed.status_code, filed.headers["Index-Status"]) == (201, "current")
    assert loaded == [filed.get_json()["id"]] == [document.id for document in indexed]


@pytest.mark.parametrize(
    "event",
    [lambda _: sync.ensure_current(timeout=PATIENCE), lambda admin: admin.file()],
    ids=["start", "filing"],
)
def test_files_of_killed_processes_are_removed_at_the_next_start_or_filing(
    app: Flask, admin: Api, event: Callable[[Api], object]
) -> None:
    admin.file()
    with app.app_context():
        old, recent = folder() / "old", folder() / "recent"
        for path in (old, recent):
            path.write_text("")
        os.utime(old, (time.time() - 60,) * 2)
        event(admin)
        assert [*folder().iterdir()] == [recent]
