"""Check the database: version, integrity, journal; on PostgreSQL the role's privileges and connections."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from kb.messages import Message
from kb.models import Change, db
from kb.models.base import POOL_SIZE, utc_now
from kb.services.core.spool import current_spool, position_of
from kb.services.infrastructure.runtime import settings
from kb.services.operations import bootstrap
from kb.services.operations.backups import sqlite
from kb.services.operations.bootstrap import InstallationState
from kb.services.operations.doctor.finding import error, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from kb.services.operations.doctor.finding import Finding

MAX_WAL_BYTES = 64_000_000
"""SQLite checkpoints its log at 4 MB, unless a long read needs an older state."""

MIN_POSTGRES = 13
"""The oldest major version that the service is known to work with."""

_MAX_CLOCK_SECONDS = 5

_STATES = {
    InstallationState.INCOMPLETE: Message("The database is not prepared yet."),
    InstallationState.OUTDATED: Message("An older version of kb made the database."),
    InstallationState.NEWER: Message("A newer version of kb made the database."),
}


def examine_tables() -> Iterator[Finding]:
    """Whether the tables match this version."""
    state = bootstrap.inspect_installation()
    if state is InstallationState.READY:
        yield ok("tables", Message("The tables are those of this version."))
    elif state is InstallationState.NEWER:
        yield error("tables", _STATES[state], Message("Install that version."))
    else:
        yield error("tables", _STATES[state], Message("Back it up (kb backup FILE), then run: kb db upgrade"))


def examine_sqlite() -> Iterator[Finding]:
    """The integrity of an SQLite database, and its journal."""
    database = settings().database_file
    if database is None:
        return
    if problems := sqlite.problems_of(database):
        yield error(
            "integrity",
            Message("The database is damaged: {problem}.", problem=problems[0]),
            Message("Stop the service, and restore the last backup: kb restore FILE --replace"),
        )
    else:
        yield ok("integrity", Message("The database is sound, and every reference leads somewhere."))
    log = database.with_name(f"{database.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    message = Message("SQLite's log has {megabytes:.1f} MB.", megabytes=size / 1e6)
    if size > MAX_WAL_BYTES:
        yield warning(
            "wal", message, Message("End programs that read the database for long, then restart kb serve.")
        )
    else:
        yield ok("wal", message)


def examine_spool() -> Iterator[Finding]:
    """Whether sign-ins and other entries wait until an SQLite database can be written."""
    if (spool := current_spool()) is None:
        return
    with db.engine.connect() as connection:
        position = position_of(connection)
    path = str(spool.path)
    if spool.old.exists():
        yield warning(
            "spool",
            Message("{file} has entries that were for another database, or damaged.", file=str(spool.old)),
            Message("Look at what is in it, then remove it."),
        )
    elif any(batch.waits_at(position) for batch in spool.batches()):
        yield warning(
            "spool",
            Message("Sign-ins wait in {file} until the database can be written.", file=path),
            Message("The next write stores them. End the program that keeps the database locked."),
        )
    else:
        yield ok("spool", Message("Nothing waits until the database can be written."))


def examine_clock() -> Iterator[Finding]:
    """Whether the clock agrees with the last change, and with PostgreSQL's clock."""
    now = utc_now()
    with db.engine.connect() as connection:
        latest = connection.scalar(select(func.max(Change.at)))
        others = [latest] if latest is not None and latest > now else []
        if connection.dialect.name == "postgresql":
            others.append(connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one())
    seconds = max((abs((other - now).total_seconds()) for other in others), default=0.0)
    if seconds > _MAX_CLOCK_SECONDS:
        yield warning(
            "clock",
            Message(
                "The clock differs by {seconds:.0f} s from that of the database or its last change.",
                seconds=seconds,
            ),
            Message("Let the machine set its clock by NTP (timedatectl set-ntp true)."),
        )
    else:
        yield ok("clock", Message("The clock agrees with the database."))


def examine_postgres() -> Iterator[Finding]:
    """The version of PostgreSQL, and what the role may do."""
    if settings().database_file is not None:
        return
    with db.engine.connect() as connection:
        yield _postgres_version(connection)
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            yield error(
                "encoding",
                Message("The database is in {encoding}, which has not every letter.", encoding=encoding),
                Message("Create it with ENCODING 'UTF8', and restore a backup into it."),
            )
        yield _durability(connection)
        yield _rights(connection)
        yield _connections(connection)
    if shutil.which("pg_dump") is None:
        yield warning(
            "pg-dump",
            Message("The program pg_dump, which kb backup needs, is missing."),
            Message("Install PostgreSQL's client programs, in the version of the server."),
        )


def _postgres_version(connection: Connection) -> Finding:
    version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    message = Message("PostgreSQL {version}.", version=version)
    if version < MIN_POSTGRES:
        return warning("postgresql", message, Message("Upgrade to a version that is still maintained."))
    return ok("postgresql", message)


def _durability(connection: Connection) -> Finding:
    """Whether acknowledged commits survive a power cut of the server."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    off = [name for name in names if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off"]
    if not off:
        return ok("durability", Message("PostgreSQL has what it acknowledged on the disk."))
    message = Message("PostgreSQL runs with {names} off.", names=", ".join(off))
    if off == ["synchronous_commit"]:
        return warning(
            "durability",
            message,
            Message("A crash loses the last acknowledged writes. Set synchronous_commit = on."),
        )
    return error(
        "durability",
        message,
        Message("A power cut may destroy the database. Set them on in postgresql.conf, and reload it."),
    )


def _rights(connection: Connection) -> Finding:
    may_create, foreign = connection.exec_driver_sql(
        "SELECT has_schema_privilege(current_schema(), 'CREATE'), (SELECT count(*) FROM pg_tables "
        "WHERE schemaname = current_schema() AND NOT pg_has_role(tableowner, 'USAGE'))"
    ).one()
    if may_create and not foreign:
        return ok("rights", Message("The role may create and change tables."))
    return warning(
        "rights",
        Message("The role may not create or change all tables: the next upgrade will fail."),
        Message(
            "Let the role own the tables and the schema: ALTER TABLE ... OWNER TO, ALTER SCHEMA ... OWNER TO"
        ),
    )


def _connections(connection: Connection) -> Finding:
    limit, used = connection.exec_driver_sql(
        "SELECT current_setting('max_connections')::int "
        "- current_setting('superuser_reserved_connections')::int, "
        "(SELECT count(*) FROM pg_stat_activity WHERE usesysid IS NOT NULL)"
    ).one()
    needed = POOL_SIZE * (os.cpu_count() or 1) + 1  # one listens
    message = Message(
        "{used} of {limit} connections are in use; kb serve with a worker for each core takes up to "
        "{needed}.",
        used=used,
        limit=limit,
        needed=needed,
    )
    advice = Message("Raise max_connections of the server, or start kb serve with fewer --workers.")
    if used >= 0.9 * limit:
        return error("connections", message, advice)
    return warning("connections", message, advice) if needed > limit else ok("connections", message)
