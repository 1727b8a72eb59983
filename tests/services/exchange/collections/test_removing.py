"""A collection is taken out by withdrawing its incidents, except those that people work with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.services.exchange.collections.conftest import Examples
from tests.support.api import Api


def _comment(admin: Api, path: str) -> None:
    assert admin.post(f"{path}/comments", {"text": "Is this so?"}).status_code == 201


def _action(admin: Api, path: str) -> None:
    assert admin.post(f"{path}/actions", {"title": "Write a checklist"}).status_code == 201


def _duplicate(admin: Api, path: str) -> None:
    duplicate = admin.file(title="The same once more")["id"]
    original = path.rpartition("/")[2]
    answer = admin.post(f"/incidents/{duplicate}/duplicate-of/{original}", None, If_Match="*")
    assert answer.status_code == 200, answer.text


def _edit(admin: Api, path: str) -> None:
    assert admin.patch(path, {"severity": 4}, If_Match="*").status_code == 200


def test_its_incidents_are_withdrawn_and_their_history_stays(added: Examples) -> None:
    assert added.remove()["withdrawn"] == 2
    assert added.published() == []
    path = added.path("one")
    assert added.admin.get(path).get_json()["status"] == "withdrawn"
    operations = [each["operation"] for each in added.admin.get(f"{path}/revisions").get_json()["items"]]
    assert sorted(operations) == ["created", "withdrawn"]
    assert added.admin.get("/collections/examples").get_json()["incidents"] == 0


@pytest.mark.parametrize(
    ("work", "reason"),
    [(_comment, "comments"), (_action, "actions"), (_duplicate, "duplicates"), (_edit, "edited")],
)
def test_what_people_work_with_stays_unless_it_is_asked_for(
    added: Examples, work: Callable[[Api, str], None], reason: str
) -> None:
    work(added.admin, added.path("one"))
    report = added.remove("?dry_run=true&edited=true")
    assert (report["withdrawn"], report["kept"]) == (2, [])
    report = added.remove()
    assert report["withdrawn"] == 1
    assert [(kept["title"], kept["reasons"]) for kept in report["kept"]] == [("The case one", [reason])]
    assert added.published() == ["one"]


def test_an_incident_with_proposals_stays(added: Examples, any_role: Callable[..., Api]) -> None:
    proposed = any_role("contributor").patch(added.path("one"), {"severity": 4}, If_Match="*")
    assert proposed.status_code == 202
    assert [kept["reasons"] for kept in added.remove()["kept"]] == [["proposals"]]


def test_all_of_it_is_taken_out_if_that_is_asked_for(added: Examples) -> None:
    added.edit("one", severity=4)
    report = added.remove("?edited=true")
    assert (report["withdrawn"], report["kept"]) == (2, [])
    assert added.published() == []


def test_what_is_withdrawn_already_is_not_withdrawn_again(added: Examples) -> None:
    added.admin.delete(added.path("one"), If_Match="*")
    assert added.remove()["withdrawn"] == 1


def test_what_was_taken_out_already_or_never_added_is_not_found(added: Examples) -> None:
    added.remove()
    for key in ("examples", "none", "no%00ne"):
        assert added.admin.delete(f"/collections/{key}").status_code == 404
    events = added.admin.get("/audit", event="collection_removed").get_json()["items"]
    assert [(event["detail"]["key"], event["detail"]["withdrawn"]) for event in events] == [("examples", 2)]
