"""The administrator's token that the first start prints."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kb.domain.permissions import Role, Scope
from kb.services.accounts import sessions, tokens, users
from kb.services.accounts.authentication import authenticate
from kb.services.accounts.token_revocation import revoke_token
from kb.services.core.authorization import ANY
from kb.services.core.system_actors import OPERATOR
from kb.services.operations.first_token import create_first_token

pytestmark = pytest.mark.usefixtures("inside_any_app")


def new_user(name: str = "Dana", *, site_admin: bool = True) -> int:
    data = {
        "email": f"{name.lower()}@example.com",
        "name": name,
        "site_admin": site_admin,
        "password": "a good password",
    }
    number: int = users.create_user(OPERATOR, data)["id"]
    return number


def test_it_is_created_once_and_may_do_everything() -> None:
    secret = create_first_token()
    assert secret is not None
    assert authenticate(secret).role is Role.SITE_ADMIN
    assert create_first_token() is None


def test_tokens_of_others_do_not_count() -> None:
    tokens.create_team_token("bot", Role.CONTRIBUTOR)
    tokens.create_team_token("the team's administrator", Role.ADMIN)
    tokens.create_team_token("reading", Role.SITE_ADMIN, scopes=[Scope.READ])
    tokens.create_user_token(new_user("Noa", site_admin=False), "laptop")
    secret = create_first_token()
    assert secret is not None
    assert authenticate(secret).role is Role.SITE_ADMIN


def test_a_token_that_is_not_valid_does_not_count() -> None:
    revoke_token(tokens.create_team_token("revoked", Role.SITE_ADMIN).id)
    tokens.create_team_token("expired", Role.SITE_ADMIN, lifetime=timedelta(seconds=-1))
    number = new_user()
    tokens.create_user_token(number, "laptop")
    users.update_user(OPERATOR, number, ANY, {"disabled": True})
    secret = create_first_token()
    assert secret is not None
    assert authenticate(secret).role is Role.SITE_ADMIN


def test_a_session_does_not_count_but_an_administrators_own_token_does() -> None:
    number = new_user()
    sessions.sign_in("dana@example.com", "a good password")
    assert create_first_token() is not None
    for row in tokens.list_tokens():
        revoke_token(row["id"])
    tokens.create_user_token(number, "laptop")
    assert create_first_token() is None


def test_a_user_called_administrator_is_in_nobodys_way() -> None:
    new_user("Administrator", site_admin=False)
    assert create_first_token() is not None
    assert [row["name"] for row in tokens.list_tokens()] == ["administrator 2"]
