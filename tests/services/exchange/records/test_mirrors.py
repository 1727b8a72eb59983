"""A mirror follows: what an export brings since the last one makes it the same again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from kb.domain.permissions import Actor, Role
from kb.errors import Conflict
from kb.models import Change, DistinctPair, Incident, OrganizationAlias, db
from kb.schemas.export import ExportQuerySchema
from kb.services.core import change_feed
from kb.services.core.authorization import ANY
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.exports.exporting import export_chunks, export_request
from kb.services.exchange.imports import importing
from kb.services.incidents import write
from tests.conftest import NewSettings
from tests.services.exchange.test_round_trip import HISTORIES, in_new_application
from tests.support.imports import check_lines
from tests.support.incidents import incident
from tests.support.knowledge_bases import build, deeds, knowledge_bases, work_on

READER = Actor(name="anonymous", role=Role.ANONYMOUS)
"""Somebody who sees what is public."""


def exported(actor: Actor = OPERATOR, **query: str) -> bytes:
    request = export_request(ExportQuerySchema().load(query), [])
    content = b"".join(export_chunks(actor, request, str))
    db.session.rollback()
    return content


def mirrored(content: bytes) -> importing.ImportReport:
    checked = check_lines(content.splitlines(keepends=True), mirror=True)
    assert checked.errors == []
    report = importing.write_checked(checked, None, lambda *_: None)
    db.session.rollback()
    return report


_RELATED: tuple[list[Any], list[Any], list[tuple[str, int, str]]] = (
    [incident(organization="Acme"), incident(organization="Globex", title="Another")],
    [],
    [("distinguish", 7, "x"), ("alias", 6, "x")],
)
"""Two incidents of which one was found not to be the first of all, and whose organization has an alias."""


@pytest.mark.slow
@settings(
    max_examples=8,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(parts=knowledge_bases(), later=deeds())
@example(parts=_RELATED, later=[("undistinguish", 7, "x"), ("unalias", 6, "x")])
@example(parts=_RELATED, later=[("realias", 7, "y")])
def test_whatever_is_done_later_reaches_the_mirror(new_settings: NewSettings, parts: Any, later: Any) -> None:
    """With its history and without: two mirrors of one knowledge base, which takes longest to make."""

    def make() -> dict[str, list[bytes]]:
        build(*parts)
        exports = {history: [exported(history=history)] for history in HISTORIES}
        since = str(change_feed.position().seq)
        work_on(later)
        for history, contents in exports.items():
            contents += [exported(history=history, since=since), exported(history=history)]
        return exports

    exports = in_new_application(new_settings(), make)

    def follow(history: str) -> bytes:
        first, changes, _ = exports[history]
        mirrored(first)
        mirrored(changes)
        return exported(history=history)

    for history, (_, _, whole) in exports.items():
        assert in_new_application(new_settings(), lambda: follow(history)) == whole  # noqa: B023


def test_a_mirror_of_what_everybody_may_read_hides_what_they_may_no_longer(
    any_new_settings: NewSettings,
) -> None:
    def make() -> tuple[bytes, bytes, bytes]:
        parts = [incident(title=f"Case {number}") for number in range(4)]
        published = [("publish", number, "x") for number in range(6, 10)]
        build(parts, [], published)
        first, since = exported(READER), change_feed.position().seq
        work_on([("hide", 6, "x"), ("withdraw", 7, "x"), ("merge", 8, "x"), ("comment", 9, "A question")])
        return first, exported(READER, since=str(since)), exported(READER)

    first, changes, whole = in_new_application(any_new_settings(), make)
    gone = [line["id"] for line in map(json.loads, changes.splitlines()) if "gone" in line]
    assert gone == [7, 8, 9]

    def follow() -> tuple[bytes, int, bytes]:
        mirrored(first)
        hidden = mirrored(changes).hidden
        after = exported(READER)
        mirrored(first)
        return after, hidden, exported(READER)

    after, hidden, again = in_new_application(any_new_settings(), follow)
    assert (after, hidden) == (whole, 3)
    assert again == first, "what is shown once more comes back"


def test_what_no_longer_belongs_together_is_exported_at_once_and_nothing_else_is(
    any_new_settings: NewSettings,
) -> None:
    def make() -> list[set[int]]:
        names = ["Acme", "Globex", "Initech", "Umbrella"]
        build([incident(organization=name, title=f"Case of {name}") for name in names], [], [])
        changed = []
        work_on([("distinguish", 7, "x"), ("alias", 6, "x")])
        _backdate()
        for deed in [("undistinguish", 7, "x"), ("realias", 8, "y"), ("unalias", 8, "x")]:
            work_on([deed])
            lines = exported(history="true", since=str(change_feed.position().seq)).splitlines()
            changed.append({json.loads(line)["id"] for line in lines})
        return changed

    undone, renamed, removed = in_new_application(any_new_settings(), make)
    assert (undone, renamed, removed) == ({1, 8}, {1, 7, 8, 9}, {1, 7, 8, 9})


def _backdate() -> None:
    """Let the incidents have been written an hour ago, and what relates them an hour before that."""
    for model, column, hours in (
        (Change, "at", 1),
        (DistinctPair, "at", 2),
        (OrganizationAlias, "created_at", 2),
    ):
        for row in db.session.query(model):
            setattr(row, column, getattr(row, column) - timedelta(hours=hours))
    db.session.commit()


def test_nothing_is_mirrored_where_people_work_and_no_other_incident_is_overwritten(
    new_settings: NewSettings,
) -> None:
    def make() -> bytes:
        build([incident(title="One"), incident(title="Two")], [], [])
        return exported()

    content, others = (in_new_application(new_settings(), make) for _ in range(2))

    def take() -> tuple[list[str], int, list[str]]:
        mirrored(content)
        foreign = check_lines(others.splitlines(), mirror=True).errors
        nothing = mirrored(b"").kept
        write.update_incident(OPERATOR, 7, ANY, {"summary": "Here.", "comment": "", "acknowledge": []})
        db.session.rollback()
        with pytest.raises(Conflict, match="People have worked"):
            check_lines(content.splitlines(), mirror=True)
        titles = [row.texts["en"].summary for row in db.session.query(Incident).filter(Incident.id == 7)]
        return [error.pointer for error in foreign], nothing, titles

    assert in_new_application(new_settings(), take) == (["/id", "/id"], 0, ["Here."])


def test_lines_of_what_has_gone_import_nothing_elsewhere(new_settings: NewSettings) -> None:
    def take() -> tuple[int, int]:
        importing.write_lines(check_lines([json.dumps(incident()).encode()]).lines, "main", lambda *_: None)
        checked = check_lines([b'{"export": 1, "id": 3, "gone": true}'])
        return len(checked.lines), checked.withdrawn

    assert in_new_application(new_settings(), take) == (0, 1)


def test_names_of_organizations_that_lead_in_a_circle_are_refused(new_settings: NewSettings) -> None:
    def make() -> bytes:
        build([incident(organization="Acme")], [], [("alias", 6, "x")])
        return exported(history="true").splitlines()[6]

    line = json.loads(in_new_application(new_settings(), make))
    (alias,) = line["organization_aliases"]
    line["organization_aliases"].append({**alias, "alias": "Acme", "organization": "Third"})

    def take() -> int:
        with pytest.raises(Conflict, match="alias of an alias"):
            mirrored(json.dumps(line).encode())
        return db.session.query(OrganizationAlias).count()

    assert in_new_application(new_settings(), take) == 0
