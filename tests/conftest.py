"""What the tests share: a real database (SQLite, PostgreSQL), a real index, and a client that holds every
answer to openapi.yaml."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from contract import Contract
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.domain.permissions import ALL_SCOPES, Role
from kb.factory import create_app
from kb.models import User, db
from kb.services.accounts import memberships, teams, tokens, users
from kb.services.core.authorization import ANY_VERSION
from kb.services.core.system_actors import OPERATOR
from kb.services.operations import bootstrap

REPOSITORY = Path(__file__).parent.parent


@dataclass
class Api:
    """The API as one caller sees it; every answer is checked against openapi.yaml."""

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
        """Take a step of the workflow, as of the version that is there."""
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


def incident(**changes: Any) -> dict[str, Any]:
    """The smallest incident that can be filed, with some fields changed or added; None leaves one out."""
    body = {
        "language": "en",
        "organization": "Acme",
        "title": "A reply went out from the wrong account",
        "summary": "A private joke was published on the brand's account.",
        "cause": "Two accounts were open in one scheduling tool.",
        "outcome": "Deleted after ten minutes, with an apology.",
        "occurred_on": "2019-03-02",
        "category": "wrong-account",
        "lessons": [{"text": "Keep personal and brand accounts in different tools."}],
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def stored(answer: TestResponse) -> dict[str, Any]:
    """The incident in the answer to a write, without what is said beside it."""
    body = answer.get_json()
    return {name: value for name, value in body.items() if name not in ("notes", "likely_duplicates")}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start leaves it, to be copied by each test."""
    folder = tmp_path_factory.mktemp("prepared")
    with create_app(Settings(data_dir=folder)).app_context():
        bootstrap.prepare()
        db.engine.dispose()
    return folder


@pytest.fixture
def settings(prepared: Path, tmp_path: Path) -> Settings:
    """Settings on a data folder of the test's own, with the six cases in it."""
    folder = tmp_path / "kb-data"
    shutil.copytree(prepared, folder)
    return Settings(data_dir=folder)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on SQLite."""
    yield from _running(settings)


def _running(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def as_role(app: Flask) -> Callable[..., Api]:
    """The API as a caller with a role sees it: `as_role("reviewer", team="north")`."""
    return _callers(app)


def _callers(app: Flask) -> Callable[..., Api]:
    contract = Contract(REPOSITORY / "openapi.yaml")

    def caller(role: str | None = None, team: str = tokens.MAIN_TEAM) -> Api:
        if role is None:
            return Api(app.test_client(), contract)
        with app.app_context():
            bootstrap.prepare_if_needed()
            if team not in {row["key"] for row in teams.list_teams(OPERATOR)}:
                teams.create_team(team, actor=OPERATOR)
            secret = tokens.create_token(f"{role} of {team}", Role[role.upper()], team=team).secret
            db.session.remove()
        return Api(app.test_client(), contract, secret)

    return caller


def _people(app: Flask) -> Callable[..., Api]:
    contract = Contract(REPOSITORY / "openapi.yaml")

    def person(name: str, *, site_admin: bool = False, scopes: Any = ALL_SCOPES, **roles: str) -> Api:
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
                memberships.set_member(
                    OPERATOR, team, str(user_id), frozenset({ANY_VERSION}), Role[role.upper()]
                )
            secret = tokens.create_user_token(user_id, "test", scopes=scopes).secret
            db.session.remove()
        return Api(app.test_client(), contract, secret)

    return person


@pytest.fixture
def person(app: Flask) -> Callable[..., Api]:
    """The API as a user sees it: `person("Dana", north="reviewer", south="reader")`."""
    return _people(app)


@pytest.fixture
def anonymous(as_role: Callable[..., Api]) -> Api:
    return as_role()


@pytest.fixture
def admin(as_role: Callable[..., Api]) -> Api:
    return as_role("site_admin")


@pytest.fixture
def contributor(as_role: Callable[..., Api]) -> Api:
    return as_role("contributor")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of this session's own; skipped where PostgreSQL is not installed."""
    initdb = shutil.which("initdb") or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None
    )
    if initdb is None:
        if os.environ.get("KB_TEST_POSTGRES") == "required":
            pytest.fail("PostgreSQL is not installed, and KB_TEST_POSTGRES=required")
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="kb-postgres-"))
    as_user = _unprivileged(folder)
    binaries = Path(initdb).parent
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    _run(as_user, initdb, "-D", data, "-U", "kb", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _run(as_user, binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql://kb@127.0.0.1:{port}"
    finally:
        _run(as_user, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: how to run it as somebody else, where the tests are run by root."""
    if os.getuid() != 0:
        return []
    user = "postgres"
    shutil.chown(folder, user)
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def _run(as_user: list[str], *command: object) -> None:
    subprocess.run(
        [*as_user, *map(str, command)],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def any_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings on SQLite, and once more on PostgreSQL."""
    if request.param == "sqlite":
        return settings
    url = request.getfixturevalue("postgres")
    name = f"kb_{os.getpid()}_{abs(hash(request.node.nodeid))}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    shutil.rmtree(settings.index_dir)
    return replace(settings, database_url=f"{url}/{name}")


@pytest.fixture
def any_app(any_settings: Settings) -> Iterator[Flask]:
    """The application on SQLite, and once more on PostgreSQL."""
    yield from _running(any_settings)


@pytest.fixture
def any_role(any_app: Flask) -> Callable[..., Api]:
    """`as_role`, on SQLite, and once more on PostgreSQL."""
    return _callers(any_app)


@pytest.fixture
def any_person(any_app: Flask) -> Callable[..., Api]:
    """`person`, on SQLite, and once more on PostgreSQL."""
    return _people(any_app)
