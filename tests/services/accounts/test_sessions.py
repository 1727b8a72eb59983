"""Signing in and out with a password."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from kb.models import User, db
from tests.support.accounts import PASSWORD, sign_in, sign_up
from tests.support.api import Api


def test_a_session_lasts_until_sign_out(site: Api, anonymous: Api) -> None:
    sign_up(site, language="he", time_zone="Asia/Jerusalem")
    session = sign_in(anonymous, "Dana@Example.com ")
    assert (session.status_code, session.headers["Cache-Control"]) == (201, "no-store")
    dana = Api(anonymous.client, anonymous.contract, session.get_json()["token"])
    me = dana.get("/me").get_json()
    assert (me["name"], me["user"]["email"], me["teams"]) == ("Dana Levi", "dana@example.com", [])
    assert dana.delete("/sessions/current").status_code == 204
    assert dana.get("/me").status_code == 401


def test_responses_use_the_language_of_the_user_by_default(site: Api, anonymous: Api) -> None:
    sign_up(site, language="he")
    dana = Api(anonymous.client, anonymous.contract, sign_in(anonymous).get_json()["token"])
    assert dana.get("/incidents/1").get_json()["language"] == "he"
    assert dana.get("/incidents/1", lang="en").get_json()["language"] == "en"
    assert anonymous.get("/incidents/1").get_json()["language"] == "en"


def test_every_failed_sign_in_gets_the_same_response(site: Api, anonymous: Api) -> None:
    disabled = sign_up(site)
    site.patch(f"/users/{disabled['id']}", {"disabled": True}, If_Match='"1"')
    site.post("/users", {"email": "noa@example.com", "name": "Noa"})
    answers = {
        sign_in(anonymous, *tried).text
        for tried in (
            ("dana@example.com", PASSWORD),
            ("noa@example.com", ""),
            ("nobody@example.com", "x"),
        )
    }
    assert len(answers) == 1
    assert '"status": 401' in answers.pop()


def test_only_a_hash_of_the_password_is_stored(app: Flask, site: Api) -> None:
    sign_up(site)
    with app.app_context():
        stored = db.session.scalar(select(User.password_hash).where(User.email == "dana@example.com"))
    assert stored is not None
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_a_token_that_is_not_a_session_cannot_sign_out(site: Api) -> None:
    assert site.delete("/sessions/current").status_code == 404
    assert site.get("/me").status_code == 200


def test_signing_out_everywhere_else_ends_the_other_sessions_of_that_user_only(
    site: Api, anonymous: Api
) -> None:
    sign_up(site)
    here, elsewhere = (
        Api(anonymous.client, anonymous.contract, sign_in(anonymous).get_json()["token"]) for _ in range(2)
    )
    laptop = Api(
        anonymous.client, anonymous.contract, here.post("/tokens", {"name": "laptop"}).get_json()["secret"]
    )
    assert here.delete("/sessions/others").status_code == 204
    assert elsewhere.get("/me").status_code == 401
    assert [api.get("/me").status_code for api in (here, laptop, site)] == [200, 200, 200]
    revoked = [entry for entry in site.get("/audit", event="token_revoked").get_json()["items"]]
    assert len(revoked) == 1


def test_a_token_of_a_team_has_no_sessions_to_end(site: Api, as_role: Callable[..., Api]) -> None:
    assert as_role("admin").delete("/sessions/others").status_code == 403
