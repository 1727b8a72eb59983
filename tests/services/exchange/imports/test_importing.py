"""Importing incidents from JSON Lines: every line is checked before the first is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kb.errors import InvalidInput
from kb.models import Incident, db
from kb.services.exchange.imports import importing
from tests.support.imports import check_lines
from tests.support.incidents import incident

pytestmark = pytest.mark.usefixtures("inside_any_app")


def _lines(*bodies: dict[str, Any]) -> list[bytes]:
    return [json.dumps(body).encode() for body in bodies]


def test_checking_writes_nothing() -> None:
    before = db.session.query(Incident).count()
    checked = check_lines([*_lines(incident(), incident(severity=9)), b"  ", b"{"], "main")
    assert [line.number for line in checked.lines] == [1]
    assert [(error.line, error.pointer) for error in checked.errors] == [(2, "/severity"), (4, "")]
    assert db.session.query(Incident).count() == before


def test_all_errors_of_a_line_are_found_at_once() -> None:
    body = incident(severity=9, category="nonsense", title="x" * 1_000, secondary_categories=["folly"])
    body["responses"] = [{"kind": "nope"}]
    checked = check_lines(_lines(body), "main")
    found = {error.pointer for error in checked.errors}
    assert found == {"/severity", "/title", "/category", "/secondary_categories/0", "/responses/0/kind"}


def test_a_report_counts_what_was_added_updated_and_left_alone() -> None:
    def write(*bodies: dict[str, Any]) -> tuple[list[int], int, int]:
        checked = check_lines(_lines(*bodies), "main")
        assert checked.errors == []
        report = importing.write_lines(checked.lines, "main", lambda *_: None)
        for added in report.added:
            assert db.session.get_one(Incident, added.incident_id).original.title == added.line.data["title"]
        db.session.rollback()
        return [added.line.number for added in report.added], report.updated, report.unchanged

    first, second = incident(external_id="a"), incident(external_id="b", title="Another title")
    assert write(first, second) == ([1, 2], 0, 0)
    assert write(first, {**second, "severity": 2}, incident(title="A third title")) == ([3], 1, 1)


def test_a_line_updates_an_incident_that_an_earlier_line_of_the_file_adds() -> None:
    first = incident(external_id="a", tags=["Black Friday"])
    lines = _lines(
        first, incident(tags=["black friday"]), {**first, "severity": 2}, incident(external_id="b")
    )
    report = importing.write_lines(check_lines(lines, "main").lines, "main", lambda *_: None)
    assert [added.line.number for added in report.added] == [1, 2, 4]
    assert (report.updated, report.unchanged) == (1, 0)
    stored = [db.session.get_one(Incident, added.incident_id) for added in report.added]
    assert [row.version for row in stored] == [2, 1, 1]
    assert [row.tags for row in stored[:2]] == [["Black Friday"]] * 2


def test_progress_ends_with_the_number_of_lines() -> None:
    checked = check_lines(_lines(*[incident(title=f"Title {n}") for n in range(3)]), "main")
    calls: list[tuple[int, int]] = []
    importing.write_lines(checked.lines, "main", lambda *numbers: calls.append(numbers))
    assert calls[-1] == (3, 3)


def test_an_unknown_team_is_rejected() -> None:
    with pytest.raises(InvalidInput):
        check_lines([], "nowhere")
