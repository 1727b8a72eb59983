"""Metrics for operators of the service: the state of the index and the replica, and resource use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.pool import QueuePool

from kb.caches import cached_bytes
from kb.domain.permissions import Action
from kb.models import db
from kb.models.base import REPLICA
from kb.search.engine import IndexUnusableError
from kb.services.core import change_feed, replica
from kb.services.core.authorization import require
from kb.services.infrastructure.runtime import engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.domain.permissions import Actor

_STATM = Path("/proc/self/statm")


def site_metrics(actor: Actor) -> list[tuple[str, str, float]]:
    """Metrics of the whole site, each with its name and meaning.

    An index that is missing or being rebuilt has no metrics; `index_usable` says so.
    """
    require(actor, Action.READ_METRICS)
    seq = change_feed.position().seq
    metrics = [("change_seq", "Number of the latest change.", float(seq)), *_replica_metrics()]
    try:
        status = engine().status()
    except IndexUnusableError:
        return [*metrics, ("index_usable", "1 if the index can be searched, else 0.", 0)]
    return [
        *metrics,
        ("index_usable", "1 if the index can be searched, else 0.", 1),
        ("index_lag", "Changes that the index lacks.", max(0, seq - status["seq"])),
        ("index_documents", "Incidents in the index.", status["documents"]),
        ("index_segments", "Segments of the index.", status["segments"]),
        ("index_bytes", "Size of the index on disk, in bytes.", status["bytes"]),
    ]


def _replica_metrics() -> Iterator[tuple[str, str, float]]:
    """Yield how far the replica lags, if there is one."""
    if REPLICA not in db.engines:
        return
    lag = replica.lag()
    yield ("replica_usable", "1 if the replica answers and follows this database, else 0.", lag is not None)
    if lag is not None:
        yield ("replica_lag_bytes", "Log of the database that the replica has not repeated.", lag.size)
    if lag is not None and lag.seconds is not None:
        yield ("replica_lag_seconds", "Age of the replica's state, 0 if it has everything.", lag.seconds)


class ProcessMetric(NamedTuple):
    """A metric of this process: its name, its current value, and the values of its labels."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


def process_metrics() -> Iterator[ProcessMetric]:
    """Yield the resource use of this process, and its reads from a replica since it started.

    `resident_bytes` (on Linux only), `cache_bytes`; `database_connections`, by database and whether they are
    in use; `replica_reads` and, by reason, `replica_fallbacks` if there is a replica.
    """
    yield ProcessMetric("cache_bytes", cached_bytes())
    if _STATM.exists():
        pages = int(_STATM.read_text().split()[1])
        yield ProcessMetric("resident_bytes", pages * os.sysconf("SC_PAGE_SIZE"))
    for bind, database in db.engines.items():
        name = "primary" if bind is None else str(bind)
        if isinstance(database.pool, QueuePool):
            yield ProcessMetric("database_connections", database.pool.checkedout(), (name, "in_use"))
            yield ProcessMetric("database_connections", database.pool.checkedin(), (name, "idle"))
            yield ProcessMetric("database_connections_max", database.pool.size(), (name,))
    if (counts := replica.reads()) is not None:
        yield ProcessMetric("replica_reads", counts.on_replica)
        for reason, number in counts.fallbacks.items():
            yield ProcessMetric("replica_fallbacks", number, (reason.value,))
