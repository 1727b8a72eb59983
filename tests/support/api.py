"""API clients for callers of every role, which check every response against openapi.yaml."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.domain.permissions import ALL_SCOPES, Role
from kb.factory import create_app
from kb.models import User, db
from kb.models.base import close_connections
from kb.services.accounts import memberships, teams, tokens, users
from kb.services.core import change_feed
from kb.services.core.authorization import ANY
from kb.services.core.system_actors import OPERATOR
from kb.services.operations import bootstrap
from tests.support.contract import Contract, committed_contract
from tests.support.incidents import incident
from tests.support.tracing import traced_once
from tests.support.waiting import PATIENCE

REPOSITORY = Path(__file__).parents[2]


@dataclass
class Api:
    """The API as one caller sees it. Every response is checked against openapi.yaml."""

    client: FlaskClient
    contract: Contract
    token: str | None = None

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        response = self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)
        self.contract.check(method, path.partition("?")[0], response)
        return response

    def get(self, path: str, **query: Any) -> TestResponse:
        headers = query.pop("headers", {})
        return self.request("GET", path, query_string=query, headers=headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        options = {} if body is None else {"json": body}
        return self.request("POST", path, headers=_header_names(headers), **options)

    def patch(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.request("PATCH", path, json=body, headers=_header_names(headers))

    def put(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.request("PUT", path, json=body, headers=_header_names(headers))

    def step(self, path: str, step: str, if_match: str | None = None, **body: Any) -> TestResponse:
        """Take a step of the workflow, by default on the current version."""
        version = if_match or self.get(path).headers.get("ETag", '"1"')
        return self.post(f"{path}/events", {"step": step, **body}, If_Match=version)

    def delete(self, path: str, **headers: str) -> TestResponse:
        return self.request("DELETE", path, headers=_header_names(headers))

    def file(self, **changes: Any) -> dict[str, Any]:
        """File an incident and return it."""
        response = self.post("/incidents", incident(**changes))
        assert response.status_code == 201, response.text
        body: dict[str, Any] = response.get_json()
        return body


def _header_names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def running(settings: Settings) -> Iterator[Flask]:
    """Yield the application, and close its connections afterwards."""
    app = traced_once(_form(settings), create_app, settings)
    yield app
    for thread in threading.enumerate():
        if thread.name.startswith("import-"):
            thread.join(PATIENCE)
    with app.app_context():
        db.session.remove()
        close_connections()


@contextmanager
def only_read(app: Flask) -> Iterator[None]:
    """Fail at the end if a test has meanwhile changed an incident of an application that others share."""
    with app.app_context():
        before = change_feed.position()
    yield
    with app.app_context():
        assert change_feed.position() == before, "a test has written to the shared application"


def _form(settings: Settings) -> Settings:
    """The settings without what differs in each test: the folder and the database, except for its kind."""
    kind, _, address = settings.database_url.partition(":")
    replica = "a replica" if settings.database_read_url else ""
    return replace(
        settings,
        data_dir=Path("a folder"),
        database_url=kind if address.startswith("//") else settings.database_url,
        database_read_url=replica,
    )


def callers(app: Flask) -> Callable[..., Api]:
    """A function that makes API clients by role: `caller("reviewer", team="north")`, or `caller()`."""
    contract = committed_contract()
    database = _database_of(app)

    def make_token(role: str, team: str) -> str:
        with app.app_context():
            bootstrap.prepare_if_needed()
            if team not in {row["key"] for row in teams.list_teams(OPERATOR)}:
                teams.create_team(team, actor=OPERATOR)
            secret = tokens.create_team_token(f"{role} of {team}", Role[role.upper()], team=team).secret
            db.session.remove()
        return secret

    def caller(role: str | None = None, team: str = teams.MAIN_TEAM) -> Api:
        if role is None:
            return Api(app.test_client(), contract)
        secret = traced_once(("caller", database, team), make_token, role, team)
        return Api(app.test_client(), contract, secret)

    return caller


def people(app: Flask) -> Callable[..., Api]:
    """A function that makes API clients of users: `person("Dana", north="reviewer")`."""
    contract = committed_contract()
    database = _database_of(app)

    def make_user(name: str, site_admin: bool, scopes: Any, roles: dict[str, str]) -> str:
        with app.app_context():
            bootstrap.prepare_if_needed()
            email = f"{name.lower().replace(' ', '.')}@example.com"
            if (user := db.session.scalar(select(User).where(User.email == email))) is None:
                data = {"email": email, "name": name, "site_admin": site_admin}
                user_id = users.create_user(OPERATOR, data)["id"]
            else:
                user_id = user.id
            for team, role in roles.items():
                if team not in {row["key"] for row in teams.list_teams(OPERATOR)}:
                    teams.create_team(team, actor=OPERATOR)
                memberships.set_member(OPERATOR, team, str(user_id), ANY, Role[role.upper()])
            secret = tokens.create_user_token(user_id, "test", scopes=scopes).secret
            db.session.remove()
        return secret

    def person(name: str, *, site_admin: bool = False, scopes: Any = ALL_SCOPES, **roles: str) -> Api:
        form = ("person", database, site_admin, len(roles))
        return Api(app.test_client(), contract, traced_once(form, make_user, name, site_admin, scopes, roles))

    return person


def _database_of(app: Flask) -> str:
    """The kind of database of an application."""
    kind: str = app.config["SQLALCHEMY_DATABASE_URI"].partition(":")[0]
    return kind
