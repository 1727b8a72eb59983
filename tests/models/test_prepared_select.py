"""A prepared statement returns what SQLAlchemy would."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import cast, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Integer

from kb.config import Settings
from kb.models import Incident, db
from kb.models.prepared_select import PreparedSelect
from tests.support.api import Api, running


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


def test_a_statement_with_a_limit_is_executed_by_the_driver(
    any_app: Flask, any_role: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin: Api = any_role("site_admin")
    ids = [admin.file(title=f"Number {number}")["id"] for number in range(3)]
    prepared = PreparedSelect(
        lambda values: (
            select(Incident.id).where(Incident.id > values[0]).order_by(Incident.id).limit(values[1])
        )
    )
    with any_app.app_context():
        monkeypatch.setattr(db.engine, "connect", None)  # what SQLAlchemy would be asked by
        assert [*map(tuple, prepared.rows([ids[0] - 1, 2]))] == [(ids[0],), (ids[1],)]


def test_a_statement_on_postgresql_begins_no_transaction_and_leaves_its_connection_as_it_was(
    postgres_settings: Settings,
) -> None:
    # In a transaction that was begun before, the moments differ.
    alone = PreparedSelect(lambda _: select(func.now() == func.statement_timestamp()))
    refused = PreparedSelect(lambda values: select(cast(func.concat("x", values[0]), Integer)))
    for app in running(postgres_settings):
        with app.app_context():
            assert [*alone.rows([])] == [(True,)]
            with pytest.raises(DBAPIError):
                refused.rows([1])
            assert [*alone.rows([])] == [(True,)]
            with db.engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                assert driver.autocommit is False
