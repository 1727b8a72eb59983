"""Health probes."""

from __future__ import annotations

import pytest
from flask import Flask

from kb.models import db
from tests.support.api import Api


def test_a_running_service_is_live_and_ready_with_no_index_lag(reader: Api) -> None:
    assert reader.get("/health/live").get_json() == {"status": "ok"}
    assert reader.get("/health/ready").get_json() == {
        "status": "ready",
        "database": {"ok": True},
        "index": {"ok": True, "lag": 0},
    }


def test_the_root_answers_probes_and_shows_people_the_front_page(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/health/live").status_code == client.get("/health/ready").status_code == 200
    assert client.get("/").mimetype == "text/html"


def test_a_broken_database_is_reported(anonymous: Api, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    anonymous.get("/health/live")
    with app.app_context():
        db.engine.dispose()
        path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    with open(path, "r+b") as file:  # noqa: PTH123
        file.write(b"no database any more")
    state = anonymous.get("/health/ready")
    assert (state.status_code, state.get_json()["status"]) == (503, "down")
    assert anonymous.get("/incidents/1").status_code == 503
