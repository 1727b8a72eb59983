"""What a writer hands to the index equals what the database has."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from kb.models import Term, db
from kb.search.engine import IndexDocument
from kb.services.search import prepared_documents, sync
from kb.services.search.documents import load_documents
from kb.services.search.prepared_documents import documents_of
from kb.services.search.verification import verify
from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT, incident
from tests.support.waiting import PATIENCE


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> list[IndexDocument]:
    """The documents that the index gets, in order."""
    given: list[IndexDocument] = []

    def noted(changes: dict[int, int]) -> list[IndexDocument]:
        documents = documents_of(changes)
        given.extend(documents)
        return documents

    monkeypatch.setattr(sync, "documents_of", noted)
    return given


@pytest.mark.parametrize(
    "fields",
    [
        {},
        FULL_INCIDENT | {"impacts": []},
        FULL_INCIDENT,
        {
            "impacts": [
                {"kind": "revenue", "amount": amount} for amount in (5, 0.1, -0.0, 1e15, 1e14 + 0.3, None)
            ]
        },
        {"tags": ["zebra", "Élan", "apple"], "status": "in_review"},
        {"status": "published", "posted_at": "2019-03-02T01:00:00+05:00"},
    ],
)
def test_a_new_incident_is_indexed_as_the_database_has_it(
    app: Flask, admin: Api, indexed: list[IndexDocument], fields: dict[str, Any]
) -> None:
    number = admin.file(**incident() | fields)["id"]
    with app.app_context():
        assert [repr(document) for document in indexed] == [repr(it) for it in load_documents([number])]
        assert verify(timeout=PATIENCE).equal


def test_a_new_incident_is_not_loaded_for_the_index(
    app: Flask, admin: Api, indexed: list[IndexDocument], loaded: list[int]
) -> None:
    number = admin.file(**FULL_INCIDENT)["id"]
    assert [document.id for document in indexed] == [number]
    assert loaded == []


def test_an_incident_that_somebody_else_has_changed_meanwhile_is_loaded(
    app: Flask, admin: Api, monkeypatch: pytest.MonkeyPatch, loaded: list[int]
) -> None:
    catch_up, first = sync.catch_up, admin.file()["id"]

    def after_a_change(seq: int) -> bool:
        with monkeypatch.context() as patch:
            patch.setattr(sync, "catch_up", lambda _: False)
            changed = admin.patch(f"/incidents/{first + 1}", {"title": "Okapi"}, If_Match="*")
        assert changed.status_code == 200, changed.text
        return catch_up(seq)

    with monkeypatch.context() as patch:
        patch.setattr(sync, "catch_up", after_a_change)
        admin.file(title="Zebra")
    assert loaded == [first + 1]
    assert admin.get("/search", q="okapi").get_json()["total"] == 1


def test_a_term_that_was_renamed_meanwhile_is_indexed_by_its_new_name(
    app: Flask, admin: Api, monkeypatch: pytest.MonkeyPatch, indexed: list[IndexDocument]
) -> None:
    provide_document = prepared_documents.provide_document

    def after_a_rename(seq: int, new: Any) -> Any:
        term = db.session.query(Term).filter_by(namespace="category", key="wrong-account").one()
        term.labels = {**term.labels, "en": "Okapi"}
        db.session.commit()
        return provide_document(seq, new)

    monkeypatch.setattr("kb.services.incidents.write.provide_document", after_a_rename)
    number = admin.file()["id"]
    with app.app_context():
        assert indexed == load_documents([number])
    assert ("en", "Okapi") in indexed[0].texts["terms"]


def test_a_failure_to_prepare_a_document_does_not_fail_the_write(
    admin: Api, monkeypatch: pytest.MonkeyPatch, loaded: list[int]
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("statement", {}, Exception("gone"))

    monkeypatch.setattr(prepared_documents, "_read_terms", fail)
    filed = admin.post("/incidents", incident(title="Zebra"))
    assert (filed.status_code, filed.headers["Index-Status"]) == (201, "current")
    assert loaded == [filed.get_json()["id"]]
