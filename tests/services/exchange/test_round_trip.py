"""What goes out comes back: an export that is imported into an empty knowledge base gives the same one."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kb.config import Settings
from kb.domain.export import ExportFormat
from kb.domain.workflow import Step
from kb.models import Change, Incident, db
from kb.schemas.export import ExportQuerySchema
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.collections.adding import add_collection
from kb.services.exchange.collections.checking import check_file
from kb.services.exchange.collections.listing import list_collections
from kb.services.exchange.collections.reading import read_collection
from kb.services.exchange.collections.shipped import shipped_folder
from kb.services.exchange.exports.exporting import export_chunks, export_request
from kb.services.exchange.imports import importing
from kb.services.operations import bootstrap
from tests.conftest import NewSettings
from tests.support.api import running
from tests.support.imports import check_lines
from tests.support.incidents import FULL_INCIDENT, incident
from tests.support.knowledge_bases import build, knowledge_bases

_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: each example makes three databases."""


def exported(**query: str) -> bytes:
    """The export of the current application."""
    request = export_request(ExportQuerySchema().load(query), [])
    assert request.format is ExportFormat.JSONL
    content = b"".join(export_chunks(OPERATOR, request, str))
    db.session.rollback()
    return content


def imported(content: bytes, team: str | None = None) -> importing.ImportReport:
    """Import lines into the current application."""
    checked = check_lines(content.splitlines(keepends=True), team)
    assert checked.errors == []
    report = importing.write_checked(checked, team, lambda *_: None)
    db.session.rollback()
    return report


HISTORIES = ("true", "false")
"""Whether an export has the history of each incident."""


def in_new_application(settings: Settings, work: Any) -> Any:
    """Do something in the context of a new application."""
    for app in running(settings):
        with app.app_context():
            bootstrap.prepare_if_needed()
            result = work()
            db.session.remove()
    return result


