"""Guessing passwords and tokens is slowed down."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from kb.config import Settings
from kb.factory import create_app
from kb.models import FailedAttempt, db
from kb.services.accounts import rate_limits
from tests.support.accounts import PASSWORD, sign_in, sign_up
from tests.support.api import Api, callers, people, running


def test_after_five_failures_even_the_right_password_must_wait(site: Api, anonymous: Api) -> None:
    sign_up(site)
    statuses = [sign_in(anonymous, password="wrong").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    refused = sign_in(anonymous)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 901
    # Other users can still sign in.
    site.post("/users", {"email": "noa@example.com", "name": "Noa", "password": PASSWORD})
    assert sign_in(anonymous, "noa@example.com").status_code == 201


def test_a_clock_that_is_set_back_locks_nobody_out(site: Api, anonymous: Api, app: Flask) -> None:
    sign_up(site)
    for _ in range(5):
        sign_in(anonymous, password="wrong")
    assert sign_in(anonymous).status_code == 429
    with app.app_context():
        for attempt in db.session.scalars(select(FailedAttempt)):
            attempt.at += timedelta(hours=1)
        db.session.commit()
    assert sign_in(anonymous).status_code == 201


def test_concurrent_guesses_cannot_exceed_the_limit(any_app: Flask, any_person: Callable[..., Api]) -> None:
    site = any_person("Ada Admin", site_admin=True)
    sign_up(site)

    def guess(number: int) -> int:
        api = Api(any_app.test_client(), site.contract)
        status: int = sign_in(api, password=f"wrong {number}").status_code
        return status

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(guess, range(16)))
    answered = [status for status in statuses if status != 503]  # a busy machine may put some off
    assert sorted(answered) == [401] * 5 + [429] * (len(answered) - 5)


def test_workers_share_their_counts(settings: Settings) -> None:
    workers = [create_app(settings) for _ in range(2)]
    site = people(workers[0])("Ada Admin", site_admin=True)
    sign_up(site)
    apis = [callers(app)() for app in workers]
    statuses = [sign_in(apis[n % 2], password="wrong").status_code for n in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    for app in workers:
        with app.app_context():
            db.engine.dispose()


def test_a_sign_in_resets_the_failure_count(site: Api, anonymous: Api) -> None:
    sign_up(site)
    for _ in range(2):
        for _ in range(4):
            assert sign_in(anonymous, password="wrong").status_code == 401
        assert sign_in(anonymous).status_code == 201


def test_guessed_tokens_are_throttled_while_a_valid_one_still_works(
    site: Api, anonymous: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = rate_limits.INVALID_TOKEN_BY_NETWORK
    # A slow machine may not make so many requests in the minute that the limit is for.
    monkeypatch.setattr(rate_limits, "INVALID_TOKEN_BY_NETWORK", limit._replace(window=timedelta(days=1)))
    statuses = [
        anonymous.get("/incidents", headers={"Authorization": f"Bearer kb_{n}"}).status_code
        for n in range(32)
    ]
    assert statuses == [401] * 30 + [429] * 2
    assert site.get("/incidents").status_code == 200


def test_behind_a_proxy_clients_are_counted_separately(settings: Settings) -> None:
    for app in running(replace(settings, proxies=1)):
        site = people(app)("Ada Admin", site_admin=True)
        sign_up(site)
        anonymous = callers(app)()

        def tried(address: str, anonymous: Api = anonymous) -> int:
            body = {"email": "dana@example.com", "password": "wrong"}
            headers = {"X-Forwarded-For": f"198.51.100.99, {address}"}
            return anonymous.request("POST", "/sessions", json=body, headers=headers).status_code

        assert [tried("192.0.2.1") for _ in range(6)][-1] == 429
        assert tried("192.0.2.2") == 401
        # IPv6 addresses of one network count together.
        assert [tried(f"2001:db8::{n}") for n in range(6)][-1] == 429


def test_attackers_cannot_lock_a_user_out_of_a_known_address(settings: Settings) -> None:
    for app in running(replace(settings, proxies=1)):
        site = people(app)("Ada Admin", site_admin=True)
        sign_up(site)
        anonymous = callers(app)()

        def tried(address: str, password: str = "wrong", anonymous: Api = anonymous) -> int:
            body = {"email": "dana@example.com", "password": password}
            headers = {"X-Forwarded-For": address}
            return anonymous.request("POST", "/sessions", json=body, headers=headers).status_code

        assert tried("192.0.2.1", PASSWORD) == 201
        assert 429 in [tried(f"198.51.100.{n // 5}") for n in range(52)]
        assert tried("203.0.113.9", PASSWORD) == 429
        assert tried("192.0.2.1", PASSWORD) == 201
        assert tried("2001:db8:1::5", PASSWORD) == 429


def test_an_unreadable_address_from_a_proxy_counts_as_one_address(settings: Settings) -> None:
    for app in running(replace(settings, proxies=1)):
        site = people(app)("Ada Admin", site_admin=True)
        sign_up(site)
        anonymous = callers(app)()
        statuses = []
        for sent in ("x" * 5_000, "192.0.2.1:1", "192.0.2.1:2", "[2001:db8::1]:3", "2001:db8::2", "é"):
            body = {"email": "dana@example.com", "password": PASSWORD}
            headers = {"X-Forwarded-For": sent.encode().decode("latin-1")}
            statuses.append(anonymous.request("POST", "/sessions", json=body, headers=headers).status_code)
        assert statuses == [201] * 6
        told = [entry["address"] for entry in site.get("/audit", event="login").get_json()["items"]]
        assert told[::-1] == [
            "unreadable", "192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2", "unreadable",
        ]  # fmt: skip
