"""Examine the installation of the running application."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from filelock import Timeout
from sqlalchemy.exc import DBAPIError

from kb.messages import Message
from kb.models import db
from kb.services.operations.doctor import database, environment, replica, search_index, storage
from kb.services.operations.doctor.finding import Level, error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb.services.operations.doctor.finding import Finding

_EXAMINATIONS = (
    environment.examine_versions,
    environment.examine_locale,
    environment.examine_settings,
    storage.examine_permissions,
    storage.examine_space,
    storage.examine_file_system,
    database.examine_tables,
    database.examine_sqlite,
    database.examine_spool,
    database.examine_postgres,
    replica.examine_replica,
    database.examine_clock,
    search_index.examine_index,
)


def examine() -> Iterator[Finding]:
    """Yield the findings of all checks, good or bad.

    Nothing is changed. If something cannot be examined, because the database or a file is unreadable, that is
    a finding itself.
    """
    for each in _EXAMINATIONS:
        name = each.__name__.removeprefix("examine_").replace("_", "-")
        try:
            yield from each()
        except (DBAPIError, sqlite3.Error, OSError, Timeout) as reason:
            db.session.rollback()
            cause = str(reason.orig) if isinstance(reason, DBAPIError) else str(reason)
            yield error(
                name,
                Message("It could not be examined: {reason}", reason=" ".join(cause.split())),
                Message("See that the database runs and its files can be read. If it is damaged: kb restore"),
            )


def worst_level(findings: Sequence[Finding]) -> Level:
    """The worst level of some findings."""
    return max((finding.level for finding in findings), key=list(Level).index, default=Level.OK)
