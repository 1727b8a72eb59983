"""Export the reporting views as Parquet, one file each (docs/dashboards.md)."""

from __future__ import annotations

import importlib
from typing import IO, TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import Date, Float, Integer, String, column, inspect, select, table, text

from kb.batches import batched
from kb.domain.audit import AuditEvent
from kb.domain.permissions import Action, Actor
from kb.errors import Unavailable
from kb.messages import Message
from kb.models import Incident, db
from kb.models.base import UTCDateTime
from kb.models.report_views import VIEWS
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.brief_work import brief_work
from kb.services.exchange.exports.archive import Chunks
from kb.services.infrastructure.own_session import in_own_session

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Row, Select
    from sqlalchemy.types import TypeEngine

ROW_GROUP = 5_000
"""How many rows are in memory at a time, and in a row group of a file."""

INCIDENTS_IN_GROUP = 1_000
"""How many incidents have their terms in one row group: querying all terms at once would sort them first."""

_ORDERS = {
    "v_incidents": ("id",),
    "v_incident_terms": ("incident_id", "namespace", "key"),
    "v_trends_monthly": ("month", "category"),
    "v_checks": ("id",),
}
"""The columns that the rows of each view are ordered by, so that the same rows give the same file."""

_TYPES: dict[str, TypeEngine[Any]] = {
    **dict.fromkeys(("id", "incident_id", "version", "severity", "incidents", "rerun_of"), Integer()),
    **dict.fromkeys(("is_public", "is_primary", "is_overridden", "findings", "severity_known"), Integer()),
    **dict.fromkeys(("minutes_to_acknowledge", "minutes_to_remove", "severity_mean"), Float()),
    **dict.fromkeys(("occurred_on", "occurred_until", "month"), Date()),
    **dict.fromkeys(("posted_at", "acknowledged_at", "removed_at"), UTCDateTime()),
    **dict.fromkeys(("published_at", "created_at", "updated_at"), UTCDateTime()),
}
"""The types of all columns that are not texts, in any view. SQLite has no type for a computed column."""


def begin_view_export(actor: Actor, what: str) -> None:
    """Check that the actor may export the views, which show everything, and record it in the audit log.

    Raises Unavailable if pyarrow is not installed, or if it cannot be recorded.
    """
    require(actor, Action.MANAGE_SITE)
    _load_pyarrow()
    rows = db.session.scalar(text("SELECT count(*) FROM v_incidents"))
    with brief_work() as work:
        audit.log_event(work, actor, AuditEvent.EXPORT, what=what[:500], rows=rows)


def write_views(folder: Path, progress: Callable[[int, int], object] = lambda _done, _all: None) -> None:
    """Write a Parquet file for each view into an existing folder: days are dates, moments are timestamps in
    UTC, flags and counts are integers, as in the view. All views are read in one transaction.

    `progress` is called with the number of views done and the total. Raises OSError.
    """
    connection = db.session.connection()
    for number, view in enumerate(VIEWS, 1):
        with (folder / f"{view}.parquet").open("wb") as file:
            for _ in _write_groups(connection, view, file):
                pass
        progress(number, len(VIEWS))


def view_archive() -> Iterator[bytes]:
    """Yield the bytes of a ZIP file with the files of `write_views`, generated one row group at a time. The
    same rows give the same bytes."""
    return in_own_session(_archive_chunks())


def _archive_chunks() -> Generator[bytes]:
    connection, written = db.session.connection(), Chunks()
    with ZipFile(written, "w") as archive:
        for view in sorted(VIEWS):
            entry = ZipInfo(f"{view}.parquet")
            entry.compress_type = ZIP_DEFLATED  # marks its own end, for streaming readers
            with archive.open(entry, "w", force_zip64=True) as part:
                for _ in _write_groups(connection, view, part):
                    if chunk := written.take():
                        yield chunk
    yield written.take()


def _write_groups(connection: Connection, view: str, file: IO[bytes]) -> Iterator[None]:
    """Write the rows of a view as Parquet, yielding after each row group."""
    pyarrow, parquet = _load_pyarrow()
    types = _column_types(connection, view)
    schema = pyarrow.schema([(name, _arrow_type(pyarrow, kind)) for name, kind in types.items()])
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _row_groups(connection, view, types):
            columns = zip(*group, strict=True) if group else ([] for _ in types)
            arrays = [*map(pyarrow.array, columns, schema.types)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            yield


def _row_groups(
    connection: Connection, view: str, types: dict[str, TypeEngine[Any]]
) -> Iterator[Sequence[Row[Any]]]:
    """Yield the rows of a view in order, one row group at a time."""
    statement = _ordered(view, types)
    if view != "v_incident_terms":
        rows = connection.execute(statement, execution_options={"yield_per": ROW_GROUP})
        yield from rows.partitions()
        return
    ids = connection.scalars(select(Incident.id).order_by(Incident.id)).all()
    for batch in batched(ids, INCIDENTS_IN_GROUP):
        yield connection.execute(statement.where(column("incident_id").between(batch[0], batch[-1]))).all()


def _ordered(view: str, types: dict[str, TypeEngine[Any]]) -> Select[Any]:
    columns = [column(name, kind) for name, kind in types.items()]
    return select(*columns).select_from(table(view)).order_by(*map(column, _ORDERS[view]))


def _column_types(connection: Connection, view: str) -> dict[str, TypeEngine[Any]]:
    """The columns of a view, with types that read the same values from either database."""
    names = [each["name"] for each in inspect(connection).get_columns(view)]
    return {name: _TYPES.get(name, String()) for name in names}


def _arrow_type(pyarrow: Any, kind: TypeEngine[Any]) -> Any:
    if isinstance(kind, UTCDateTime):
        return pyarrow.timestamp("us", tz="UTC")
    if isinstance(kind, Date):
        return pyarrow.date32()
    if isinstance(kind, Integer):
        return pyarrow.int64()
    return pyarrow.float64() if isinstance(kind, Float) else pyarrow.string()


def _load_pyarrow() -> tuple[Any, Any]:
    """Import pyarrow and pyarrow.parquet, which few need: the extra `parquet` installs them."""
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise Unavailable(
            Message("Parquet needs pyarrow. Run: pip install 'brand-postmortems[parquet]'")
        ) from error
