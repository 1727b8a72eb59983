"""A collection is read, tried, added and indexed in pieces, between which others are served."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from flask import Flask

from kb import pauses
from kb.models import Incident, Revision, db
from kb.services.core.staged_changes import load_detached
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.collections import staged_updates
from kb.services.exchange.collections.adding import add_collection
from kb.services.exchange.collections.checking import check_file
from kb.services.exchange.collections.reading import read_file
from kb.services.exchange.collections.removing import remove_collection
from kb.services.exchange.collections.report import CollectionReport
from kb.services.exchange.imports import importing
from kb.services.infrastructure.bulk_writes import is_bulk_write_running
from kb.services.search import sync
from tests.services.exchange.collections.conftest import (
    Examples,
    Pause,
    checked,
    documents,
    in_another_thread,
)
from tests.support.collections import case, collection
from tests.support.imports import check_lines
from tests.support.incidents import lesson_guard


def added(app: Flask, pause: Pause, *incidents: dict[str, Any]) -> CollectionReport:
    """The report of adding a collection with pauses, after which it is found."""
    with app.app_context():
        report = add_collection(OPERATOR, checked(*incidents), pause=pause)
        sync.catch_up(report.seq, pause)
        db.session.remove()
    return report


@pytest.mark.parametrize("name", ["examples.jsonl", "examples.yaml"])
def test_a_file_is_read_with_a_pause_for_each_incident(name: str) -> None:
    pause, cases = Pause(), [case(f"case-{number}") for number in range(5)]
    content = documents(*cases) if name.endswith("jsonl") else documents(*cases).replace(b"\n", b"\n---\n")
    read_file(name, content, pause)
    assert pause.count >= 5


def test_a_guard_is_tried_with_a_pause_for_each_of_its_examples(app: Flask, examples: Examples) -> None:
    guard = lesson_guard()
    guard["examples"] = {kind: drafts * 4 for kind, drafts in guard["examples"].items()}
    content = documents(case("one", lessons=[{"text": "Look.", "guard": guard}]))
    plain, tried = Pause(), Pause()
    with app.app_context():
        assert not check_file(OPERATOR, read_file("a.jsonl", documents(case("one"))), pause=plain).errors
        assert not check_file(OPERATOR, read_file("a.jsonl", content), pause=tried).errors
        db.session.remove()
    assert tried.count - plain.count >= 8


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_a_request_pauses_for_others_who_see_nothing_of_it_until_all_is_there(
    examples: Examples, at_each_pause: Callable[[Pause], None], query: str
) -> None:
    seen: list[int] = []
    pause = Pause(
        lambda: in_another_thread(
            lambda: seen.append(examples.admin.get("/collections/examples").status_code)
        )
    )
    at_each_pause(pause)
    assert examples.put(*(case(f"case-{number}") for number in range(12)), query=query)["added"] == 12
    assert pause.count > 3 * 12
    # It is there once it is committed; then it is indexed.
    assert seen == sorted(seen, reverse=True)
    assert seen.count(404) > 2 * 12
    assert (seen[-1] == 200) == (query == "")


def test_others_write_while_a_collection_is_made_ready(any_app: Flask, examples: Examples) -> None:
    def file_same_slug() -> None:
        examples.admin.file(**case("one"))

    pause = Pause(lambda: in_another_thread(file_same_slug), at=1)
    assert added(any_app, pause, case("one"), case("two")).added == 2
    first, second = examples.published()
    assert (first != "one", second) == (True, "two")


def test_who_writes_while_a_collection_is_withdrawn_waits_as_for_any_long_write(app: Flask) -> None:
    seen: list[bool] = []

    def look() -> None:
        with app.app_context():
            seen.append(is_bulk_write_running())

    pause = Pause(lambda: in_another_thread(look))
    added(app, Pause(), case("one"), case("two"))
    with app.app_context():
        report = remove_collection(OPERATOR, "examples", edited=False, dry_run=False, pause=pause)
        db.session.remove()
    assert report.withdrawn == 2
    # First the incidents are made ready, which lets others write.
    assert seen == sorted(seen)
    assert {*seen} == {False, True}


def test_what_is_filed_under_its_id_meanwhile_is_left_alone(any_app: Flask, examples: Examples) -> None:
    def file_same_id() -> None:
        with any_app.app_context():
            line = json.dumps({**case("one"), "external_id": "examples:one"}).encode()
            importing.write_lines(check_lines([line], "main").lines, "main", lambda *_: None)
            db.session.remove()

    report = added(any_app, Pause(lambda: in_another_thread(file_same_id), at=1), case("one"), case("two"))
    assert (report.added, [kept.title for kept in report.kept]) == (1, ["The case one"])
    assert examples.published() == ["two"]


def test_what_people_edit_while_it_is_compared_stays(any_app: Flask, added_before: Examples) -> None:
    def edit() -> None:
        added_before.edit("one", summary="Ours.")

    report = added(any_app, Pause(lambda: in_another_thread(edit), at=2), case("one"), case("two"))
    assert (report.unchanged, [kept.title for kept in report.kept]) == (1, ["The case one"])


@pytest.fixture
def added_before(any_app: Flask, examples: Examples) -> Examples:
    """The collection `examples` with the incidents `one` and `two`, as the program adds it."""
    assert added(any_app, Pause(), case("one"), case("two")).added == 2
    return examples


def test_an_end_at_any_pause_leaves_nothing_half_done(any_app: Flask, added_before: Examples) -> None:
    class EndedError(Exception):
        """The process is told to end."""

    def end() -> None:
        raise EndedError

    newer = [case("one", severity=5), *(case(f"case-{number}") for number in range(4))]
    changes = added_before.admin.get("/changes", limit=1_000).get_json()["items"]
    with any_app.app_context():
        counted = Pause()
        add_collection(OPERATOR, checked(*newer), pause=counted, dry_run=True)
        db.session.remove()
        for number in range(1, counted.count + 1):
            with pytest.raises(EndedError):
                add_collection(OPERATOR, checked(*newer), pause=Pause(end, at=number))
            db.session.remove()
    assert added_before.admin.get("/changes", limit=1_000).get_json()["items"] == changes
    assert added_before.published() == ["one", "two"]
    assert added(any_app, Pause(), *newer).added == 4


def test_the_first_revision_names_the_collection(any_app: Flask, added_before: Examples) -> None:
    with any_app.app_context():
        snapshots = [
            row.snapshot
            for row in db.session.query(Revision)
            if (row.snapshot["external_id"] or "").startswith("examples:")
        ]
        assert [each["collection"] for each in snapshots] == ["examples", "examples"]
        db.session.remove()


def test_taking_out_a_collection_pauses_for_each_incident(
    added_before: Examples, at_each_pause: Callable[[Pause], None]
) -> None:
    pause = Pause()
    at_each_pause(pause)
    assert added_before.remove()["withdrawn"] == 2
    assert pause.count >= 2


@pytest.mark.parametrize(("piece_seconds", "sizes"), [(0.0, [4, 4, 1]), (60.0, [4, 5])])
def test_few_incidents_are_loaded_at_once_unless_it_is_quick(
    any_app: Flask,
    examples: Examples,
    monkeypatch: pytest.MonkeyPatch,
    piece_seconds: float,
    sizes: list[int],
) -> None:
    cases = [case(f"case-{number}") for number in range(9)]
    assert added(any_app, Pause(), *cases).added == 9
    loaded: list[int] = []

    def load(ids: Sequence[int]) -> Iterable[Incident]:
        loaded.append(len(ids))
        return load_detached(ids)

    monkeypatch.setattr(staged_updates, "load_detached", load)
    monkeypatch.setattr(pauses, "PIECE_SECONDS", piece_seconds)
    assert added(any_app, Pause(), *(each | {"severity": 5} for each in cases)).updated == 9
    assert loaded == sizes


def test_a_large_body_of_hardly_anything_but_members_is_refused(examples: Examples) -> None:
    body = json.dumps({**collection(), "incidents": [{}] * 600_000}, separators=(",", ":")).encode()
    refused = examples.admin.request(
        "PUT", "/collections/examples", data=body.replace(b"{}", b'{"a":1}'), content_type="application/json"
    )
    assert refused.status_code == 400
    assert "members; one of its size has at most" in refused.get_json()["detail"]
