"""Rows of a calendar are checked as of moments: a change counts for those that are checked after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from kb.services.accounts.authentication import anonymous as somebody
from kb.services.check.calendars import batch
from kb.services.check.calendars.batch import check_calendar
from kb.services.check.calendars.file import json_rows
from tests.support.api import Api
from tests.support.samples import LADDER_GUARD


def test_a_change_while_a_calendar_is_checked_counts_for_the_rows_of_the_next_moment(
    app: Flask, person: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "ROWS_OF_A_MOMENT", 2)
    noa = person("Noa", north="admin")
    filed = noa.file(
        title="A ladder",
        lessons=[{"text": "Return it.", "guard": LADDER_GUARD}],
        status="published",
        severity=3,
    )
    posts = [{"text": "Our borrowed ladder"}] * 4
    with app.app_context():
        rows = check_calendar(somebody(), json_rows(posts), ["en"], today=date(2027, 9, 1))
        before = next(rows)
    hidden = noa.patch(f"/incidents/{filed['id']}", {"visibility": "team"}, If_Match="*")
    assert hidden.status_code == 200
    with app.app_context():
        _same_moment, *after, _totals = rows
    assert before["verdict"] == "stop"
    assert before["findings"][0]["incident"]["id"] == filed["id"]
    assert [row["verdict"] for row in after] == ["clear", "clear"]
    assert filed["id"] not in {each["incident"] for row in after for each in row["precedents"]}
