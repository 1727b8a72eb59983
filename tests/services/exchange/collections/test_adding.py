"""Collections are added and brought up to date as a whole, and never over what people have done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from kb.domain.incident import TEXT_FIELDS
from kb.models import db
from kb.services.exchange.imports import importing
from tests.services.exchange.collections.conftest import Examples
from tests.support.collections import case, collection
from tests.support.imports import check_lines

_COUNTS = ("added", "updated", "restored", "unchanged", "withdrawn")


def counts(report: dict[str, object]) -> dict[str, object]:
    """The numbers of a report that are not 0."""
    return {name: report[name] for name in _COUNTS if report[name]}


def reasons(report: dict[str, list[dict[str, object]]]) -> dict[object, object]:
    """Why each incident was kept, by its title."""
    return {kept["title"]: kept["reasons"] for kept in report["kept"]}


def test_its_incidents_are_published_and_found_by_its_filter(added: Examples) -> None:
    assert added.published() == ["one", "two"]
    body = added.admin.get(added.path("one")).get_json()
    assert (body["collection"], body["status"], body["external_id"]) == (
        "examples", "published", "examples:one",
    )  # fmt: skip
    facts = added.admin.get("/incidents.csv", collection="examples").text
    assert facts.count('"examples"') == 2


def test_a_dry_run_changes_nothing(added: Examples) -> None:
    before = added.admin.get("/changes", limit=1_000).get_json()["items"]
    report = added.put(case("one", severity=4), case("three"), query="?dry_run=true", version="2")
    assert counts(report) == {"added": 1, "updated": 1, "withdrawn": 1}
    assert added.published() == ["one", "two"]
    assert added.admin.get("/changes", limit=1_000).get_json()["items"] == before
    assert added.admin.get("/collections/examples").get_json()["version"] == "1"


def test_a_dry_run_tells_what_adding_then_does(examples: Examples) -> None:
    cases = [
        case("one", tags=["Sale", "sale!"], sources=[{"title": "A", "url": "https://a.example"}]),
        case("two"),
    ]
    tried = examples.put(*cases, query="?dry_run=true")
    assert examples.published() == []
    assert {**tried, "dry_run": False} == examples.put(*cases)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"posted_at": "2020-05-05T10:00:00Z", "removed_at": "2020-05-05T09:00:00Z"}, id="out of order"
        ),
        pytest.param(
            {name: f"{name} " * (19_000 // len(name)) for name in TEXT_FIELDS[1:]}
            | {"lessons": [{"text": f"{number} word" * 250} for number in range(50)]},
            id="too long",
        ),
    ],
)
def test_a_dry_run_refuses_what_adding_does(examples: Examples, changes: dict[str, Any]) -> None:
    body = collection(case("one"), case("two", **changes))
    tried, added = (
        examples.admin.put(f"/collections/examples{query}", body) for query in ("?dry_run=true", "")
    )
    assert tried.status_code == 422
    assert tried.get_json()["errors"] == added.get_json()["errors"]


def test_an_update_writes_what_has_changed_and_withdraws_what_is_gone(added: Examples) -> None:
    report = added.put(case("one", severity=4), case("three"), version="2", license="CC0")
    assert counts(report) == {"added": 1, "updated": 1, "withdrawn": 1}
    assert added.published() == ["one", "three"]
    assert added.admin.get(added.path("one")).get_json()["severity"] == 4
    head = added.admin.get("/collections/examples").get_json()
    assert (head["version"], head["license"], head["incidents"]) == ("2", "CC0", 2)


def test_an_update_leaves_what_people_have_edited(added: Examples) -> None:
    added.edit("one", summary="Ours.")
    report = added.put(case("one", summary="Theirs."), case("two", severity=4))
    assert (counts(report), reasons(report)) == ({"updated": 1}, {"The case one": ["edited"]})
    assert added.admin.get(added.path("one")).get_json()["summary"] == "Ours."


def test_what_people_have_edited_stays_when_a_newer_version_lacks_it(added: Examples) -> None:
    added.edit("one", summary="Ours.")
    report = added.put(case("two"))
    assert (counts(report), reasons(report)) == ({"unchanged": 1}, {"The case one": ["edited"]})
    assert added.published() == ["one", "two"]


def test_what_people_have_withdrawn_stays_withdrawn(added: Examples) -> None:
    assert added.admin.delete(added.path("one"), If_Match="*").status_code == 204
    report = added.put(case("one", severity=4), case("two"))
    assert (counts(report), reasons(report)) == ({"unchanged": 1}, {"The case one": ["withdrawn"]})
    assert added.published() == ["two"]
    added.remove()
    assert reasons(added.put(case("one"), case("two"))) == {"The case one": ["withdrawn"]}
    assert added.published() == ["two"]


def test_what_was_taken_out_comes_back_with_the_words_of_the_newer_version(added: Examples) -> None:
    added.remove()
    report = added.put(case("one", severity=4), case("two"), version="2")
    assert counts(report) == {"restored": 2}
    assert added.published() == ["one", "two"]
    assert added.admin.get(added.path("one")).get_json()["severity"] == 4
    assert added.admin.get("/collections/examples").get_json()["removed_at"] is None


def test_what_people_have_edited_comes_back_with_their_words(added: Examples) -> None:
    added.edit("one", summary="Ours.")
    added.remove("?edited=true")
    report = added.put(case("one", summary="Theirs."), case("two"))
    assert (counts(report), reasons(report)) == ({"restored": 2}, {"The case one": ["edited"]})
    assert added.admin.get(added.path("one")).get_json()["summary"] == "Ours."
    assert added.published() == ["one", "two"]


def test_what_was_filed_here_under_its_id_is_left_alone(any_app: Flask, examples: Examples) -> None:
    with any_app.app_context():
        line = json.dumps({**case("one"), "external_id": "examples:one"}).encode()
        importing.write_lines(check_lines([line], "main").lines, "main", lambda *_: None)
        db.session.remove()
    report = examples.put(case("one", severity=4), case("two"))
    assert (counts(report), reasons(report)) == ({"added": 1}, {"The case one": ["filed_here"]})
    kept = examples.admin.get(examples.path("one")).get_json()
    assert (kept["status"], kept["collection"], kept["severity"]) == ("draft", None, None)


def test_a_slug_that_is_taken_is_made_anew(examples: Examples) -> None:
    filed = examples.admin.file(**case("one"))
    assert counts(examples.put(case("one"))) == {"added": 1}
    (slug,) = examples.published()
    assert slug != filed["slug"]
    assert counts(examples.put(case("one"))) == {"unchanged": 1}


def test_more_incidents_than_one_batch_are_added_together(examples: Examples) -> None:
    cases = [case(f"case-{number}") for number in range(60)]
    assert counts(examples.put(*cases)) == {"added": 60}
    assert examples.admin.get("/collections/examples").get_json()["incidents"] == 60


def test_adding_is_told_in_the_audit_log_and_a_dry_run_is_not(added: Examples) -> None:
    added.put(case("one"), query="?dry_run=true")
    events = added.admin.get("/audit", event="collection_added").get_json()["items"]
    assert [(event["detail"]["key"], event["detail"]["added"]) for event in events] == [("examples", 2)]
