"""Counts of checks by period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import event, update

from kb import pauses
from kb.domain.guard import Severity
from kb.models import Check, Incident, db
from kb.services.check.receipts import counts
from kb.services.core.system_actors import OPERATOR
from tests.support.api import Api
from tests.support.checks import store_check


@pytest.fixture
def dana(any_app: Flask, any_person: Callable[..., Api]) -> Api:
    """A caller with checks in three months, one of them a minute before midnight, and a near miss."""
    dana = any_person("Dana", north="contributor")
    moments = {
        store_check(dana): "2027-01-31T23:30:00",
        store_check(dana, severity=Severity.CAUTION, platform="facebook"): "2027-01-02T10:00:00",
        store_check(dana, {}): "2027-03-05T10:00:00",
    }
    stopped = min(moments)
    for _ in range(2):
        assert dana.post(f"/checks/{stopped}/override", {"reason": "We know."}).status_code == 201
    near_miss = {"organization": "Acme", "category": "wrong-account"}
    filed = dana.post(f"/checks/{stopped}/near-miss", near_miss).get_json()["id"]
    with any_app.app_context():
        for number, moment in moments.items():
            at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
            db.session.execute(update(Check).where(Check.id == number).values(created_at=at))
        at = datetime(2027, 3, 31, 23, 59, tzinfo=UTC)
        db.session.execute(update(Incident).where(Incident.id == filed).values(created_at=at))
        db.session.commit()
    return dana


def test_checks_are_counted_by_period_and_by_what_they_said(dana: Api) -> None:
    report = dana.get("/checks/trends", to="2027-03").get_json()
    assert (report["from"], report["to"], report["interval"]) == ("2027-01-02", "2027-03-31", "month")
    names = ("bucket", "checks", "stop", "caution", "clear", "overridden", "near_misses")
    assert [tuple(row[name] for name in names) for row in report["rows"]] == [
        ("2027-01", 2, 1, 1, 0, 1, 0),
        ("2027-02", 0, 0, 0, 0, 0, 0),
        ("2027-03", 1, 0, 0, 1, 0, 1),
    ]


def test_counts_are_cut_by_filter_interval_and_time_zone(
    dana: Api, any_person: Callable[..., Api], any_role: Callable[..., Api]
) -> None:
    def totals(caller: Api, **query: Any) -> list[int]:
        rows = caller.get("/checks/trends", **{"from": "2027", "to": "2027-03", **query}).get_json()["rows"]
        return [row["checks"] for row in rows]

    assert totals(dana, tz="Asia/Jerusalem") == [1, 1, 1]
    assert totals(dana, interval="none") == [3]
    assert totals(dana, interval="quarter", platform="facebook") == [1]
    assert totals(dana, team="north") == [2, 0, 1]
    assert totals(any_person("Eve", south="admin"), interval="none") == [0]
    assert dana.get("/checks/trends", team="south").status_code == 404
    assert dana.get("/checks/trends", **{"from": "1900", "interval": "day"}).status_code == 422
    assert dana.get("/checks/trends", **{"from": "2027-02", "to": "2027-01"}).status_code == 422
    assert any_role().get("/checks/trends").status_code == 401


@pytest.mark.parametrize("interval", ["day", "year", "none"])
@pytest.mark.parametrize("name", ["from", "to"])
def test_a_period_may_not_leave_the_years_that_dates_can_express(dana: Api, name: str, interval: str) -> None:
    answer = dana.get("/checks/trends", **{name: "9999-12-31", "interval": interval})
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == [{"parameter": name, "detail": "The period must end by 2199."}]


def test_others_are_served_while_many_checks_are_counted(dana: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[int] = []
    at_once = dana.get("/checks/trends", to="2027-03").get_json()
    monkeypatch.setattr(counts, "_BATCH", 1)
    monkeypatch.setattr(pauses, "PIECE_SECONDS", 0.0)
    monkeypatch.setattr(pauses, "rest", lambda: pieces.append(1))
    assert dana.get("/checks/trends", to="2027-03").get_json() == at_once
    assert len(pieces) >= 3


def test_checks_are_read_in_order_without_sorting_them(app: Flask) -> None:
    sent: list[tuple[str, Any]] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *call: sent.append((call[2], call[3])))
        counts.count_checks(OPERATOR, counts.CountQuery(zone=ZoneInfo("Asia/Jerusalem")))
        ordered = [each for each in sent if "ORDER BY draft_check.created_at" in each[0]]
        plans = [
            row.detail
            for statement, parameters in ordered
            for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert any("ix_draft_check_created_at" in step for step in plans)
    assert not [step for step in plans if "TEMP B-TREE" in step]
