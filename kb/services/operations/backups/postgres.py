"""Make and load dumps of a PostgreSQL database with PostgreSQL's own programs."""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from kb.messages import Message
from kb.models.base import engine_options
from kb.services.operations.backups.facts import DatabaseFacts, TableState, database_facts
from kb.services.operations.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usesysid IS NOT NULL AND pid <> pg_backend_pid()
"""
"""Counts all other connections; even an ordinary role sees that they exist."""

_LEAVING_SECONDS = 5.0
"""How long PostgreSQL may take to notice that a client has disconnected, as when it renames a database."""

_COMPRESSION_LEVEL = 1
"""As in backups of SQLite. A higher level takes three times as long for a few percent of the size."""

_MAX_NAME = 63
"""Bytes that PostgreSQL keeps of a name."""


def dump_database(url: str, target: Path) -> DatabaseFacts:
    """Write a dump of a database, while others read and write, and return the facts of that moment."""
    with _connected(url) as connection:
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        options = ["--format=custom", f"--compress={_COMPRESSION_LEVEL}"]
        options += [f"--snapshot={snapshot}", f"--file={target}"]
        _run("pg_dump", url, *options)
        return _facts(connection)


def load_dump(url: str, dump: Path) -> None:
    """Load a dump into an empty database: all of it, or nothing. The role that loads it owns everything."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-acl"]
    _run("pg_restore", url, *options, str(dump))


def facts_of(url: str) -> DatabaseFacts:
    """The facts of a database."""
    with _connected(url) as connection:
        return _facts(connection)


def count_rows(url: str, tables: Iterable[str]) -> dict[str, int]:
    """How many rows some tables of a database have."""
    with _connected(url) as connection:
        return {
            table: connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one()  # noqa: S608
            for table in tables
        }


def require_unused(url: str) -> None:
    """Raise BackupError while anyone else is connected to a database."""
    deadline = time.monotonic() + _LEAVING_SECONDS
    with _autocommit(url) as connection:
        while connection.exec_driver_sql(_OTHERS).scalar_one():
            if time.monotonic() > deadline:
                raise BackupError(
                    Message(
                        "A server or another program is connected to the database {database}. Stop it, and "
                        "try again.",
                        database=str(make_url(url).database),
                    )
                )
            time.sleep(0.1)


def may_create_databases(url: str) -> bool:
    """Whether the role in a URL may create databases next to the one in the URL."""
    statement = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    with _connected(url) as connection:
        return bool(connection.exec_driver_sql(statement).scalar_one())


@contextmanager
def scratch_database(url: str) -> Iterator[str]:
    """Yield the URL of a new, empty database on the same server, dropped at the end if it still exists."""
    name = f"kb_scratch_{secrets.token_hex(8)}"
    with _autocommit(url) as connection:
        # With the same encoding and collation, so that sorting and comparing do not change.
        encoding, collate, ctype = connection.exec_driver_sql(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database "
            "WHERE datname = current_database()"
        ).one()
        connection.exec_driver_sql(
            f"CREATE DATABASE {name} TEMPLATE template0 "
            f"ENCODING '{encoding}' LC_COLLATE '{collate}' LC_CTYPE '{ctype}'"
        )
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with _autocommit(url) as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")


def exchange_databases(url: str, scratch: str, moment: str) -> str:
    """Swap a scratch database into the place of the one in `url`; return the new name of the old one.

    Both renames happen, or neither. Raises BackupError while anyone is connected to one of the databases.
    """
    name, fresh = make_url(url).database, make_url(scratch).database
    suffix = f"_before_{moment}".lower()
    kept = (name or "").encode()[: _MAX_NAME - len(suffix)].decode("utf-8", "ignore") + suffix
    with _maintenance(url) as connection:
        quote = connection.dialect.identifier_preparer.quote_identifier
        try:
            with connection.begin():
                for old, new in ((name, kept), (fresh, name)):
                    connection.exec_driver_sql(
                        f"ALTER DATABASE {quote(old or '')} RENAME TO {quote(new or '')}"
                    )
        except connection.dialect.dbapi.Error as error:  # type: ignore[union-attr]
            raise BackupError(
                Message(
                    "The databases cannot be exchanged ({reason}). Nobody else may be connected, and the "
                    "role must own the database {database}.",
                    reason=_first_line(str(error)),
                    database=str(name),
                )
            ) from error
    return kept


def _facts(connection: Connection) -> DatabaseFacts:
    # The text form of a row depends on these settings.
    for setting in (
        "timezone = 'UTC'",
        "datestyle = 'ISO'",
        "extra_float_digits = 1",
        "bytea_output = 'hex'",
    ):
        connection.exec_driver_sql(f"SET LOCAL {setting}")

    def query(statement: str) -> list[Any]:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]

    names = query("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
    return database_facts(query, {name: _table_state(connection, name) for (name,) in names})


def _table_state(connection: Connection, table: str) -> TableState:
    quoted = connection.dialect.identifier_preparer.quote_identifier(table)
    # The sum of the rows' 64-bit digests does not depend on their order.
    rows, digest = connection.exec_driver_sql(
        "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric), 0) "  # noqa: S608
        f"FROM {quoted} AS t"
    ).one()
    return TableState(rows, str(digest))


def _engine(url: str, isolation_level: str | None = None) -> Engine:
    arguments = engine_options(url)["connect_args"]
    level = isolation_level or "REPEATABLE READ"
    return create_engine(
        url, poolclass=NullPool, isolation_level=level, connect_args=arguments, hide_parameters=True
    )


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """A connection with one snapshot of a database."""
    with _engine(url).connect() as connection:
        yield connection


@contextmanager
def _autocommit(url: str) -> Iterator[Connection]:
    with _engine(url, "AUTOCOMMIT").connect() as connection:
        yield connection


@contextmanager
def _maintenance(url: str) -> Iterator[Connection]:
    """A connection to a database that every server has, since one cannot rename the connected database."""
    with _engine(
        make_url(url).set(database="postgres").render_as_string(hide_password=False)
    ).connect() as it:
        yield it


def _run(program: str, url: str, *options: str) -> None:
    """Run a PostgreSQL program on a database. Raises BackupError with its output.

    The password is passed in the environment, since everyone on the machine may read the arguments.
    """
    if (found := shutil.which(program)) is None:
        raise BackupError(
            Message(
                "The program {program} is missing. Install PostgreSQL's client programs (Debian and Ubuntu: "
                "apt install postgresql-client; Fedora: dnf install postgresql; macOS: brew install libpq).",
                program=program,
            )
        )
    conninfo = importlib.import_module("psycopg.conninfo")
    parameters = conninfo.conninfo_to_dict(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    )
    password = parameters.pop("password", None)
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(  # noqa: S603 (arguments are a list)
        [found, "--no-password", f"--dbname={conninfo.make_conninfo(**parameters)}", *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise BackupError(
            Message(
                "{program} failed: {reason}. It must be at least as new as the server.",
                program=program,
                reason=_first_line(done.stderr) or str(done.returncode),
            )
        )


def _first_line(text: str) -> str:
    return next((line.strip().rstrip(".") for line in text.splitlines() if line.strip()), "")
