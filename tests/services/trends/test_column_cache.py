"""The columns of trends on disk."""

from __future__ import annotations

import stat

import pytest

from kb.config import Settings
from kb.factory import create_app
from kb.services.trends import column_cache, column_loading
from kb.services.trends.columns import Columns
from kb.services.trends.snapshot import Snapshot
from tests.support.api import Api
from tests.support.trends import rows

QUERY = {"group_by": "organization,platform", "interval": "year", "from_": "2017", "to": "2021"}


@pytest.fixture(autouse=True)
def _save_small_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_cache, "MIN_INCIDENTS_TO_SAVE", 0)


def new_process(settings: Settings, admin: Api) -> Api:
    """The API in a process that has just started."""
    return Api(create_app(settings).test_client(), admin.contract, admin.token)


def file_incident(admin: Api) -> None:
    impact = {"kind": "market_value", "amount": 5, "currency": "EUR"}
    admin.file(occurred_on="2020", platforms=["twitter"], impacts=[impact], status="published")


def test_a_new_process_loads_the_file_and_catches_up(
    admin: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_incident(admin)
    rows(admin, **QUERY)
    admin.file(organization="Bolt", occurred_on="2021", platforms=["tiktok"], status="published")
    refresh, reread_everything = column_loading.refresh, []

    def observed_refresh(columns: Columns, snapshot: Snapshot) -> bool:
        reread_everything.append(refresh(columns, snapshot))
        return reread_everything[-1]

    monkeypatch.setattr(column_cache, "refresh", observed_refresh)
    started = new_process(settings, admin)
    assert rows(started, **QUERY) == rows(admin, **QUERY)
    assert reread_everything
    assert not any(reread_everything)
    losses = rows(started, metric="market_value_lost", interval="year", from_="2018", to="2020")
    assert losses == rows(admin, metric="market_value_lost", interval="year", from_="2018", to="2020")
    assert stat.S_IMODE((settings.data_dir / "trends.npz").stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "another database"])
def test_a_damaged_or_foreign_file_is_ignored(admin: Api, settings: Settings, damage: str) -> None:
    file_incident(admin)
    expected = rows(admin, **QUERY)
    path = settings.data_dir / "trends.npz"
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        offset = content.find(b"\x93NUMPY") + 140
        content[offset] ^= 0xFF
        path.write_bytes(content)
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        saved = column_cache.load(path)
        assert saved is not None
        arrays, metadata = saved
        column_cache.save(
            path, {**arrays, "fact severity": arrays["fact severity"] * 0}, {**metadata, "database": "x"}
        )
    assert rows(new_process(settings, admin), **QUERY) == expected


def test_names_that_no_incident_has_any_longer_are_forgotten(
    admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column_loading, "_MAX_UNUSED", 3)
    refresh, known = column_loading.refresh, []

    def observed_refresh(columns: Columns, snapshot: Snapshot) -> bool:
        reread = refresh(columns, snapshot)
        known.append([*columns.organization_names.values])
        return reread

    monkeypatch.setattr(column_cache, "refresh", observed_refresh)
    path = f"/incidents/{admin.file(status='published')['id']}"
    for number in range(9):
        changed = admin.patch(path, {"organization": f"Name {number}"}, If_Match="*")
        assert changed.status_code == 200
        rows(admin, **QUERY)
    assert "Name 8" in known[-1]
    assert "Name 0" not in known[-1]
    assert max(map(len, known)) <= 7 + 3 + 1  # what a refresh brings is dropped by the next one
