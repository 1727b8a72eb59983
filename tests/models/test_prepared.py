"""A prepared statement returns what SQLAlchemy would."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kb.models import Incident, db
from kb.models.prepared import PreparedSelect
from tests.support.api import Api


def test_a_lost_connection_is_retried_by_sqlalchemy_with_the_same_rows(
    any_app: Flask, any_role: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin: Api = any_role("site_admin")
    ids = [admin.file(title=f"Number {number}")["id"] for number in range(3)]
    prepared = PreparedSelect(
        lambda numbers: select(Incident.id, Incident.version).where(Incident.id.in_(numbers))
    )
    with any_app.app_context():
        by_driver = prepared.rows(ids)
        driver = db.engine.dialect.dbapi
        assert driver is not None
        connect = db.engine.raw_connection
        failures = [driver.OperationalError("The connection is lost.")]

        def fail_once() -> Any:
            if failures:
                raise failures.pop()
            return connect()

        monkeypatch.setattr(db.engine, "raw_connection", fail_once)
        by_sqlalchemy = prepared.rows(ids)
    assert not failures
    assert sorted(map(tuple, by_driver)) == sorted(by_sqlalchemy) == [(number, 1) for number in ids]
