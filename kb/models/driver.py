"""Execute statements directly with SQLite's driver, in a transaction of SQLAlchemy.

A writer blocks all others on SQLite, and SQLAlchemy's overhead takes longer than a statement itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def execute_by_driver(connection: Connection, text: str, parameters: Any = ()) -> Sequence[tuple[Any, ...]]:
    """Execute a statement in the transaction of a connection, and return the driver's rows.

    A list of parameters means one execution for each. Raises the same errors as SQLAlchemy.
    """
    if connection.dialect.name != "sqlite":
        # SQLAlchemy detects lost connections.
        result = connection.exec_driver_sql(text, parameters)
        return [tuple(row) for row in result] if result.returns_rows else []
    driver = connection.dialect.dbapi
    assert driver is not None
    cursor = connection.connection.cursor()
    try:
        if isinstance(parameters, list):
            cursor.executemany(text, parameters)
        else:
            cursor.execute(text, parameters)
        return cursor.fetchall()
    except driver.Error as error:
        raise DBAPIError.instance(
            text, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()
