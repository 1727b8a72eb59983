"""Signing in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kb.models import User, db
from tests.support.api import Api

PASSWORD = "correct horse battery staple"


@pytest.fixture
def site(person: Callable[..., Api]) -> Api:
    return person("Ada Admin", site_admin=True)


def _sign_up(site: Api, email: str = "dana@example.com", **more: Any) -> dict[str, Any]:
    response = site.post("/users", {"email": email, "name": "Dana Levi", "password": PASSWORD, **more})
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.get_json()
    return found


def _sign_in(api: Api, email: str = "dana@example.com", password: str = PASSWORD) -> Any:
    return api.post("/sessions", {"email": email, "password": password})


def test_a_session_lasts_until_one_signs_out(site: Api, anonymous: Api) -> None:
    _sign_up(site, language="he", time_zone="Asia/Jerusalem")
    session = _sign_in(anonymous, "Dana@Example.com ")
    assert (session.status_code, session.headers["Cache-Control"]) == (201, "no-store")
    dana = Api(anonymous.client, anonymous.contract, session.get_json()["token"])
    me = dana.get("/me").get_json()
    assert (me["name"], me["user"]["email"], me["teams"]) == ("Dana Levi", "dana@example.com", [])
    assert dana.delete("/sessions/current").status_code == 204
    assert dana.get("/me").status_code == 401


def test_answers_come_in_the_users_language_unless_asked_otherwise(site: Api, anonymous: Api) -> None:
    _sign_up(site, language="he")
    dana = Api(anonymous.client, anonymous.contract, _sign_in(anonymous).get_json()["token"])
    assert dana.get("/incidents/1").get_json()["language"] == "he"
    assert dana.get("/incidents/1", lang="en").get_json()["language"] == "en"
    assert anonymous.get("/incidents/1").get_json()["language"] == "en"


def test_whatever_is_wrong_is_told_in_the_same_words(site: Api, anonymous: Api) -> None:
    disabled = _sign_up(site)
    site.patch(f"/users/{disabled['id']}", {"disabled": True}, If_Match='"1"')
    site.post("/users", {"email": "noa@example.com", "name": "Noa"})
    answers = {
        _sign_in(anonymous, *tried).text
        for tried in (
            ("dana@example.com", PASSWORD),
            ("noa@example.com", ""),
            ("nobody@example.com", "x"),
        )
    }
    assert len(answers) == 1
    assert '"status": 401' in answers.pop()


def test_only_a_hash_of_the_password_is_stored(app: Flask, site: Api) -> None:
    _sign_up(site)
    with app.app_context():
        stored = db.session.scalar(select(User.password_hash).where(User.email == "dana@example.com"))
    assert stored is not None
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_a_token_that_signs_nobody_in_cannot_sign_out(site: Api) -> None:
    assert site.delete("/sessions/current").status_code == 404
    assert site.get("/me").status_code == 200
