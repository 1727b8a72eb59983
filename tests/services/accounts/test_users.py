"""User accounts, as their owner and an administrator change them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.accounts import PASSWORD, sign_in, sign_up
from tests.support.api import Api


class TestOwnAccount:
    def test_a_new_password_needs_the_current_one_and_ends_other_sessions(
        self, site: Api, anonymous: Api
    ) -> None:
        sign_up(site)
        first, second = (
            Api(anonymous.client, anonymous.contract, sign_in(anonymous).get_json()["token"])
            for _ in range(2)
        )
        new = {"password": "another good password"}
        assert first.patch("/me", {**new, "current_password": "x"}, If_Match='"1"').status_code == 422
        short = {"password": "short", "current_password": PASSWORD}
        assert first.patch("/me", short, If_Match='"1"').status_code == 422
        changed = first.patch("/me", {**new, "current_password": PASSWORD}, If_Match='"1"')
        assert changed.headers["ETag"] == '"2"'
        assert first.get("/me").status_code == 200
        assert second.get("/me").status_code == 401
        assert sign_in(anonymous).status_code == 401
        assert sign_in(anonymous, password="another good password").status_code == 201

    def test_a_token_holder_cannot_guess_the_password(self, site: Api, anonymous: Api) -> None:
        sign_up(site)
        dana = Api(anonymous.client, anonymous.contract, sign_in(anonymous).get_json()["token"])
        body = {"password": "another good password", "current_password": "wrong"}
        assert dana.patch("/me", body, If_Match='"9"').status_code == 412
        statuses = [dana.patch("/me", body, If_Match='"1"').status_code for _ in range(11)]
        assert statuses == [422] * 10 + [429]
        failed = site.get("/audit", event="login_failed").get_json()["items"]
        assert len(failed) == 10

    def test_an_account_change_requires_its_current_version(self, site: Api) -> None:
        assert site.patch("/me", {"language": "he"}).status_code == 428
        assert site.patch("/me", {"language": "he"}, If_Match='"7"').status_code == 412
        assert site.patch("/me", {"language": "he"}, If_Match='"1"').status_code == 200
        assert site.patch("/me", {"time_zone": "Mars/Phobos"}, If_Match="*").status_code == 422

    def test_a_team_token_is_not_a_user(self, contributor: Api) -> None:
        me = contributor.get("/me").get_json()
        assert (me["user"], me["teams"]) == (None, [{"team": "main", "role": "contributor"}])
        assert contributor.patch("/me", {"language": "he"}, If_Match="*").status_code == 403


class TestUsers:
    @pytest.mark.parametrize(
        ("changes", "status", "pointer"),
        [
            ({"email": "DANA@example.com"}, 409, "/email"),
            ({"name": "dana  levi"}, 409, "/name"),
            ({"name": "Operator"}, 422, "/name"),
            ({"name": "bot of main"}, 409, "/name"),
            ({"email": "nonsense"}, 422, "/email"),
            ({"password": "short"}, 422, "/password"),
            ({"password": "aaaaaaaaaaaaaa"}, 422, "/password"),
            ({"password": "passwordpassword"}, 422, "/password"),
            ({"name": "No\u200ba"}, 422, "/name"),
            ({"name": "\u202enoA"}, 422, "/name"),
            ({"name": "No\ufe0fa"}, 422, "/name"),
            ({"name": "Noa\u3164"}, 422, "/name"),
            ({"name": "No\ta"}, 422, "/name"),
            ({"name": "Dana\u200d Levi"}, 409, "/name"),
            ({"time_zone": "nowhere"}, 422, "/time_zone"),
            ({"language": "klingonese"}, 422, "/language"),
        ],
    )
    def test_a_user_cannot_impersonate_another_name(
        self, site: Api, changes: dict[str, str], status: int, pointer: str
    ) -> None:
        sign_up(site)
        site.post("/tokens", {"name": "bot of main", "team": "main", "role": "reader"})
        response = site.post("/users", {"email": "noa@example.com", "name": "Noa", **changes})
        assert response.status_code == status
        assert [error["pointer"] for error in response.get_json()["errors"]] == [pointer]

    def test_a_disabled_user_is_rejected_from_the_next_request_on(
        self, site: Api, person: Callable[..., Api]
    ) -> None:
        dana = person("Dana Levi", main="contributor")
        filed = dana.file()
        user = dana.get("/me").get_json()["user"]["id"]
        assert site.patch(f"/users/{user}", {"disabled": True}, If_Match='"1"').status_code == 200
        assert dana.get("/incidents").status_code == 401
        assert site.get(f"/incidents/{filed['id']}").get_json()["author"] == "Dana Levi"
        assert site.patch(f"/users/{user}", {"disabled": False}, If_Match='"2"').status_code == 200
        assert dana.get("/incidents").status_code == 200

    def test_a_patch_of_several_fields_is_one_version(self, site: Api) -> None:
        user = site.post("/users", {"email": "noa@example.com", "name": "Noa"}).get_json()
        changes = {
            "name": "Noa Cohen",
            "email": "noa.cohen@example.com",
            "language": "he",
            "site_admin": True,
            "disabled": True,
            "password": PASSWORD,
        }
        patched = site.patch(f"/users/{user['id']}", changes, If_Match=f'"{user["version"]}"')
        assert patched.status_code == 200
        assert patched.get_json()["version"] == user["version"] + 1

    def test_the_conflict_over_an_email_names_the_field(self, site: Api) -> None:
        sign_up(site)
        user = site.post("/users", {"email": "noa@example.com", "name": "Noa"}).get_json()
        taken = site.patch(f"/users/{user['id']}", {"email": "dana@example.com"}, If_Match="*")
        assert taken.status_code == 409
        assert [error["pointer"] for error in taken.get_json()["errors"]] == ["/email"]
