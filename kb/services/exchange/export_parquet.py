"""The views for reports as Parquet, a file for each (docs/dashboards.md)."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, TYPE_CHECKING, Any
from zipfile import ZipFile, ZipInfo

from sqlalchemy import Date, Float, Integer, String, column, inspect, select, table, text

from kb.domain.audit import AuditEvent
from kb.domain.permissions import Action, Actor
from kb.errors import Unavailable
from kb.messages import Message
from kb.models import db
from kb.models.base import UTCDateTime
from kb.models.report_views import VIEWS
from kb.services.core import audit
from kb.services.core.authorization import require
from kb.services.core.unit_of_work import BRIEF_WAIT, unit_of_work

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Select
    from sqlalchemy.types import TypeEngine

ROW_GROUP = 10_000
"""How many rows are in memory at a time, and in a row group of a file."""

_ORDERS = {
    "v_incidents": ("id",),
    "v_incident_terms": ("incident_id", "namespace", "key"),
    "v_trends_monthly": ("month", "category"),
    "v_checks": ("id",),
}
"""By which columns the rows of each view are ordered, so that the same rows give the same file."""

_TYPES: dict[str, TypeEngine[Any]] = {
    **dict.fromkeys(("id", "incident_id", "version", "severity", "incidents", "rerun_of"), Integer()),
    **dict.fromkeys(("is_public", "is_primary", "is_overridden", "findings", "severity_known"), Integer()),
    **dict.fromkeys(("minutes_to_acknowledge", "minutes_to_remove", "severity_mean"), Float()),
    **dict.fromkeys(("occurred_on", "occurred_until", "month"), Date()),
    **dict.fromkeys(("posted_at", "acknowledged_at", "removed_at"), UTCDateTime()),
    **dict.fromkeys(("published_at", "created_at", "updated_at"), UTCDateTime()),
}
"""The columns that are no texts, in whichever view. SQLite knows no type of a column that is computed."""


def begin_view_export(actor: Actor, what: str) -> None:
    """Check that the actor may export the views, which show everything, and record it in the audit log.

    Raises Unavailable if pyarrow is not installed, or while others keep the database busy.
    """
    require(actor, Action.MANAGE_SITE)
    _load_pyarrow()
    rows = db.session.scalar(text("SELECT count(*) FROM v_incidents"))
    with unit_of_work(wait=BRIEF_WAIT) as work:
        audit.log_event(work, actor, AuditEvent.EXPORT, what=what[:500], rows=rows)


def write_views(folder: Path, progress: Callable[[int, int], object] = lambda _done, _all: None) -> None:
    """Write a Parquet file for each view into a folder that exists: days are dates, moments are timestamps in
    UTC, flags and counts are integers, as in the view. All are read in one transaction.

    `progress` is called with the number of views that are done and of all. Raises OSError.
    """
    connection = db.session.connection()
    for number, view in enumerate(VIEWS, 1):
        _write_view(connection, view, folder / f"{view}.parquet")
        progress(number, len(VIEWS))


def view_archive() -> IO[bytes]:
    """The files of `write_views` in a ZIP file, open at its beginning. It has no name, and goes when it is
    closed. The same rows give the same bytes. Raises OSError."""
    archive = TemporaryFile()  # noqa: SIM115 (whoever gets it closes it)
    try:
        with TemporaryDirectory() as name, ZipFile(archive, "w") as packed:
            folder = Path(name)
            write_views(folder)
            for path in sorted(folder.iterdir()):
                with path.open("rb") as file, packed.open(ZipInfo(path.name), "w", force_zip64=True) as part:
                    shutil.copyfileobj(file, part)
        archive.seek(0)
    except BaseException:
        archive.close()
        raise
    return archive


def _write_view(connection: Connection, view: str, path: Path) -> None:
    pyarrow, parquet = _load_pyarrow()
    types = _column_types(connection, view)
    schema = pyarrow.schema([(name, _arrow_type(pyarrow, kind)) for name, kind in types.items()])
    rows = connection.execute(_ordered(view, types), execution_options={"yield_per": ROW_GROUP}).mappings()
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in rows.partitions():
            writer.write_table(pyarrow.Table.from_pylist([*map(dict, group)], schema=schema))


def _ordered(view: str, types: dict[str, TypeEngine[Any]]) -> Select[Any]:
    columns = [column(name, kind) for name, kind in types.items()]
    return select(*columns).select_from(table(view)).order_by(*map(column, _ORDERS[view]))


def _column_types(connection: Connection, view: str) -> dict[str, TypeEngine[Any]]:
    """The columns of a view, with types that read their values alike on either database."""
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
    """pyarrow and its part for Parquet, which few need: the extra `parquet` installs it."""
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise Unavailable(
            Message("Parquet needs pyarrow. Run: pip install 'brand-postmortems[parquet]'")
        ) from error
