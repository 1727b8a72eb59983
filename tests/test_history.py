"""Nothing is ever lost: every write is a revision, and has its place in the change feed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import pytest
from conftest import Api, incident
from flask import Flask


def test_every_write_leaves_a_whole_snapshot(any_role: Callable[..., Api]) -> None:
    api = any_role("reviewer")
    filed = api.file(title="First")
    path = f"/incidents/{filed['id']}"
    api.patch(path, {"title": "Second", "comment": "It was misnamed."}, If_Match="*")
    translation = {"title": "כותרת", "summary": "תקציר", "cause": "סיבה", "outcome": "תוצאה"}
    api.put(f"{path}/translations/he", translation, If_Match="*")
    api.patch(path, {"status": "published"}, If_Match="*")
    api.delete(path, If_Match="*")
    history = api.get(f"{path}/revisions").get_json()["items"]
    assert [entry["number"] for entry in history] == [5, 4, 3, 2, 1]
    assert [entry["operation"] for entry in history] == [
        "withdrawn", "published", "updated", "updated", "created",
    ]  # fmt: skip
    assert [entry["snapshot"]["title"] for entry in history] == ["Second"] * 4 + ["First"]
    assert history[2]["snapshot"]["translations"]["he"]["title"] == "כותרת"
    assert history[3]["comment"] == "It was misnamed."
    assert {entry["author"] for entry in history} == {"reviewer of main"}


def test_a_long_history_comes_in_pages(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    for severity in (1, 2, 3):
        contributor.patch(path, {"severity": severity}, If_Match="*")
    first = contributor.get(f"{path}/revisions", limit=3).get_json()
    second = contributor.get(f"{path}/revisions", limit=3, cursor=first["next"]).get_json()
    assert [entry["number"] for entry in first["items"] + second["items"]] == [4, 3, 2, 1]
    assert second["next"] is None


class TestTheChangeFeed:
    def test_it_tells_every_write_in_order(self, any_role: Callable[..., Api]) -> None:
        api = any_role("site_admin")
        since = api.get("/changes").get_json()["since"]
        filed = api.file()
        path = f"/incidents/{filed['id']}"
        api.patch(path, {"status": "published"}, If_Match="*")
        api.delete(path, If_Match="*")
        changes = api.get("/changes", since=since).get_json()
        told = [(item["seq"] - since, item["incident"], item["operation"]) for item in changes["items"]]
        assert told == [
            (1, filed["id"], "created"),
            (2, filed["id"], "published"),
            (3, filed["id"], "withdrawn"),
        ]
        assert changes["since"] == since + 3
        assert api.get("/changes", since=since + 3).get_json() == {"items": [], "since": since + 3}

    def test_others_learn_of_a_publication_and_a_withdrawal_and_not_of_a_draft(
        self, as_role: Callable[..., Api]
    ) -> None:
        owner, stranger = as_role("reviewer", team="north"), as_role()
        path = f"/incidents/{owner.file()['id']}"
        owner.patch(path, {"severity": 2}, If_Match="*")
        owner.patch(path, {"status": "published"}, If_Match="*")
        owner.patch(path, {"visibility": "team"}, If_Match="*")
        owner.patch(path, {"severity": 3}, If_Match="*")
        told = [item["operation"] for item in stranger.get("/changes", since=6).get_json()["items"]]
        assert told == ["published", "updated"]

    def test_it_comes_as_atom(self, anonymous: Api) -> None:
        for query in ({"format": "atom"}, {"headers": {"Accept": "application/atom+xml"}}):
            feed = ET.fromstring(anonymous.get("/changes", limit=3, **query).data)
            atom = "{http://www.w3.org/2005/Atom}"
            entries = [entry.findtext(f"{atom}id") for entry in feed.findall(f"{atom}entry")]
            assert entries == [f"urn:brand-postmortems:changes:{seq}" for seq in (6, 5, 4)]
        feed = ET.fromstring(anonymous.get("/changes", limit=3, since=1, format="atom").data)
        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{atom}link")}
        assert links["next"].endswith("since=4")

    @pytest.mark.parametrize("since", ["-1", "x", str(10**30)])
    def test_a_point_that_is_none_is_refused(self, anonymous: Api, since: str) -> None:
        assert anonymous.get("/changes", since=since).status_code == 422


@pytest.mark.slow
def test_many_writers_at_once_leave_no_gap_and_lose_no_update(
    any_app: Flask, any_role: Callable[..., Api]
) -> None:
    admin = any_role("site_admin")
    since = admin.get("/changes").get_json()["since"]
    shared = admin.file()

    def write(number: int) -> int:
        api = Api(any_app.test_client(), admin.contract, admin.token)
        if number % 3 == 0:
            body = {"severity": 1 + number % 5, "tags": [str(number)]}
            return api.patch(f"/incidents/{shared['id']}", body, If_Match='"1"').status_code
        return api.post("/incidents", incident(title=f"Number {number}", status="published")).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(write, range(48)))
    assert statuses.count(201) == 32
    assert statuses.count(200) == 1
    assert statuses.count(412) == 15
    seqs = [item["seq"] for item in admin.get("/changes", since=since).get_json()["items"]]
    assert seqs == list(range(since + 1, since + 35))
    assert admin.get("/search", q="number").get_json()["total"] == 32
