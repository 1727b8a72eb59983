"""Tokens: shown once, stored hashed, gone when revoked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kb.domain.permissions import Role
from kb.errors import InvalidInput, NotAuthenticated
from kb.models import ApiToken, db
from kb.services.accounts import authentication, token_revocation, tokens
from kb.services.operations import bootstrap
from tests.support.api import Api


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        bootstrap.prepare()
        yield


@pytest.mark.usefixtures("inside")
class TestATokenMade:
    def test_it_acts_with_its_name_role_and_team(self) -> None:
        made = tokens.create_token("newsletter", Role.CONTRIBUTOR)
        actor = authentication.authenticate(made.secret)
        assert (actor.name, actor.token_id) == ("newsletter", made.id)
        assert [*actor.roles.values()] == [Role.CONTRIBUTOR]

    def test_only_its_digest_is_stored(self) -> None:
        secret = tokens.create_token("newsletter", Role.ADMIN).secret
        row = db.session.scalar(select(ApiToken))
        assert row is not None
        assert secret not in {str(getattr(row, column.key)) for column in ApiToken.__mapper__.column_attrs}
        assert len(secret) >= 43

    def test_it_is_rejected_once_revoked(self) -> None:
        made = tokens.create_token("newsletter", Role.ADMIN)
        token_revocation.revoke_token(made.id)
        with pytest.raises(NotAuthenticated):
            authentication.authenticate(made.secret)
        assert [row["valid"] for row in tokens.list_tokens()] == [False]

    def test_it_is_rejected_once_expired(self) -> None:
        made = tokens.create_token("newsletter", Role.ADMIN, lifetime=timedelta(seconds=-1))
        with pytest.raises(NotAuthenticated):
            authentication.authenticate(made.secret)

    @pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb\x1b"])
    def test_it_needs_a_printable_name(self, name: str) -> None:
        with pytest.raises(InvalidInput):
            tokens.create_token(name, Role.ADMIN)

    def test_it_needs_an_existing_team(self) -> None:
        with pytest.raises(InvalidInput):
            tokens.create_token("newsletter", Role.ADMIN, team="nowhere")


def test_the_next_request_with_a_revoked_token_is_rejected(app: Flask, as_role: Callable[..., Api]) -> None:
    reader = as_role("reader")
    assert reader.get("/incidents").status_code == 200
    with app.app_context():
        (row,) = tokens.list_tokens()
        token_revocation.revoke_token(row["id"])
    assert reader.get("/incidents").status_code == 401