@pytest.mark.slow
@settings(
    max_examples=12,
    phases=_PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(parts=knowledge_bases())
def test_any_knowledge_base_comes_back_whole(new_settings: NewSettings, parts: Any) -> None:
    """With its history and without: both are exported of one, which takes longest to make."""

    def make() -> dict[str, bytes]:
        build(*parts)
        return {history: exported(history=history) for history in HISTORIES}

    exports = in_new_application(new_settings(), make)

    def take(history: str) -> bytes:
        assert imported(exports[history]).kept == len(exports[history].splitlines())
        return exported(history=history)

    for history, content in exports.items():
        assert in_new_application(new_settings(), lambda: take(history)) == content  # noqa: B023


def test_an_import_on_each_database_keeps_ids_reviews_and_duplicates(any_new_settings: NewSettings) -> None:
    parts: Any = (
        [{**FULL_INCIDENT, "external_id": "a"}, incident(title="Gone"), incident(title="A third")],
        [incident(title="Of the north")],
        [
            ("publish", 6, "x"), ("edit", 6, "changed"), ("comment", 6, "why?"), ("resolve", 6, "so"),
            ("merge", 7, "again"), ("act", 8, "a check list"), ("finish", 8, "done"), ("publish", 8, "y"),
            ("withdraw", 8, "z"), ("translate", 9, "fr"),
        ],
    )  # fmt: skip

    def make() -> bytes:
        build(*parts)
        return exported(history="true")

    first = in_new_application(any_new_settings(), make)
    lines = [json.loads(line) for line in first.splitlines()]
    assert [line["id"] for line in lines] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert [event["step"] for event in lines[8]["review_events"]] == [Step.PUBLISH, Step.WITHDRAW]
    assert {line["duplicate_of"] for line in lines} == {None, 1}
    assert Counter(len(line["actions"]) for line in lines) == {0: 9, 2: 1}

    def take() -> tuple[bytes, int, list[bool]]:
        imported(first)
        again = exported(history="true")
        new = imported(json.dumps(incident(title="Filed here")).encode(), "main").added[0].incident_id
        changes = db.session.query(Change.public).filter(Change.incident_id == 9)
        return again, new, [public for (public,) in changes]

    again, new, public = in_new_application(any_new_settings(), take)
    assert again == first
    assert new == 11, "ids go on above those that were imported"
    assert public == [True], "it was published once, which its history alone does not tell"


def test_incidents_come_back_with_their_collection(new_settings: NewSettings) -> None:
    def make() -> bytes:
        path = shipped_folder("public-cases")
        file = read_collection(path)
        few = file._replace(incidents=file.incidents[:3])
        add_collection(OPERATOR, check_file(OPERATOR, few, lambda *_: None))
        return exported()

    first = in_new_application(new_settings(), make)

    def take() -> tuple[bytes, int, str]:
        imported(first)
        again = exported(collection="public-cases")
        (listed,) = [row for row in list_collections(OPERATOR, ["en"]) if row["key"] == "public-cases"]
        return again, listed["incidents"], listed["version"]

    again, count, version = in_new_application(new_settings(), take)
    assert again == b"".join(first.splitlines(keepends=True)[6:])
    assert (count, bool(version)) == (3, True)


def test_what_changed_since_a_position_is_exported_alone(any_new_settings: NewSettings) -> None:
    def work() -> list[str]:
        before = db.session.query(Change).count()
        imported(json.dumps(incident(title="Later")).encode(), "main")
        return [json.loads(line)["title"] for line in exported(since=str(before)).splitlines()]

    assert in_new_application(any_new_settings(), work) == ["Later"]


def test_where_people_have_worked_an_export_becomes_new_incidents(new_settings: NewSettings) -> None:
    def make() -> bytes:
        build([incident(title="One"), incident(title="Two")], [], [("merge", 7, "same")])
        return exported()

    lines = in_new_application(new_settings(), make).splitlines(keepends=True)

    def take() -> tuple[Any, list[Any]]:
        imported(json.dumps(incident(title="Mine")).encode(), "main")
        checked = check_lines(lines[6:], None)
        importing.write_checked(checked, None, lambda *_: None)
        stored = db.session.query(Incident).order_by(Incident.id.desc()).first()
        assert stored is not None
        return checked, [stored.id, stored.author, stored.original.title]

    checked, stored = in_new_application(new_settings(), take)
    assert stored == [8, "import", "One"]
    assert (checked.withdrawn, checked.errors, checked.keeps_records) == (1, [], False)
    assert {"author", "id", "version", "export", "comments"} <= {*checked.ignored}


@pytest.mark.parametrize("text", ["a\u0000b", "a\u001bb", "a\ud800", "a\uffff", "a\u0085b"])
def test_text_that_cannot_be_stored_is_refused_wherever_it_is(new_settings: NewSettings, text: str) -> None:
    def make() -> bytes:
        build([], [incident()], [("comment", 6, "x"), ("act", 6, "x"), ("publish", 6, "x")])
        return exported(history="true").splitlines()[6]

    line = json.loads(in_new_application(new_settings(), make))
    places: list[tuple[Any, ...]] = [
        ("title",),
        ("author",),
        ("team_name",),
        ("comments", 0, "text"),
        ("actions", 0, "owner"),
        ("review_events", 0, "comment"),
        ("revisions", 0, "comment"),
        ("revisions", 0, "snapshot", "title"),
    ]

    def take() -> list[int]:
        counts = []
        for *path, last in places:
            broken = json.loads(json.dumps(line))
            target = broken
            for step in path:
                target = target[step]
            target[last] = text
            counts.append(len(check_lines([json.dumps(broken).encode()]).errors))
        return counts

    assert in_new_application(new_settings(), take) == [1] * len(places)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"export": 2}, "/export"),
        ({"id": 3}, "/id"),
        ({"version": 0}, "/version"),
        ({"slug": "mcdonalds-need-copy-and-link"}, "/slug"),
        ({"lessons": [{"id": 1, "text": "Of another one."}]}, "/lessons"),
        ({"status": "published", "cause": ""}, "/cause"),
        ({"created_at": None}, "/created_at"),
    ],
)
def test_a_line_that_contradicts_others_is_named(
    new_settings: NewSettings, changes: dict[str, Any], pointer: str
) -> None:
    def make() -> bytes:
        build([incident()], [], [])
        return exported().splitlines()[6]

    line = {**json.loads(in_new_application(new_settings(), make)), **changes}

    def take() -> list[str]:
        return [error.pointer for error in check_lines([json.dumps(line).encode()]).errors]

    assert in_new_application(new_settings(), take) == [pointer]


@given(st.data())
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_stream_that_is_cut_off_imports_nothing_of_its_last_line(
    new_settings: NewSettings, data: Any
) -> None:
    def work() -> tuple[int, list[int]]:
        content = exported()
        end = data.draw(st.integers(content.rindex(b"\n", 0, -1) + 2, len(content) - 2))
        checked = check_lines(content[:end].splitlines(keepends=True))
        return len(checked.lines), [error.line for error in checked.errors]

    assert in_new_application(new_settings(), work) == (5, [6])
