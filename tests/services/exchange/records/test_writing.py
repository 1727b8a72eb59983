"""An import that keeps ids is made ready before its transaction, and gives way to what comes in between."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from kb.errors import Conflict
from kb.models import Comment, Incident, OrganizationAlias, db
from kb.services.core.authorization import ANY
from kb.services.core.system_actors import OPERATOR
from kb.services.core.unit_of_work import is_writing
from kb.services.exchange.imports import importing
from kb.services.incidents import write
from kb.services.infrastructure.runtime import settings
from kb.services.review import comments
from kb.services.taxonomy import organization_aliases
from tests.conftest import NewSettings
from tests.services.exchange.test_round_trip import exported, in_new_application
from tests.support.api import running
from tests.support.imports import check_lines
from tests.support.incidents import FULL_INCIDENT, incident
from tests.support.knowledge_bases import build, work_on
from tests.support.lock_order import waits_for_a_lock
from tests.support.transactions import executed_statements
from tests.support.waiting import PATIENCE, eventually

_FIRST = 7
"""The id of the first incident after the founding cases."""

_EDIT = {"summary": "Of somebody here.", "comment": "", "acknowledge": []}


def _exports(new_settings: NewSettings, count: int) -> tuple[bytes, bytes]:
    """Exports of some incidents, before and after all of them have been worked on."""

    def make() -> tuple[bytes, bytes]:
        bodies = [
            incident(title=f"Case {number}", organization=f"Company {number}", external_id=f"case {number}")
            for number in range(count)
        ]
        ids = range(_FIRST, _FIRST + count)
        build(bodies, [], [("alias", number - 1, str(number)) for number in ids])
        first = exported(history="true")
        deeds = ("edit", "comment", "act", "distinguish", "publish")
        work_on([(deed, number - 1, "more") for number in ids for deed in deeds])
        return first, exported(history="true")

    first, then = in_new_application(new_settings(), make)
    return first, then


def _gone(content: bytes) -> bytes:
    """Lines that hide all incidents of an export but the founding cases."""
    ids = [json.loads(line)["id"] for line in content.splitlines()]
    return b"".join(
        json.dumps({"export": 1, "id": each, "gone": True}).encode() + b"\n" for each in ids if each >= _FIRST
    )


def _mirror(
    content: bytes, progress: Callable[[int, int], object] = lambda *_: None
) -> importing.ImportReport:
    checked = check_lines(content.splitlines(keepends=True), mirror=True)
    assert checked.errors == []
    report = importing.write_checked(checked, None, progress)
    db.session.rollback()
    return report


def test_others_get_the_write_lock_while_lines_are_made_ready(new_settings: NewSettings) -> None:
    contents = _exports(new_settings, 3)

    def take() -> tuple[list[tuple[int, int]], bytes]:
        reached: list[tuple[int, int]] = []

        def write_beside(done: int, total: int) -> None:
            with closing(sqlite3.connect(settings().sqlite_path, timeout=0, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                other.execute("ROLLBACK")
            reached.append((done, total))

        for content in contents:
            _mirror(content, write_beside)
        return reached, exported(history="true")

    reached, after = in_new_application(new_settings(), take)
    assert reached == [(9, 9), (9, 9)]
    assert after == contents[1]


def test_no_statement_under_the_lock_is_for_one_line(any_new_settings: NewSettings) -> None:
    def take(contents: Sequence[bytes]) -> list[int]:
        counts = []
        for content in contents:
            with executed_statements(when=is_writing) as statements:
                _mirror(content)
            counts.append(len(statements))
        return counts

    few, many = (
        in_new_application(any_new_settings(), lambda exports=exports: take([*exports, _gone(exports[1])]))
        for exports in (_exports(any_new_settings, 2), _exports(any_new_settings, 9))
    )
    assert few == many


@pytest.mark.parametrize("is_gone", [False, True])
def test_an_edit_that_comes_in_between_is_kept(new_settings: NewSettings, *, is_gone: bool) -> None:
    first, then = _exports(new_settings, 1)
    content = _gone(then) + then.splitlines(keepends=True)[0] if is_gone else then

    def take() -> tuple[str, str]:
        _mirror(first)

        def edit(*_: int) -> None:
            write.update_incident(OPERATOR, _FIRST, ANY, _EDIT)

        with pytest.raises(Conflict) as refused:
            _mirror(content, edit)
        stored = db.session.get_one(Incident, _FIRST)
        return str(refused.value), stored.original.summary

    reason, summary = in_new_application(new_settings(), take)
    assert "People have worked in this knowledge base" in reason
    assert summary == _EDIT["summary"]


def test_a_comment_that_comes_in_between_is_not_removed(any_new_settings: NewSettings) -> None:
    first, then = _exports(any_new_settings, 1)

    def take() -> list[str]:
        _mirror(first)

        def ask(*_: int) -> None:
            comments.add_comment(OPERATOR, _FIRST, {"text": "Why?", "about": None, "internal": True})

        with pytest.raises(Conflict):
            _mirror(then, ask)
        return [row.text for row in db.session.query(Comment)]

    assert in_new_application(any_new_settings(), take) == ["Why?"]


def test_another_import_that_comes_in_between_is_not_overwritten(any_new_settings: NewSettings) -> None:
    first, then = _exports(any_new_settings, 1)

    def take() -> bytes:
        _mirror(first)

        def import_the_same(*_: int) -> None:
            _mirror(then)

        with pytest.raises(Conflict, match="in the meantime"):
            _mirror(first, import_the_same)
        return exported(history="true")

    assert in_new_application(any_new_settings(), take) == then


def test_a_dry_run_leaves_everything_as_it_was(any_new_settings: NewSettings) -> None:
    def make() -> bytes:
        build([{**FULL_INCIDENT, "external_id": "a"}], [incident(title="Of the north")], [])
        return exported(history="true")

    content = in_new_application(any_new_settings(), make)

    def take() -> tuple[int, int, bytes]:
        before = exported(history="true")
        checked = check_lines(content.splitlines(keepends=True))
        report = importing.write_checked(checked, None, lambda *_: None, dry_run=True)
        db.session.rollback()
        assert exported(history="true") == before
        importing.write_checked(checked, None, lambda *_: None)
        return report.kept, report.missing_originals, exported(history="true")

    assert in_new_application(any_new_settings(), take) == (8, 0, content)


def test_an_alias_that_is_added_meanwhile_makes_no_alias_of_an_alias(
    new_postgres_settings: NewSettings,
) -> None:
    first, _ = _exports(new_postgres_settings, 1)
    to = new_postgres_settings()
    refused: list[Exception] = []

    def take(app: Flask) -> list[str]:
        def add_beside() -> None:
            with app.app_context():
                try:
                    names = {"alias": "Company 0", "organization": "Third"}
                    organization_aliases.add_alias(OPERATOR, names)
                except Conflict as error:
                    refused.append(error)
                db.session.remove()

        other = threading.Thread(target=add_beside)

        def begin_other(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.startswith("INSERT INTO organization_alias") and not other.ident:
                other.start()
                eventually(lambda: waits_for_a_lock(to.database_url) or not other.is_alive())

        event.listen(db.engine, "after_cursor_execute", begin_other)
        try:
            _mirror(first)
        finally:
            event.remove(db.engine, "after_cursor_execute", begin_other)
        other.join(PATIENCE)
        return [row.organization for row in db.session.query(OrganizationAlias)]

    for app in running(to):
        with app.app_context():
            assert take(app) == ["Company 0"]
            db.session.remove()
    assert len(refused) == 1
