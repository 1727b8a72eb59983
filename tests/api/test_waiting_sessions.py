"""Signing in and out, and exports, while another program holds the write lock of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from kb.config import Settings
from kb.errors import Throttled
from kb.factory import create_app
from kb.models import ApiToken, FailedAttempt, db
from kb.services.accounts import rate_limits
from tests.support.accounts import PASSWORD, sign_in, sign_up
from tests.support.api import Api, callers
from tests.support.busy_database import locked, nothing_in_background, recorded, spool_of, store_what_waits
from tests.support.waiting import eventually


@pytest.fixture
def other_worker(settings: Settings) -> Iterator[Flask]:
    """An application that shares only the files with `app`."""
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def admin(person: Callable[..., Api]) -> Api:
    """The site's administrator, who has created the account of Dana."""
    admin = person("Ada Admin", site_admin=True)
    sign_up(admin)
    return admin


def _as(api: Api, token: str, app: Flask | None = None) -> Api:
    return Api(api.client if app is None else app.test_client(), api.contract, token)


def test_a_session_that_begins_while_the_lock_is_held_is_one_in_every_worker(
    settings: Settings, admin: Api, anonymous: Api, app: Flask, other_worker: Flask
) -> None:
    with locked(settings.sqlite_path):
        signed_in = sign_in(anonymous)
        assert signed_in.status_code == 201
        token = signed_in.get_json()["token"]
        for worker in (app, other_worker):
            me = _as(anonymous, token, worker).get("/me").get_json()
            assert (me["name"], me["user"]["email"]) == ("Dana Levi", "dana@example.com")
    store_what_waits(app)
    assert not spool_of(settings.sqlite_path).exists()
    for worker in (app, other_worker):
        assert _as(anonymous, token, worker).get("/me").status_code == 200
    with app.app_context():
        assert db.session.scalar(select(func.count(ApiToken.id)).where(ApiToken.is_session)) == 1
        assert db.session.scalar(select(func.count(FailedAttempt.id))) == 0
    assert recorded(app) == ["login"]


def test_a_session_may_end_before_it_is_stored(
    settings: Settings, admin: Api, anonymous: Api, app: Flask, other_worker: Flask
) -> None:
    with locked(settings.sqlite_path):
        token = sign_in(anonymous).get_json()["token"]
        assert _as(anonymous, token).delete("/sessions/current").status_code == 204
        assert _as(anonymous, token, other_worker).get("/me").status_code == 401
    store_what_waits(app)
    assert _as(anonymous, token).get("/me").status_code == 401
    assert recorded(app) == ["login", "logout"]


def test_a_stored_session_ends_while_the_lock_is_held(
    settings: Settings, admin: Api, anonymous: Api, app: Flask, other_worker: Flask
) -> None:
    token = sign_in(anonymous).get_json()["token"]
    with locked(settings.sqlite_path):
        assert _as(anonymous, token).delete("/sessions/current").status_code == 204
        assert _as(anonymous, token, other_worker).get("/me").status_code == 401
        assert admin.delete("/sessions/current").status_code == 404
    store_what_waits(app)
    assert _as(anonymous, token).get("/me").status_code == 401
    assert recorded(app) == ["login", "logout"]


def test_guesses_are_limited_in_all_workers_together_while_the_lock_is_held(
    settings: Settings, admin: Api, anonymous: Api, app: Flask, other_worker: Flask
) -> None:
    workers = [anonymous, callers(other_worker)()]
    assert sign_in(anonymous, password="wrong").status_code == 401
    with locked(settings.sqlite_path):
        statuses = [sign_in(workers[n % 2], password="wrong").status_code for n in range(6)]
        assert statuses == [401] * 4 + [429] * 2
        assert sign_in(anonymous).status_code == 429
    store_what_waits(app)
    assert [sign_in(worker).status_code for worker in workers] == [429, 429]
    assert recorded(app) == ["login_failed"] * 5


def test_concurrent_guesses_cannot_exceed_the_limit_when_the_lock_is_held_meanwhile(
    settings: Settings, admin: Api, app: Flask, other_worker: Flask
) -> None:
    def guess(number: int) -> int:
        api = Api((app, other_worker)[number % 2].test_client(), admin.contract)
        status: int = sign_in(api, password=f"wrong {number}").status_code
        return status

    with ThreadPoolExecutor(8) as pool:
        before = [*pool.map(guess, range(2))]
        with locked(settings.sqlite_path):
            guesses = [pool.submit(guess, number) for number in range(16)]
            wait(guesses[:8])
    statuses = before + [each.result() for each in guesses]
    assert (statuses.count(401), statuses.count(429)) == (5, 13)


