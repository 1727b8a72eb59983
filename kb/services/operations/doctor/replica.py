"""The replica of the database: whether it is read, and if not, why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from kb.messages import Message
from kb.models import db
from kb.models.base import REPLICA
from kb.services.core.replica import Obstacle, UnusableReplicaError, connect
from kb.services.operations.doctor.finding import error, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.services.operations.doctor.finding import Finding


def examine_replica() -> Iterator[Finding]:
    """Whether KB_DATABASE_READ_URL, if it is set, leads to a replica that can be read now."""
    if (engine := db.engines.get(REPLICA)) is None:
        return
    with db.engine.connect():  # if that fails, it is not for the replica
        pass
    try:
        with connect(engine) as connection:
            feedback = connection.exec_driver_sql("SHOW hot_standby_feedback").scalar_one()
    except OperationalError as reason:
        yield warning(
            "replica",
            Message("The replica cannot be read: {reason}", reason=" ".join(str(reason.orig).split())),
            Message("See that it runs, or unset KB_DATABASE_READ_URL. The database is read meanwhile."),
        )
    except UnusableReplicaError as reason:
        yield _finding(reason.obstacle)
    else:
        yield ok("replica", Message("The replica has everything that the database has."))
        if feedback == "off":
            yield warning(
                "replica-feedback",
                Message("The replica breaks off long exports when the database cleans up."),
                Message("Set hot_standby_feedback = on in the replica's postgresql.conf, and reload it."),
            )


def _finding(obstacle: Obstacle) -> Finding:
    if obstacle is Obstacle.BEHIND:
        return warning(
            "replica",
            Message("The replica is behind, so that the database itself is read."),
            Message("See whether it follows: pg_stat_replication on the server, its own log."),
        )
    if obstacle is Obstacle.WRITABLE:
        return error(
            "replica",
            Message("KB_DATABASE_READ_URL does not lead to a replica: that server takes writes itself."),
            Message("Let it lead to a standby that follows the server of KB_DATABASE_URL, or unset it."),
        )
    return error(
        "replica",
        Message("KB_DATABASE_READ_URL leads to a replica of another knowledge base."),
        Message("Let it lead to a replica of the database in KB_DATABASE_URL, or unset it."),
    )
