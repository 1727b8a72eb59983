"""What tests repeat of the migrations makes what the migrations make."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from kb.models import db
from kb.services.operations import bootstrap


def test_the_tables_within_a_transaction_are_those_of_the_models_each_time(empty_app: Flask) -> None:
    """The second time, what was recorded of the first is repeated: `migrating_once`."""
    with empty_app.app_context():
        bootstrap.create_data_dir()
        views = []
        for _ in range(2):
            with db.engine.connect() as connection:
                if connection.dialect.name == "sqlite":
                    driver: Any = connection.connection.driver_connection
                    driver.execute("PRAGMA foreign_keys = OFF")
                assert inspect(connection).get_table_names() == []
                bootstrap.upgrade_database(connection)
                context = MigrationContext.configure(connection, opts={"compare_type": True})
                assert compare_metadata(context, db.metadata) == []
                views.append({*inspect(connection).get_view_names()})
                connection.rollback()
        assert views[0] == views[1] != set()
