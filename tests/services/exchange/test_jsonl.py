"""Importing incidents from JSON Lines: every line is checked before the first is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from kb.errors import InvalidInput
from kb.models import Incident, db
from kb.services.exchange import jsonl
from kb.services.operations import bootstrap
from tests.support.incidents import incident


@pytest.fixture(autouse=True)
def _inside(any_app: Flask) -> Iterator[None]:
    with any_app.app_context():
        bootstrap.prepare_if_needed()
        yield
        db.session.remove()


def _lines(*bodies: dict[str, Any]) -> list[bytes]:
    return [json.dumps(body).encode() for body in bodies]


def test_checking_writes_nothing() -> None:
    before = db.session.query(Incident).count()
    lines, errors = jsonl.check_lines([*_lines(incident(), incident(severity=9)), b"  ", b"{"], "main")
    assert [line.number for line in lines] == [1]
    assert [(error.line, error.pointer) for error in errors] == [(2, "/severity"), (4, "")]
    assert db.session.query(Incident).count() == before


def test_a_report_counts_what_was_added_updated_and_left_alone() -> None:
    def write(*bodies: dict[str, Any]) -> jsonl.ImportReport:
        lines, errors = jsonl.check_lines(_lines(*bodies), "main")
        assert errors == []
        return jsonl.write_lines(lines, "main", lambda *_: None)

    first, second = incident(external_id="a"), incident(external_id="b", title="Another title")
    assert write(first, second) == (2, 0, 0)
    assert write(first, {**second, "severity": 2}) == (0, 1, 1)


def test_progress_ends_with_the_number_of_lines() -> None:
    lines, _ = jsonl.check_lines(_lines(*[incident(title=f"Title {n}") for n in range(3)]), "main")
    calls: list[tuple[int, int]] = []
    jsonl.write_lines(lines, "main", lambda *numbers: calls.append(numbers))
    assert calls[-1] == (3, 3)


def test_an_unknown_team_is_rejected() -> None:
    with pytest.raises(InvalidInput):
        jsonl.check_lines([], "nowhere")
