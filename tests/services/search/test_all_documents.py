"""The documents of all incidents, made in batches on all processors."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from kb.models import Incident, db
from kb.services.infrastructure import processes
from kb.services.operations import bootstrap
from kb.services.search import documents, sync
from kb.services.search.documents import all_documents
from kb.services.search.verification import verify
from tests.support.api import Api
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, there are no copies")


@pytest.fixture(autouse=True)
def _many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small batches, two processors, and a process that may be copied although tests run in threads."""
    monkeypatch.setattr(documents, "BATCH_SIZE", 2)
    monkeypatch.setattr(processes, "_processors", lambda: 2)
    monkeypatch.setattr(processes, "_may_be_copied", lambda: True)


def test_each_incident_comes_once(any_app: Flask, any_role: Callable[..., Api]) -> None:
    any_role("site_admin").file(title="Zebra", status="published")
    progress: list[tuple[int, int]] = []
    with any_app.app_context():
        batches = [*all_documents(lambda done, total: progress.append((done, total)))]
        ids = sorted(document.id for batch, _ in batches for document in batch)
        assert ids == [*db.session.scalars(select(Incident.id).order_by(Incident.id))]
        assert progress[-1] == (len(ids), len(ids)) == (7, 7)
        assert len({seq for _, seq in batches}) == 1
        db.session.remove()


def test_an_index_that_is_built_in_batches_equals_the_database(
    any_app: Flask, any_role: Callable[..., Api]
) -> None:
    admin = any_role("site_admin")
    admin.file(title="Zebra", status="published")
    with any_app.app_context():
        sync.rebuild(timeout=PATIENCE)
        report = verify(timeout=PATIENCE)
        assert (report.equal, report.documents) == (True, db.session.scalar(select(func.count(Incident.id))))
        db.session.remove()
    assert admin.get("/search", q="zebra").get_json()["total"] == 1


def test_an_empty_database_has_a_batch_without_documents(empty_app: Flask) -> None:
    with empty_app.app_context():
        bootstrap.create_data_dir()
        bootstrap.upgrade_database()
        assert [*all_documents()] == [([], 0)]
        db.session.remove()
