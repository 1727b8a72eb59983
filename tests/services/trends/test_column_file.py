"""The file of columns."""

from __future__ import annotations

import stat
from typing import Any, ClassVar

import pytest

from kb.config import Settings
from kb.factory import create_app
from kb.services.trends import column_file, columns
from tests.support.api import Api


def rows(api: Api, **asked: Any) -> list[dict[str, Any]]:
    response = api.get("/trends", **{name.rstrip("_"): value for name, value in asked.items()})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.get_json()["rows"]
    return found


class TestTheFileOfColumns:
    ASKED: ClassVar = {"group_by": "organization,platform", "interval": "year", "from_": "2017", "to": "2021"}

    @pytest.fixture(autouse=True)
    def _worth_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(columns, "_WORTH_KEEPING", 0)

    def started(self, settings: Settings, admin: Api) -> Api:
        """The same as another process that starts now would answer."""
        return Api(create_app(settings).test_client(), admin.contract, admin.token)

    def file_some(self, admin: Api) -> None:
        impact = {"kind": "market_value", "amount": 5, "currency": "EUR"}
        admin.file(occurred_on="2020", platforms=["twitter"], impacts=[impact], status="published")

    def test_a_process_that_starts_reads_it_and_follows_from_there(
        self, admin: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.file_some(admin)
        rows(admin, **self.ASKED)
        admin.file(organization="Bolt", occurred_on="2021", platforms=["tiktok"], status="published")
        read: list[object] = []
        reading = columns.Columns._read

        def noted(columns: Any, connection: Any, ids: list[int] | None) -> None:
            read.append(ids)
            reading(columns, connection, ids)

        monkeypatch.setattr(columns.Columns, "_read", noted)
        started = self.started(settings, admin)
        assert rows(started, **self.ASKED) == rows(admin, **self.ASKED)
        assert None not in read
        losses = rows(started, metric="market_value_lost", interval="year", from_="2018", to="2020")
        assert losses == rows(admin, metric="market_value_lost", interval="year", from_="2018", to="2020")
        assert stat.S_IMODE((settings.data_dir / "trends.npz").stat().st_mode) == 0o600

    @pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "another database"])
    def test_a_damaged_one_or_that_of_another_database_is_not_used(
        self, admin: Api, settings: Settings, damage: str
    ) -> None:
        self.file_some(admin)
        expected = rows(admin, **self.ASKED)
        path = settings.data_dir / "trends.npz"
        content = bytearray(path.read_bytes())
        if damage == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif damage == "flipped":
            place = content.find(b"\x93NUMPY") + 140
            content[place] ^= 0xFF
            path.write_bytes(content)
        elif damage == "empty":
            path.write_bytes(b"")
        else:
            found = column_file.load(path)
            assert found is not None
            arrays, notes = found
            column_file.save(
                path, {**arrays, "fact severity": arrays["fact severity"] * 0}, {**notes, "database": "x"}
            )
        assert rows(self.started(settings, admin), **self.ASKED) == expected
