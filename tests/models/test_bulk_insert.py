"""Many rows at once are stored as single ones are, and what a database refuses is said as usual."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    select,
)  # fmt: skip
from sqlalchemy.exc import DBAPIError, IntegrityError

from kb.domain.incident import Status
from kb.models import db
from kb.models.base import EnumText, UTCDateTime
from kb.models.bulk_insert import BulkInsert
from kb.services.operations import bootstrap

_TEXTS = [
    "", "\\N", "\\.", "a\tb\nc\rd\\e", "'\"`;--", "שלום \u202eעולם", "🦓\u0301", "{1,2}", "  ", "\x01\x7f",
]  # fmt: skip

_TABLE = Table(
    "bulk",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("text", String),
    Column("flag", Boolean, nullable=False),
    Column("at", UTCDateTime),
    Column("day", Date),
    Column("amount", Numeric(12, 2, asdecimal=False)),
    Column("data", JSON(none_as_null=True)),
    Column("status", EnumText(Status)),
    Column("order", LargeBinary),  # a word of SQL
)


@pytest.fixture
def connection(empty_app: Flask) -> Iterator[Connection]:
    """A transaction on SQLite, and once more on PostgreSQL, in which the table exists."""
    with empty_app.app_context():
        bootstrap.create_data_dir()
        with db.engine.connect() as connection:
            _TABLE.create(connection)
            yield connection
            connection.rollback()
        db.engine.dispose()


def _row(number: int, text: str | None) -> dict[str, Any]:
    is_odd = number % 2 == 1
    return {
        "id": number,
        "text": text,
        "flag": is_odd,
        "at": datetime(2026, 11, 27, 22, 5, 1, number, UTC) if is_odd else None,
        "day": date(1, 1, 1) if is_odd else date(9999, 12, 31),
        "amount": float(Decimal(number) / 100) if is_odd else None,
        "data": {"text": text, "list": [1, None, 0.5]} if is_odd else None,
        "status": Status.PUBLISHED if is_odd else None,
        "order": bytes(range(256)) if is_odd else None,
    }


@pytest.mark.parametrize("by", ["name", "place"])
def test_rows_are_read_as_they_were_given(connection: Connection, by: str) -> None:
    rows = [_row(number, text) for number, text in enumerate([*_TEXTS, None])]
    # In another order than the table has.
    columns = [*reversed(_TABLE.columns.keys())]
    insert = BulkInsert(_TABLE, columns)
    if by == "name":
        converted = insert.converted(rows)
    else:
        converted = insert.converted_tuples([[row[name] for name in columns] for row in rows])
    insert.execute(connection, converted)
    insert.execute(connection, [])
    found = connection.execute(select(_TABLE).order_by(_TABLE.c.id)).mappings().all()
    assert [{**row} for row in found] == rows


def test_a_row_that_is_there_already_is_an_integrity_error_that_shows_no_row(connection: Connection) -> None:
    insert = BulkInsert(_TABLE, _TABLE.columns.keys())
    converted = insert.converted([_row(1, "secret"), _row(1, "secret")])
    with pytest.raises(IntegrityError) as caught:
        insert.execute(connection, converted)
    assert "secret" not in str(caught.value)


def test_a_connection_that_is_lost_is_known_to_be(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        pytest.skip("a file has no connection to lose")
    insert = BulkInsert(_TABLE, _TABLE.columns.keys())
    converted = insert.converted(_row(number, "x" * 1000) for number in range(1, 2000))
    (process,) = connection.exec_driver_sql("SELECT pg_backend_pid()").one()
    with db.engine.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({process})")
    with pytest.raises(DBAPIError) as caught:
        insert.execute(connection, converted)
    assert connection.invalidated
    # Whatever the server calls the reason.
    assert caught.value.connection_invalidated
