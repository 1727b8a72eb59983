"""A collection is made ready before its transaction, which others wait for only while it writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from kb.config import Settings
from kb.errors import Conflict
from kb.models import db
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.collections.adding import add_collection
from kb.services.exchange.collections.removing import remove_collection
from kb.services.exchange.collections.report import CollectionReport
from kb.services.infrastructure.bulk_writes import is_bulk_write_running
from tests.services.exchange.collections.conftest import Examples, Pause, checked, in_another_thread
from tests.support.api import callers, running
from tests.support.collections import case
from tests.support.transactions import is_any_transaction_open, with_write_lock

Cases = list[dict[str, Any]]


def _cases(number: int, **changes: Any) -> Cases:
    return [case(f"case-{place}", **changes) for place in range(number)]


def _put(cases: Cases, *, dry_run: bool = False) -> CollectionReport:
    return add_collection(OPERATOR, checked(*cases), dry_run=dry_run)


_MORE = {
    "summary": "Another summary.",
    "tags": ["new"],
    "lessons": [{"text": "Another lesson."}],
    "sources": [{"title": "Another source"}],
}


def _questions(number: int) -> list[int]:
    """How much is read with the lock when so many incidents change, are withdrawn, come back, and go."""
    counts = []
    writes: tuple[Callable[[], object], ...] = (
        lambda: _put(_cases(number)),
        lambda: _put(_cases(number, **_MORE)),
        lambda: _put([*_cases(1, **_MORE), case(f"new-{number}")]),
        lambda: _put(_cases(number)),
        lambda: remove_collection(OPERATOR, "examples", edited=False, dry_run=False),
        lambda: _put(_cases(number)),
    )
    for write in writes:
        with with_write_lock() as statements:
            write()
        assert len(statements) > number
        counts.append(sum(each.lstrip().startswith("SELECT") for each in statements))
    return counts


def test_as_much_is_read_with_the_lock_for_many_incidents_as_for_few(app: Flask) -> None:
    with app.app_context():
        few = _questions(3)
        remove_collection(OPERATOR, "examples", edited=False, dry_run=False)
    with app.app_context():
        many = _questions(12)
        db.session.remove()
    assert max(many[1:]) <= max(few[1:])


def test_a_try_does_not_wait_for_whoever_writes(app: Flask) -> None:
    with app.app_context():
        _put([case("one"), case("two")])
        assert db.engine.url.database is not None
        with closing(sqlite3.connect(db.engine.url.database, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            report = _put([case("one", severity=5), case("three")], dry_run=True)
            removal = remove_collection(OPERATOR, "examples", edited=False, dry_run=True)
            writer.execute("ROLLBACK")
        db.session.remove()
    assert (report.added, report.updated, report.withdrawn, report.is_new) == (1, 1, 1, False)
    assert (removal.withdrawn, removal.kept) == (2, [])


def test_what_people_discuss_while_it_is_made_ready_to_be_withdrawn_stays(
    any_app: Flask, examples: Examples
) -> None:
    examples.put(case("one"), case("two"))
    path = examples.path("one")

    def comment() -> None:
        assert examples.admin.post(f"{path}/comments", {"text": "Wait."}).status_code == 201

    with any_app.app_context():
        pause = Pause(lambda: in_another_thread(comment), at=2)
        report = remove_collection(OPERATOR, "examples", edited=False, dry_run=False, pause=pause)
        db.session.remove()
    assert (report.withdrawn, [kept.title for kept in report.kept]) == (1, ["The case one"])


def test_what_people_discuss_while_it_is_made_ready_is_not_restored_if_that_needs_an_answer(
    any_settings: Settings,
) -> None:
    for app in running(replace(any_settings, resolved_comments=True)):
        _discuss_while_it_is_restored(app)


def _discuss_while_it_is_restored(app: Flask) -> None:
    examples = Examples(callers(app)("site_admin"))
    cases = [case("one"), case("two")]
    examples.put(*cases)
    path = examples.path("one")
    examples.remove()
    comments: list[str] = []

    def comment() -> None:
        said = examples.admin.post(f"{path}/comments", {"text": "Wait."})
        comments.append(said.headers["Location"].removeprefix("/api/v1"))

    with app.app_context():
        with pytest.raises(Conflict, match="open comments"):
            add_collection(OPERATOR, checked(*cases), pause=Pause(lambda: in_another_thread(comment), at=2))
        db.session.remove()
    assert examples.published() == []
    assert examples.admin.patch(comments[0], {"resolved": True}, If_Match="*").status_code == 200
    assert examples.put(*cases)["restored"] == 2


def test_more_incidents_are_changed_than_one_statement_locks(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.core.row_locks.MAX_LISTED_VALUES", 2)
    monkeypatch.setattr("kb.services.exchange.collections.staged_updates.MAX_LISTED_VALUES", 2)
    with any_app.app_context():
        _put(_cases(5))
        assert _put(_cases(5, severity=5)).updated == 5
        assert remove_collection(OPERATOR, "examples", edited=False, dry_run=False).withdrawn == 5
        db.session.remove()


@pytest.mark.parametrize("path", ["PUT", "PUT dry", "DELETE", "DELETE dry"])
def test_no_transaction_is_open_while_a_request_pauses(
    any_app: Flask, examples: Examples, at_each_pause: Callable[[Pause], None], path: str
) -> None:
    examples.put(*_cases(3), case("dropped"))
    method, _, dry = path.partition(" ")
    query = "?dry_run=true" if dry else ""
    seen: list[bool] = []

    def look() -> None:
        with any_app.app_context():
            # While the collection is written, its transaction is open.
            if not is_bulk_write_running():
                seen.append(is_any_transaction_open())
            db.session.remove()

    at_each_pause(Pause(lambda: in_another_thread(look)))
    if method == "PUT":
        examples.put(*_cases(3, **_MORE), case("new"), query=query, version="2")
    else:
        examples.remove(query)
    assert len(seen) > 3
    assert not any(seen)
