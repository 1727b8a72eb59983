"""A dry run of an import leaves every row as it was, and finds the doubles that it would bring."""

from __future__ import annotations

import json
from collections.abc import Callable

from kb.models import db
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.exchange.imports import importing
from kb.services.exchange.imports.expected_duplicates import expected_duplicates
from tests.support.api import Api
from tests.support.imports import check_lines
from tests.support.incidents import incident


def _line(entry: dict[str, object]) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def _quiet(_done: int, _total: int) -> None:
    """Report no progress."""


def test_a_dry_run_of_an_import_changes_no_row(any_role: Callable[..., Api]) -> None:
    api = any_role("site_admin")
    story = {"title": "A story", "url": "https://example.com/story"}
    copy = {"title": "A copy", "archive_url": "https://web.archive.org/web/2018/https://example.com/story"}
    twin = api.file(sources=[story], status="published")["id"]
    entries = [
        incident(external_id="a", title="Changed"),
        incident(organization="Zebra", occurred_on="2018-05", sources=[copy]),
        incident(organization="ZEBRA", occurred_on="2018-05-20", sources=[story]),
        incident(organization="Zebra", occurred_on="2020"),
    ]
    with api.client.application.app_context():
        tables = db.metadata.tables.values()

        def rows() -> list[list[str]]:
            found = [sorted(map(repr, db.session.execute(table.select()))) for table in tables]
            db.session.rollback()
            return found

        (known,) = check_lines([_line(incident(external_id="a"))], MAIN_TEAM).lines
        importing.write_lines([known], MAIN_TEAM, _quiet)
        before = rows()
        checked = check_lines(map(_line, entries), MAIN_TEAM)
        report = importing.write_lines(checked.lines, MAIN_TEAM, _quiet, dry_run=True)
        found = expected_duplicates(report.added, _quiet)
        assert rows() == before
    assert checked.errors == []
    assert len(report.added) + report.updated == len(entries)
    of_stored = {each.line for each in found if each.of_incident == twin}
    assert of_stored >= {2, 3}
    of_lines = {(each.line, each.of_line): each.reasons for each in found if each.of_line is not None}
    assert of_lines[3, 2] == ("same_organization_and_time", "same_source")
    assert not any(line == 4 for line, _ in of_lines)