def test_failures_count_for_whoever_began_to_read_before_they_were_stored(
    settings: Settings, app: Flask, other_worker: Flask
) -> None:
    limit = rate_limits.INVALID_TOKEN_BY_NETWORK._replace(max_failures=3, window=timedelta(days=1))
    with nothing_in_background(), app.app_context():
        with locked(settings.sqlite_path):
            for _ in range(3):
                rate_limits.count_failure(limit, "192.0.2.1")
        assert db.session.scalar(select(func.count(FailedAttempt.id))) == 0
        store_what_waits(other_worker)
        with pytest.raises(Throttled):
            rate_limits.count_failure(limit, "192.0.2.1")


def test_a_sign_in_resets_the_failure_count_while_the_lock_is_held(
    settings: Settings, admin: Api, anonymous: Api
) -> None:
    def fail_four_times() -> None:
        assert [sign_in(anonymous, password="wrong").status_code for _ in range(4)] == [401] * 4

    fail_four_times()
    with locked(settings.sqlite_path):
        for _ in range(2):
            assert sign_in(anonymous).status_code == 201
            fail_four_times()
    assert sign_in(anonymous).status_code == 201


def test_sign_ins_do_not_count_as_guesses_from_their_network(
    settings: Settings, admin: Api, anonymous: Api
) -> None:
    with locked(settings.sqlite_path):
        assert {sign_in(anonymous).status_code for _ in range(32)} == {201}


def test_a_new_password_ends_sessions_that_waited(settings: Settings, admin: Api, anonymous: Api) -> None:
    users = admin.get("/users").get_json()["items"]
    dana = next(user["id"] for user in users if user["name"] == "Dana Levi")
    with locked(settings.sqlite_path):
        token = sign_in(anonymous).get_json()["token"]
    body = {"password": "another good password"}
    assert admin.patch(f"/users/{dana}", body, If_Match="*").status_code == 200
    assert _as(anonymous, token).get("/me").status_code == 401


def test_a_password_that_is_changed_by_whoever_holds_the_lock_ends_sessions_that_wait(
    settings: Settings, admin: Api, anonymous: Api, app: Flask, other_worker: Flask
) -> None:
    with nothing_in_background(), closing(sqlite3.connect(settings.sqlite_path)) as other:
        other.execute(
            "UPDATE user_account SET password_hash = '', version = version + 1 WHERE name LIKE 'Dana%'"
        )
        token = sign_in(anonymous).get_json()["token"]
        assert _as(anonymous, token, other_worker).get("/me").status_code == 200
        other.commit()
        for worker in (app, other_worker):
            assert _as(anonymous, token, worker).get("/me").status_code == 401
        store_what_waits(app)
    assert _as(anonymous, token).get("/me").status_code == 401
    assert recorded(app) == ["login"]


def test_a_session_that_waited_outlives_the_password_that_it_changes(
    settings: Settings, admin: Api, anonymous: Api
) -> None:
    with locked(settings.sqlite_path):
        dana, elsewhere = (_as(anonymous, sign_in(anonymous).get_json()["token"]) for _ in range(2))
        etag = dana.get("/me").headers["ETag"]
    body = {"password": "another good password", "current_password": PASSWORD}
    assert dana.patch("/me", body, If_Match=etag).status_code == 200
    assert (dana.get("/me").status_code, elsewhere.get("/me").status_code) == (200, 401)


def test_signing_out_elsewhere_ends_sessions_that_waited(
    settings: Settings, admin: Api, anonymous: Api
) -> None:
    with locked(settings.sqlite_path):
        here, elsewhere = (_as(anonymous, sign_in(anonymous).get_json()["token"]) for _ in range(2))
        assert [api.get("/me").status_code for api in (here, elsewhere)] == [200, 200]
    assert here.delete("/sessions/others").status_code == 204
    assert [api.get("/me").status_code for api in (here, elsewhere)] == [200, 401]


def test_a_session_that_waited_writes_with_a_key_once(settings: Settings, admin: Api, anonymous: Api) -> None:
    body = {"email": "noa@example.com", "name": "Noa", "password": PASSWORD, "site_admin": True}
    assert admin.post("/users", body).status_code == 201
    with locked(settings.sqlite_path):
        noa = _as(anonymous, sign_in(anonymous, "noa@example.com").get_json()["token"])
    answers = [
        noa.post("/users", {"email": "gil@example.com", "name": "Gil"}, Idempotency_Key="once")
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json() == answers[1].get_json()


def test_exports_are_recorded_while_the_lock_is_held(settings: Settings, admin: Api, app: Flask) -> None:
    with locked(settings.sqlite_path):
        assert admin.get("/export").status_code == 200
        assert admin.get("/incidents", headers={"Accept": "text/csv"}).status_code == 200
        assert recorded(app) == []
    store_what_waits(app)
    assert recorded(app) == ["export", "export"]


def test_what_waits_is_stored_without_another_write(
    settings: Settings, admin: Api, anonymous: Api, app: Flask
) -> None:
    with locked(settings.sqlite_path):
        assert sign_in(anonymous).status_code == 201
    eventually(lambda: recorded(app) == ["login"])
    eventually(lambda: not spool_of(settings.sqlite_path).exists())
