"""Follow-up actions: owners, due dates and what is overdue."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.api import Api

DAY = Callable[[int], str]


def test_an_action_is_added_changed_and_completed(dana: Api, day: DAY) -> None:
    filed = dana.file()
    path, lesson = f"/incidents/{filed['id']}", filed["lessons"][0]["id"]
    body = {"title": "Two tools", "owner": "dana levi", "due_on": day(7), "lesson": lesson}
    added = dana.post(f"{path}/actions", body)
    assert added.status_code == 201
    action = added.get_json()
    assert (action["owner"], action["status"], action["lesson"]) == ("Dana Levi", "open", lesson)
    assert (action["overdue"], action["team"]) == (False, "north")
    where = added.headers["Location"].removeprefix("/api/v1")
    assert dana.patch(where, {"status": "done"}).status_code == 428
    done = dana.patch(where, {"status": "done"}, If_Match=added.headers["ETag"]).get_json()
    assert done["completed_at"].startswith(day(0)[:4])
    assert dana.patch(where, {"title": "x"}, If_Match=added.headers["ETag"]).status_code == 412
    again = dana.patch(where, {"status": "open"}, If_Match="*").get_json()
    assert (again["completed_at"], again["version"]) == (None, 3)
    assert dana.get(f"{path}/actions").get_json()["items"] == [again]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/title"),
        ({"title": "x", "lesson": 999}, "/lesson"),
        ({"title": "x", "due_on": "soon"}, "/due_on"),
        ({"title": "x", "status": "late"}, "/status"),
        ({"title": "x", "completed_at": "2020-01-01T00:00:00Z"}, "/completed_at"),
        ({"title": "x", "status": "done", "completed_at": "2999-01-01T00:00:00Z"}, "/completed_at"),
    ],
)
def test_an_invalid_field_is_named(dana: Api, body: dict[str, object], pointer: str) -> None:
    path = f"/incidents/{dana.file()['id']}"
    refused = dana.post(f"{path}/actions", body)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)
    assert dana.get(f"{path}/actions").get_json()["items"] == []


@pytest.mark.parametrize("due_on", ["31.1.2027", "20270131", "2027-02-30", "2027-W05-1", 20270131])
def test_a_due_date_in_another_form_is_refused_with_the_right_one(dana: Api, due_on: object) -> None:
    refused = dana.post(f"/incidents/{dana.file()['id']}/actions", {"title": "x", "due_on": due_on})
    assert (refused.status_code, refused.get_json()["errors"]) == (
        422,
        [{"pointer": "/due_on", "detail": "Write the date as YYYY-MM-DD."}],
    )


def test_overdue_actions_are_listed_by_owner_and_by_team(
    dana: Api, person: Callable[..., Api], day: DAY
) -> None:
    noa = person("Noa Cohen", north="reader", south="contributor")
    north, south = f"/incidents/{dana.file()['id']}", f"/incidents/{noa.file()['id']}"
    for path, caller, title, owner, due, status in (
        (north, dana, "late", "Noa Cohen", -3, "open"),
        (north, dana, "today", "Noa Cohen", 0, "open"),
        (north, dana, "done", "Noa Cohen", -3, "done"),
        (north, dana, "hers", "Dana Levi", -1, "open"),
        (north, dana, "the agency's", "Agency Ltd", -1, "open"),
        (south, noa, "elsewhere", "Noa Cohen", -1, "open"),
    ):
        body = {"title": title, "owner": owner, "due_on": day(due), "status": status}
        assert caller.post(f"{path}/actions", body).status_code == 201

    def titles(caller: Api, **query: str) -> list[str]:
        return [item["title"] for item in caller.get("/actions", **query).get_json()["items"]]

    assert titles(noa, owner="me", overdue="true") == ["late", "elsewhere"]
    assert titles(noa, team="north", overdue="true") == ["late", "hers", "the agency's"]
    assert titles(dana, overdue="true") == ["late", "hers", "the agency's"]
    for owner in ("Agency Ltd", "AGENCY LTD.", "Ágency\u00ad Ltd"):
        assert titles(dana, owner=owner) == ["the agency's"]
    assert titles(dana, status="done,dropped") == ["done"]
    assert dana.get("/actions", team="south").status_code == 404
    late = noa.get("/actions", owner="me", team="north", overdue="true").get_json()["items"][0]
    assert (late["overdue"], late["days_overdue"]) == (True, 3)


def test_an_owner_is_found_by_new_name_and_by_email_address(dana: Api, person: Callable[..., Api]) -> None:
    site = person("Ada Admin", site_admin=True)
    path = f"/incidents/{dana.file()['id']}"
    dana.post(f"{path}/actions", {"title": "Act", "owner": "dana.levi@example.com"})
    user = dana.get("/me").get_json()["user"]["id"]
    assert site.patch(f"/users/{user}", {"name": "Dana Cohen"}, If_Match="*").status_code == 200
    for owner in ("me", "Dana Cohen", "dana  cohen"):
        (found,) = dana.get("/actions", owner=owner).get_json()["items"]
        assert found["owner"] == "Dana Cohen"
    assert dana.get("/actions", owner="Dana Levi").get_json()["items"] == []


def test_overdue_depends_on_the_time_zone_of_the_user(
    dana: Api, person: Callable[..., Api], day: DAY
) -> None:
    """At any moment the date on Kiritimati is later than the date on Midway."""
    path = f"/incidents/{dana.file()['id']}"
    for days in (-1, 0):
        dana.post(f"{path}/actions", {"title": str(days), "due_on": day(days)})
    found = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Midway"):
        dana.patch("/me", {"time_zone": zone}, If_Match="*")
        found[zone] = len(dana.get("/actions", overdue="true").get_json()["items"])
    assert found["Pacific/Kiritimati"] > found["Pacific/Midway"]


def _titles_by_page(caller: Api, path: str, **query: str) -> list[str]:
    """The titles of a list that is read page by page, two at a time."""
    titles: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = caller.get(path, limit=2, **query, **cursor).get_json()
        titles += [item["title"] for item in page["items"]]
        if page["next"] is None:
            return titles
        cursor = {"cursor": page["next"]}


def test_actions_are_listed_by_due_date_across_pages(any_person: Callable[..., Api], day: DAY) -> None:
    dana = any_person("Dana Levi", north="contributor")
    path = f"/incidents/{dana.file()['id']}/actions"
    for title, days in (("a", -1), ("b", None), ("c", -9), ("d", -9), ("e", 3), ("f", None), ("g", -2)):
        dana.post(path, {"title": title, "due_on": None if days is None else day(days)})
    overdue = ["c", "d", "g", "a"]
    assert _titles_by_page(dana, "/actions", overdue="true") == overdue
    assert _titles_by_page(dana, "/actions", overdue="true", sort="newest") == ["g", "d", "c", "a"]
    for listed in ("/actions", path):
        assert _titles_by_page(dana, listed) == ["g", "f", "e", "d", "c", "b", "a"]
        assert _titles_by_page(dana, listed, sort="due_on") == [*overdue, "e", "b", "f"]


def test_a_cursor_of_another_order_is_rejected(dana: Api, day: DAY) -> None:
    path = f"/incidents/{dana.file()['id']}/actions"
    for title in "abc":
        dana.post(path, {"title": title, "due_on": day(-1)})
    for sort, other in (("newest", "due_on"), ("due_on", "newest")):
        cursor = dana.get("/actions", sort=sort, limit=1).get_json()["next"]
        refused = dana.get("/actions", sort=other, cursor=cursor)
        assert (refused.status_code, refused.get_json()["errors"][0]["parameter"]) == (422, "cursor")
