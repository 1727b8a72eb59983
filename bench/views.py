"""The time that the SQL views for reports take, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, insert, select, text

from bench.cluster import Cluster, find_initdb
from bench.folders import temporary_folder
from bench.report import environment, format_number, log, milliseconds, table, write
from bench.trends import populate

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from sqlalchemy import Engine

QUERIES = {
    "v_trends_monthly": "SELECT * FROM v_trends_monthly",
    "v_incidents, by category": (
        "SELECT category, count(*), avg(severity) FROM v_incidents "
        "WHERE is_public = 1 AND occurred_on BETWEEN '2018-01-01' AND '2024-12-31' GROUP BY category"
    ),
    "v_incident_terms, by platform": (
        "SELECT key, count(*) FROM v_incident_terms WHERE namespace = 'platform' GROUP BY key"
    ),
}

_REPEATS = 15
_BATCH_SIZE = 5_000


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser("views", help="speed of the SQL views for reports", description=__doc__)
    parser.add_argument(
        "--documents", type=int, nargs="+", default=[10_000, 100_000], help="numbers of incidents"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Populate databases of each size, time the queries, and print one table; the exit code is 0."""
    rows = [row for count in options.documents for row in _measure(count)]
    write(f"The fastest of {_REPEATS} runs, with all rows fetched.\n{environment()}\n")
    write(table(["incidents", "database", *(f"{name} ms" for name in QUERIES)], rows))
    return 0


def _measure(count: int) -> list[list[object]]:
    log(f"{count} incidents")
    with temporary_folder() as folder:
        _prepare(folder, "", seeded=True)
        path = folder / "kb.sqlite3"
        with closing(sqlite3.connect(path)) as connection:
            populate(connection, count)
        engine = create_engine(f"sqlite:///{path}")
        rows: list[list[object]] = [[f"{count:,}", "SQLite", *_times(engine)]]
        if find_initdb() is not None:
            with closing(Cluster()) as cluster:
                _prepare(folder, cluster.url, seeded=False)
                target = create_engine(cluster.url.replace("postgresql:", "postgresql+psycopg:"))
                _copy(engine, target)
                rows.append([f"{count:,}", "PostgreSQL", *_times(target)])
                target.dispose()
        engine.dispose()
    return rows


def _prepare(folder: Path, database_url: str, *, seeded: bool) -> None:
    """Create the tables and the views of an installation, with or without the seeds."""
    from kb.config import Settings  # noqa: PLC0415 (imports the whole service)
    from kb.factory import create_app  # noqa: PLC0415
    from kb.models import db  # noqa: PLC0415
    from kb.services.operations import bootstrap  # noqa: PLC0415

    with create_app(Settings(data_dir=folder, database_url=database_url)).app_context():
        (bootstrap.prepare if seeded else bootstrap.upgrade_database)()
        db.session.remove()
        db.engine.dispose()


def _copy(source: Engine, target: Engine) -> None:
    """Copy all tables that incidents are made of."""
    from kb.models import db  # noqa: PLC0415

    names = ("team", "namespace", "term", "incident", "incident_text", "incident_term", "response", "impact")
    tables = [db.metadata.tables[name] for name in names]
    with source.connect() as reading, target.begin() as writing:
        for each in tables:
            for rows in reading.execute(select(each)).mappings().partitions(_BATCH_SIZE):
                writing.execute(insert(each), [dict(row) for row in rows])
    with target.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _times(engine: Engine) -> list[str]:
    """The milliseconds of each query in its fastest run, which other programs disturb least."""
    with engine.connect() as connection:

        def fetch(statement: str) -> object:
            return connection.execute(text(statement)).all()

        fastest = [
            min(milliseconds(partial(fetch, statement)) for _ in range(_REPEATS))
            for statement in QUERIES.values()
        ]
    return [format_number(time, 0) for time in fastest]
