"""The audit log: accountable actions are recorded with the action, once, and for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from kb.models import AuditEntry, db
from tests.support.api import Api
from tests.support.incidents import incident


def _events(api: Api, **query: str) -> list[str]:
    return [entry["event"] for entry in api.get("/audit", **query).get_json()["items"]]


def test_accountable_actions_are_recorded(any_person: Callable[..., Api]) -> None:
    site = any_person("Ada Admin", site_admin=True)
    before = len(_events(site, limit="100"))
    site.post("/teams", {"key": "north"})
    body = {"email": "dana@example.com", "name": "Dana", "password": "a password of Dana's"}
    dana = site.post("/users", body).get_json()
    member = f"/teams/north/members/{dana['id']}"
    site.put(member, {"role": "reviewer"})
    nobody = Api(site.client, site.contract)
    nobody.post("/sessions", {"email": "dana@example.com", "password": "wrong"})
    session = nobody.post("/sessions", {"email": "dana@example.com", "password": "a password of Dana's"})
    caller = Api(site.client, site.contract, session.get_json()["token"])
    token = caller.post("/tokens", {"name": "laptop"}).get_json()["id"]
    caller.delete(f"/tokens/{token}")
    path = f"/incidents/{caller.file(status='published')['id']}"
    caller.get("/incidents", format="csv")
    caller.delete(path, If_Match="*")
    caller.delete("/sessions/current")
    site.patch(f"/users/{dana['id']}", {"password": "another password"}, If_Match="*")
    site.delete(member, If_Match="*")
    told = site.get("/audit", limit=100).get_json()["items"]
    assert [entry["event"] for entry in told[: len(told) - before]][::-1] == [
        "team_created", "user_created", "member_set", "login_failed", "login", "token_created",
        "token_revoked", "export", "withdrawal", "logout", "password", "member_removed",
    ]  # fmt: skip
    by_event = {entry["event"]: entry for entry in told}
    assert by_event["login"]["actor"] == "Dana"
    assert by_event["login"]["address"] == "127.0.0.1"
    assert by_event["login_failed"]["actor"] == "anonymous"
    assert by_event["member_set"]["detail"]["after"] == "reviewer"
    assert by_event["withdrawal"]["incident"] == int(path.rpartition("/")[2])
    assert "password of" not in str(told)
    assert _events(site, event="login,logout", limit="1") == ["logout"]
    assert _events(site, since="2999-01-01T00:00:00Z") == []


def test_the_audit_log_is_append_only(any_app: Flask, any_person: Callable[..., Api]) -> None:
    any_person("Ada Admin", site_admin=True)
    with any_app.app_context():
        count = db.session.scalar(select(func.count(AuditEntry.id)))
        for statement in (update(AuditEntry).values(actor="nobody"), delete(AuditEntry)):
            with pytest.raises(DBAPIError, match="append-only"):
                db.session.execute(statement)
            db.session.rollback()
        if db.engine.dialect.name == "sqlite":
            with pytest.raises(DBAPIError, match="append-only"):
                db.session.execute(text("INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry"))
            db.session.rollback()
        assert db.session.scalar(select(func.count(AuditEntry.id))) == count
        assert count


def test_a_team_administrator_reads_only_the_entries_of_the_team(person: Callable[..., Api]) -> None:
    north, south = person("Nora", north="admin"), person("Sol", south="admin")
    path = f"/incidents/{north.file(status='published')['id']}"
    north.delete(path, If_Match="*")
    assert "withdrawal" in _events(north)
    assert {entry["team"] for entry in north.get("/audit").get_json()["items"]} == {"north"}
    assert "withdrawal" not in _events(south)
    assert person("Dana", north="reviewer").get("/audit").status_code == 403


def test_a_failed_action_is_not_recorded(person: Callable[..., Api]) -> None:
    site = person("Ada Admin", site_admin=True)
    before = _events(site, limit="100")
    assert site.post("/teams", {"key": "main"}).status_code == 409
    assert site.post("/tokens", {"name": "x", "team": "nowhere", "role": "reader"}).status_code == 404
    assert site.delete("/incidents/1", If_Match='"99"').status_code == 412
    assert site.post("/incidents", {**incident(), "severity": 9}).status_code == 422
    assert _events(site, limit="100") == before
