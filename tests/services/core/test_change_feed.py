"""The change feed is complete, in order, and reveals nothing hidden."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import event

from kb.domain.dates import iso
from kb.models import db
from kb.services.accounts.authentication import anonymous as somebody
from kb.services.core.change_feed import committed_at, committed_visible_seq
from kb.services.core.change_feed import position as committed_position
from tests.support.api import Api
from tests.support.incidents import incident


def test_the_change_feed_lists_every_write_in_order(any_role: Callable[..., Api]) -> None:
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


def test_outsiders_see_publications_but_not_drafts_in_the_change_feed(
    as_role: Callable[..., Api],
) -> None:
    owner, stranger = as_role("reviewer", team="north"), as_role()
    path = f"/incidents/{owner.file()['id']}"
    owner.patch(path, {"severity": 2}, If_Match="*")
    owner.patch(path, {"status": "published"}, If_Match="*")
    owner.patch(path, {"visibility": "team"}, If_Match="*")
    owner.patch(path, {"severity": 3}, If_Match="*")
    told = [item["operation"] for item in stranger.get("/changes", since=6).get_json()["items"]]
    assert told == ["published", "updated"]


def test_the_position_of_a_check_is_that_of_the_last_change_its_caller_may_learn_of(
    any_role: Callable[..., Api],
) -> None:
    def position(api: Api) -> int:
        return int(api.post("/checks", {"text": "Good morning"}).get_json()["position"])

    owner, stranger = any_role("reviewer", team="north"), any_role()
    path = f"/incidents/{owner.file()['id']}"
    before = position(stranger)
    assert position(owner) == before + 1
    owner.patch(path, {"status": "published"}, If_Match="*")
    assert position(owner) == position(stranger) == before + 2


@pytest.mark.slow
def test_concurrent_writers_leave_no_gap_and_lose_no_update(
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
    assert admin.get("/search", q="title:number").get_json()["total"] == 32


def test_what_a_reader_may_learn_of_is_read_once_until_the_next_write(
    app: Flask, person: Callable[..., Api]
) -> None:
    noa = person("Noa", north="admin")
    noa.file(title="For all", status="published", severity=3)
    executed: list[str] = []

    def listen(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(executed.append)

    with app.app_context():
        before = committed_position()
        db.engine.dispose()
        event.listen(db.engine, "connect", listen)
        assert {committed_visible_seq(somebody(), before) for _ in range(3)} == {before.seq}
        assert sum("max(" in statement for statement in executed) == 1
        event.remove(db.engine, "connect", listen)
        db.engine.dispose()
    noa.file(title="Kept for the team", visibility="team")
    with app.app_context():
        hidden = committed_position()
        assert hidden.seq > committed_visible_seq(somebody(), hidden) == before.seq
    noa.file(title="For all, too", status="published", severity=3)
    with app.app_context():
        after = committed_position()
        assert committed_visible_seq(somebody(), after) == after.seq > hidden.seq


def test_the_time_of_a_change_is_known_once_it_is_committed(
    any_app: Flask, any_role: Callable[..., Api]
) -> None:
    api = any_role("site_admin")
    since = api.get("/changes").get_json()["since"]
    api.file()
    (change,) = api.get("/changes", since=since).get_json()["items"]
    with any_app.app_context():
        database = committed_position().database_id
        at = committed_at(database, change["seq"])
        assert at is not None
        assert iso(at) == change["at"]
        assert committed_at(database, change["seq"] + 1) is None
