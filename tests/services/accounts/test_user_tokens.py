"""Tokens over the API."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from kb.domain.permissions import Scope
from kb.models import ApiToken, IdempotencyKey, db
from tests.support.accounts import PASSWORD
from tests.support.api import Api
from tests.support.incidents import incident


def test_a_user_token_has_the_current_rights_of_its_user(person: Callable[..., Api]) -> None:
    dana = person("Dana Levi", north="contributor")
    made = dana.post("/tokens", {"name": "laptop", "scopes": ["write"], "days": 1})
    assert (made.status_code, made.get_json()["scopes"]) == (201, ["read", "write"])
    laptop = Api(dana.client, dana.contract, made.get_json()["secret"])
    assert laptop.file()["author"] == "Dana Levi"
    person("Dana Levi", north="reader")
    assert laptop.post("/incidents", incident()).status_code == 403


def test_a_token_is_shown_once_and_stored_hashed(app: Flask, person: Callable[..., Api]) -> None:
    dana = person("Dana Levi")
    body = {"name": "laptop"}
    first = dana.post("/tokens", body, Idempotency_Key="k").get_json()
    again = dana.post("/tokens", body, Idempotency_Key="k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == {**first, "secret": None}
    assert "secret" not in dana.get("/tokens").text
    with app.app_context():
        stored = [
            str(getattr(row, column.key))
            for table in (ApiToken, IdempotencyKey)
            for row in db.session.scalars(select(table))
            for column in table.__mapper__.column_attrs
        ]
    assert first["secret"] not in str(stored)


def test_a_token_cannot_create_a_stronger_one(person: Callable[..., Api]) -> None:
    boss = person("Boss", north="admin")
    weak = boss.post("/tokens", {"name": "weak", "scopes": ["manage"]}).get_json()["secret"]
    weak_boss = Api(boss.client, boss.contract, weak)
    stronger = weak_boss.post("/tokens", {"name": "strong", "scopes": ["write"]})
    assert (stronger.status_code, "Your own token lacks: write." in stronger.text) == (422, True)
    assert weak_boss.post("/tokens", {"name": "same"}).get_json()["scopes"] == ["manage", "read"]
    everything = {"name": "x", "team": "north", "role": "site_admin"}
    assert boss.post("/tokens", everything).status_code == 403
    assert boss.post("/tokens", {**everything, "team": "south", "role": "reader"}).status_code == 404
    assert person("Dana Levi", north="reviewer").post("/tokens", everything).status_code == 403
    assert boss.post("/tokens", {"name": "x", "team": "north"}).status_code == 422


def test_a_token_cannot_gain_rights_by_changing_accounts(person: Callable[..., Api]) -> None:
    site = person("Ada Admin", site_admin=True, scopes=[Scope.READ, Scope.MANAGE])
    own = site.get("/me").get_json()["user"]["id"]
    new = {"email": "x@example.com", "name": "X"}
    assert site.post("/users", {**new, "password": PASSWORD}).status_code == 403
    assert site.post("/users", {**new, "site_admin": True}).status_code == 403
    assert site.patch(f"/users/{own}", {"password": PASSWORD}, If_Match="*").status_code == 403
    assert site.patch(f"/users/{own}", {"language": "he"}, If_Match="*").status_code == 200
    boss = person("Boss", north="admin", scopes=[Scope.READ, Scope.MANAGE])
    for role, status in (("reviewer", 403), ("admin", 403), ("reader", 201)):
        put = boss.put("/teams/north/members/ada.admin@example.com", {"role": role}, If_Match="*")
        assert put.status_code == status


def test_a_token_cannot_outlive_the_one_that_created_it(person: Callable[..., Api]) -> None:
    dana = person("Dana Levi")
    short = dana.post("/tokens", {"name": "short", "days": 1}).get_json()
    caller = Api(dana.client, dana.contract, short["secret"])
    for days in (None, 30):
        made = caller.post("/tokens", {"name": "long", "days": days}).get_json()
        assert made["expires_at"] <= short["expires_at"]


def test_users_manage_their_own_tokens_and_administrators_those_of_their_team(
    person: Callable[..., Api],
) -> None:
    boss, dana = person("Boss", north="admin"), person("Dana Levi", north="reader")
    bot = boss.post("/tokens", {"name": "bot", "team": "north", "role": "reader"}).get_json()
    danas = dana.post("/tokens", {"name": "laptop"}).get_json()
    assert [row["name"] for row in dana.get("/tokens").get_json()["items"]] == ["laptop", "test"]
    assert dana.delete(f"/tokens/{bot['id']}").status_code == 404
    assert boss.delete(f"/tokens/{danas['id']}").status_code == 404
    caller = Api(boss.client, boss.contract, bot["secret"])
    assert caller.get("/incidents").status_code == 200
    assert boss.delete(f"/tokens/{bot['id']}").status_code == 204
    assert caller.get("/incidents").status_code == 401
