"""The facts of hits."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from kb.services.search import visible_hits
from tests.support.api import Api


def test_the_driver_answers_what_sqlalchemy_would(
    app: Flask, admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [admin.file(title=f"Number {number}")["id"] for number in range(3)]
    with app.app_context():
        by_driver = visible_hits._FACTS.rows(ids)
        driver = visible_hits.db.engine.dialect.dbapi
        assert driver is not None

        connect = visible_hits.db.engine.raw_connection
        failures = iter([driver.OperationalError("The connection is lost.")])

        def fail_once() -> Any:
            for failure in failures:
                raise failure
            return connect()

        monkeypatch.setattr(visible_hits.db.engine, "raw_connection", fail_once)
        assert sorted(map(tuple, visible_hits._FACTS.rows(ids))) == sorted(map(tuple, by_driver))
    assert len(by_driver) == 3
