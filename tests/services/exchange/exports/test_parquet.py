"""The views for reports as Parquet: what is read back is what the views say, with types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from pyarrow import parquet, types
from sqlalchemy import text

from kb.domain.permissions import Actor, Role
from kb.errors import Forbidden
from kb.models import AuditEntry, db
from kb.models.report_views import VIEWS
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.exports import parquet as parquet_export
from kb.services.exchange.exports.parquet import begin_view_export, view_archive, write_views
from tests.models.test_report_views import DAYS, INTEGERS, MOMENTS, REALS, file_samples
from tests.support.api import Api
from tests.support.incidents import incident

HOSTILE = 'x\u202e"\n\u2028=1+1 אבג \U0010ffff'


@pytest.fixture
def written(any_app: Flask, any_role: Callable[..., Api], tmp_path: Path) -> Path:
    """A folder with the views of a knowledge base with samples, hostile text among them."""
    admin = any_role("site_admin")
    file_samples(admin)
    admin.file(**incident(title=HOSTILE, summary=HOSTILE, occurred_on="2018"))
    folder = tmp_path / "views"
    folder.mkdir()
    with any_app.app_context():
        write_views(folder)
    return folder


def _rows(folder: Path, view: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(folder / f"{view}.parquet").to_pylist()
    return rows


def _as_stored(name: str, value: Any) -> Any:
    """A value of a view as Parquet has it: SQLite gives days and moments as texts, PostgreSQL in any zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, str) and name in {*DAYS, "month"}:
        return date.fromisoformat(value)
    if isinstance(value, str) and name in MOMENTS:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


def test_each_view_comes_back_row_by_row(any_app: Flask, written: Path) -> None:
    for view in VIEWS:
        with any_app.app_context():
            rows = db.session.execute(text(f"SELECT * FROM {view}")).mappings().all()
        expected = [{name: _as_stored(name, value) for name, value in row.items()} for row in rows]
        found = _rows(written, view)
        assert found
        assert sorted(found, key=repr) == sorted(expected, key=repr)


@pytest.mark.parametrize("view", VIEWS)
def test_columns_have_types_that_tools_understand(app: Flask, tmp_path: Path, view: str) -> None:
    with app.app_context():
        write_views(tmp_path)
    for field in parquet.read_schema(tmp_path / f"{view}.parquet"):
        if field.name in INTEGERS[view]:
            assert types.is_int64(field.type), field
        elif field.name in REALS:
            assert types.is_float64(field.type), field
        elif field.name in {*DAYS, "month"}:
            assert types.is_date32(field.type), field
        elif field.name in MOMENTS:
            assert (types.is_timestamp(field.type), field.type.tz) == (True, "UTC"), field
        else:
            assert types.is_string(field.type), field


def test_text_is_kept_and_the_same_rows_give_the_same_files(
    any_app: Flask, written: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert HOSTILE in [row["summary"] for row in _rows(written, "v_incidents")]
    second = tmp_path_factory.mktemp("second")
    with any_app.app_context():
        write_views(second)
    for path in written.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name


def test_rows_are_written_in_groups_of_a_size_that_fits_in_memory(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_export, "ROW_GROUP", 4)
    monkeypatch.setattr(parquet_export, "INCIDENTS_IN_GROUP", 4)
    seen: list[tuple[int, int]] = []
    with app.app_context():
        write_views(tmp_path, lambda done, total: seen.append((done, total)))
    file = parquet.ParquetFile(tmp_path / "v_incidents.parquet")
    assert [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)] == [4, 2]
    assert [row["id"] for row in file.read().to_pylist()] == [1, 2, 3, 4, 5, 6]
    terms = parquet.ParquetFile(tmp_path / "v_incident_terms.parquet")
    groups = [terms.read_row_group(number).to_pylist() for number in range(terms.num_row_groups)]
    assert [{row["incident_id"] for row in rows} for rows in groups] == [{1, 2, 3, 4}, {5, 6}]
    assert seen == [(number, len(VIEWS)) for number in range(1, len(VIEWS) + 1)]


def test_an_archive_is_made_while_it_is_read(app: Flask, admin: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_export, "ROW_GROUP", 2)
    for _ in range(4):
        admin.file(**incident(summary=token_hex(9_000)))
    with app.app_context():
        chunks = [*view_archive()]
        assert [*view_archive()] == chunks
    with ZipFile(BytesIO(b"".join(chunks))) as archive:
        assert archive.namelist() == sorted(f"{view}.parquet" for view in VIEWS)
        file = parquet.ParquetFile(BytesIO(archive.read("v_incidents.parquet")))
    assert file.metadata.num_row_groups == 5
    assert sum(len(chunk) > 10_000 for chunk in chunks) >= 2


def test_only_who_may_read_everything_exports_the_views_and_it_is_recorded(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(Forbidden):
            begin_view_export(Actor(name="Eve", role=Role.ADMIN), "test")
        begin_view_export(OPERATOR, "kb export views")
        entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert entry is not None
        assert (entry.event, entry.detail) == ("export", {"what": "kb export views", "rows": 6})
