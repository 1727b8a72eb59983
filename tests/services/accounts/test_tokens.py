"""Tokens of teams and users: shown once, stored hashed, and never stronger than their creator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kb.domain.permissions import Role, Scope
from kb.errors import InvalidInput, NotAuthenticated
from kb.models import ApiToken, IdempotencyKey, db
from kb.services.accounts import authentication, token_revocation, tokens
from kb.services.operations import bootstrap
from tests.support.accounts import PASSWORD
from tests.support.api import Api
from tests.support.incidents import incident


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        bootstrap.prepare_if_needed()
        yield


@pytest.mark.usefixtures("inside")
class TestTeamToken:
    def test_it_acts_with_its_name_role_and_team(self) -> None:
        made = tokens.create_team_token("newsletter", Role.CONTRIBUTOR)
        actor = authentication.authenticate(made.secret)
        assert (actor.name, actor.token_id) == ("newsletter", made.id)
        assert [*actor.roles.values()] == [Role.CONTRIBUTOR]

    def test_only_its_digest_is_stored(self) -> None:
        secret = tokens.create_team_token("newsletter", Role.ADMIN).secret
        row = db.session.scalar(select(ApiToken))
        assert row is not None
        assert secret not in {str(getattr(row, column.key)) for column in ApiToken.__mapper__.column_attrs}
        assert len(secret) >= 43

    def test_it_is_rejected_once_revoked(self) -> None:
        made = tokens.create_team_token("newsletter", Role.ADMIN)
        token_revocation.revoke_token(made.id)
        with pytest.raises(NotAuthenticated):
            authentication.authenticate(made.secret)
        assert [row["valid"] for row in tokens.list_tokens()] == [False]

    def test_it_is_rejected_once_expired(self) -> None:
        made = tokens.create_team_token("newsletter", Role.ADMIN, lifetime=timedelta(seconds=-1))
        with pytest.raises(NotAuthenticated):
            authentication.authenticate(made.secret)

    @pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb\x1b"])
    def test_it_needs_a_printable_name(self, name: str) -> None:
        with pytest.raises(InvalidInput):
            tokens.create_team_token(name, Role.ADMIN)

    def test_it_needs_an_existing_team(self) -> None:
        with pytest.raises(InvalidInput):
            tokens.create_team_token("newsletter", Role.ADMIN, team="nowhere")


def test_the_next_request_with_a_revoked_token_is_rejected(app: Flask, as_role: Callable[..., Api]) -> None:
    reader = as_role("reader")
    assert reader.get("/incidents").status_code == 200
    with app.app_context():
        (row,) = tokens.list_tokens()
        token_revocation.revoke_token(row["id"])
    assert reader.get("/incidents").status_code == 401


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
