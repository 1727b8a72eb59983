"""Users sign in, belong to teams, hold tokens; who guesses is slowed down."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kb.config import Settings
from kb.domain.permissions import Scope
from kb.factory import create_app
from kb.models import ApiToken, IdempotencyKey, User, db
from tests.support.api import Api, callers, people, running
from tests.support.incidents import incident

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


class TestSigningIn:
    def test_a_session_lasts_until_one_signs_out(self, site: Api, anonymous: Api) -> None:
        _sign_up(site, language="he", time_zone="Asia/Jerusalem")
        session = _sign_in(anonymous, "Dana@Example.com ")
        assert (session.status_code, session.headers["Cache-Control"]) == (201, "no-store")
        dana = Api(anonymous.client, anonymous.contract, session.get_json()["token"])
        me = dana.get("/me").get_json()
        assert (me["name"], me["user"]["email"], me["teams"]) == ("Dana Levi", "dana@example.com", [])
        assert dana.delete("/sessions/current").status_code == 204
        assert dana.get("/me").status_code == 401

    def test_answers_come_in_the_users_language_unless_asked_otherwise(
        self, site: Api, anonymous: Api
    ) -> None:
        _sign_up(site, language="he")
        dana = Api(anonymous.client, anonymous.contract, _sign_in(anonymous).get_json()["token"])
        assert dana.get("/incidents/1").get_json()["language"] == "he"
        assert dana.get("/incidents/1", lang="en").get_json()["language"] == "en"
        assert anonymous.get("/incidents/1").get_json()["language"] == "en"

    def test_whatever_is_wrong_is_told_in_the_same_words(self, site: Api, anonymous: Api) -> None:
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

    def test_only_a_hash_of_the_password_is_stored(self, app: Flask, site: Api) -> None:
        _sign_up(site)
        with app.app_context():
            stored = db.session.scalar(select(User.password_hash).where(User.email == "dana@example.com"))
        assert stored is not None
        assert stored.startswith("$argon2id$")
        assert PASSWORD not in stored

    def test_a_token_that_signs_nobody_in_cannot_sign_out(self, site: Api) -> None:
        assert site.delete("/sessions/current").status_code == 404
        assert site.get("/me").status_code == 200


class TestThrottling:
    def test_after_five_failures_even_the_right_password_waits(self, site: Api, anonymous: Api) -> None:
        _sign_up(site)
        statuses = [_sign_in(anonymous, password="wrong").status_code for _ in range(6)]
        assert statuses == [401] * 5 + [429]
        refused = _sign_in(anonymous)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 901
        # Others are not kept from signing in.
        site.post("/users", {"email": "noa@example.com", "name": "Noa", "password": PASSWORD})
        assert _sign_in(anonymous, "noa@example.com").status_code == 201

    def test_many_at_once_do_not_outrun_the_limit(
        self, any_app: Flask, any_person: Callable[..., Api]
    ) -> None:
        site = any_person("Ada Admin", site_admin=True)
        _sign_up(site)

        def guess(number: int) -> int:
            api = Api(any_app.test_client(), site.contract)
            status: int = _sign_in(api, password=f"wrong {number}").status_code
            return status

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(guess, range(16)))
        assert (statuses.count(401), statuses.count(429)) == (5, 11)

    def test_workers_count_together(self, settings: Settings) -> None:
        workers = [create_app(settings) for _ in range(2)]
        site = people(workers[0])("Ada Admin", site_admin=True)
        _sign_up(site)
        apis = [callers(app)() for app in workers]
        statuses = [_sign_in(apis[n % 2], password="wrong").status_code for n in range(7)]
        assert statuses == [401] * 5 + [429] * 2
        for app in workers:
            with app.app_context():
                db.engine.dispose()

    def test_a_sign_in_forgives_the_failures_before_it(self, site: Api, anonymous: Api) -> None:
        _sign_up(site)
        for _ in range(2):
            for _ in range(4):
                assert _sign_in(anonymous, password="wrong").status_code == 401
            assert _sign_in(anonymous).status_code == 201

    def test_guessed_tokens_are_throttled_and_a_good_one_still_works(self, site: Api, anonymous: Api) -> None:
        statuses = [
            anonymous.get("/incidents", headers={"Authorization": f"Bearer kb_{n}"}).status_code
            for n in range(32)
        ]
        assert statuses == [401] * 30 + [429] * 2
        assert site.get("/incidents").status_code == 200

    def test_behind_a_proxy_each_client_is_counted_by_itself(self, settings: Settings) -> None:
        for app in running(replace(settings, proxies=1)):
            site = people(app)("Ada Admin", site_admin=True)
            _sign_up(site)
            anonymous = callers(app)()

            def tried(address: str, anonymous: Api = anonymous) -> int:
                body = {"email": "dana@example.com", "password": "wrong"}
                headers = {"X-Forwarded-For": f"198.51.100.99, {address}"}
                return anonymous.request("POST", "/sessions", json=body, headers=headers).status_code

            assert [tried("192.0.2.1") for _ in range(6)][-1] == 429
            assert tried("192.0.2.2") == 401
            # An address of IPv6 is as good as its neighbors.
            assert [tried(f"2001:db8::{n}") for n in range(6)][-1] == 429

    def test_others_cannot_lock_one_out_of_where_one_has_signed_in(self, settings: Settings) -> None:
        for app in running(replace(settings, proxies=1)):
            site = people(app)("Ada Admin", site_admin=True)
            _sign_up(site)
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

    def test_what_a_proxy_sends_instead_of_an_address_is_one_address(self, settings: Settings) -> None:
        for app in running(replace(settings, proxies=1)):
            site = people(app)("Ada Admin", site_admin=True)
            _sign_up(site)
            anonymous = callers(app)()
            statuses = []
            for sent in ("x" * 5_000, "192.0.2.1:1", "192.0.2.1:2", "[2001:db8::1]:3", "2001:db8::2", "é"):
                body = {"email": "dana@example.com", "password": PASSWORD}
                headers = {"X-Forwarded-For": sent.encode().decode("latin-1")}
                statuses.append(
                    anonymous.request("POST", "/sessions", json=body, headers=headers).status_code
                )
            assert statuses == [201] * 6
            told = [entry["address"] for entry in site.get("/audit", event="login").get_json()["items"]]
            assert told[::-1] == [
                "unreadable", "192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2", "unreadable",
            ]  # fmt: skip


class TestOneself:
    def test_a_new_password_needs_the_current_one_and_ends_other_sessions(
        self, site: Api, anonymous: Api
    ) -> None:
        _sign_up(site)
        first, second = (
            Api(anonymous.client, anonymous.contract, _sign_in(anonymous).get_json()["token"])
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
        assert _sign_in(anonymous).status_code == 401
        assert _sign_in(anonymous, password="another good password").status_code == 201

    def test_who_holds_a_token_does_not_guess_the_password_with_it(self, site: Api, anonymous: Api) -> None:
        _sign_up(site)
        dana = Api(anonymous.client, anonymous.contract, _sign_in(anonymous).get_json()["token"])
        body = {"password": "another good password", "current_password": "wrong"}
        assert dana.patch("/me", body, If_Match='"9"').status_code == 412
        statuses = [dana.patch("/me", body, If_Match='"1"').status_code for _ in range(11)]
        assert statuses == [422] * 10 + [429]
        failed = site.get("/audit", event="login_failed").get_json()["items"]
        assert len(failed) == 10

    def test_a_change_is_based_on_a_version(self, site: Api) -> None:
        assert site.patch("/me", {"language": "he"}).status_code == 428
        assert site.patch("/me", {"language": "he"}, If_Match='"7"').status_code == 412
        assert site.patch("/me", {"language": "he"}, If_Match='"1"').status_code == 200
        assert site.patch("/me", {"time_zone": "Mars/Phobos"}, If_Match="*").status_code == 422

    def test_a_teams_token_is_no_user(self, contributor: Api) -> None:
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
    def test_nobody_is_taken_for_somebody_else(
        self, site: Api, changes: dict[str, str], status: int, pointer: str
    ) -> None:
        _sign_up(site)
        site.post("/tokens", {"name": "bot of main", "team": "main", "role": "reader"})
        response = site.post("/users", {"email": "noa@example.com", "name": "Noa", **changes})
        assert response.status_code == status
        assert [error["pointer"] for error in response.get_json()["errors"]] == [pointer]

    def test_who_is_disabled_can_do_nothing_from_the_next_request_on(
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


class TestTeams:
    def test_a_teams_administrator_says_who_belongs_to_it(
        self, site: Api, person: Callable[..., Api]
    ) -> None:
        boss, dana = person("Boss", north="admin"), person("Dana Levi")
        assert dana.post("/incidents", incident()).status_code == 403
        added = boss.put("/teams/north/members/dana.levi@example.com", {"role": "contributor"})
        assert added.status_code == 201
        # It counts from the next request on.
        assert dana.post("/incidents", incident()).get_json()["team"] == "north"
        path = f"/teams/north/members/{added.get_json()['user']}"
        assert boss.put(path, {"role": "reader"}).status_code == 428
        assert boss.put(path, {"role": "reader"}, If_Match=added.headers["ETag"]).status_code == 200
        assert boss.put(path, {"role": "admin"}, If_Match=added.headers["ETag"]).status_code == 412
        assert dana.post("/incidents", incident()).status_code == 403
        assert [row["email"] for row in dana.get("/teams/north/members").get_json()["items"]] == [None, None]
        assert boss.delete(path, If_Match="*").status_code == 204
        assert dana.get("/teams").get_json()["items"] == []
        assert boss.put("/teams/south/members/1", {"role": "admin"}).status_code == 404
        assert boss.put("/teams/north/members/nobody@example.com", {"role": "reader"}).status_code == 404
        assert site.get("/teams").get_json()["items"][1]["key"] == "north"

    def test_what_cannot_be_a_name_is_not_found(self, any_person: Callable[..., Api]) -> None:
        site = any_person("Ada Admin", site_admin=True)
        for path in ("/teams/%00", "/teams/main%00/members", "/users/99999999999", "/tokens/99999999999"):
            method = "DELETE" if "tokens" in path else "GET"
            assert site.request(method, path).status_code == 404
        for who in ("%00@x", "99999999999", "x"):
            put = site.put(f"/teams/main/members/{who}", {"role": "reader"}, If_Match="*")
            assert put.status_code == 404
        assert site.post(f"/incidents/1/duplicate-of/{10**12}", {}, If_Match="*").status_code == 404
        assert site.get("/incidents/1/comments/99999999999").status_code == 404
        assert site.get("/actions/99999999999").status_code == 404

    def test_who_else_there_is_cannot_be_learnt_by_number(
        self, site: Api, person: Callable[..., Api]
    ) -> None:
        boss, dana = person("Boss", south="admin"), person("Dana Levi", north="reader")
        number = dana.get("/me").get_json()["user"]["id"]
        answers = {
            response.text.replace(str(who), "N")
            for who in (number, 99999)
            for response in (
                boss.put(f"/teams/south/members/{who}", {"role": "reader"}, If_Match="*"),
                boss.delete(f"/teams/south/members/{who}", If_Match="*"),
            )
        }
        assert len(answers) == 1
        assert "There is no user 'N' here." in answers.pop()

    def test_the_tokens_that_one_made_for_a_team_end_with_the_right_to(
        self, site: Api, person: Callable[..., Api]
    ) -> None:
        def bot_of(boss: Api, number: int) -> Api:
            body = {"name": f"bot {number}", "team": "north", "role": "admin"}
            return Api(boss.client, boss.contract, boss.post("/tokens", body).get_json()["secret"])

        boss, other = person("Boss", north="admin"), person("Other Boss", north="admin")
        member = f"/teams/north/members/{boss.get('/me').get_json()['user']['id']}"
        account = member.replace("/teams/north/members", "/users")
        kept = bot_of(other, 0)
        ways = (
            lambda: other.put(member, {"role": "reviewer"}, If_Match="*"),
            lambda: other.delete(member, If_Match="*"),
            lambda: site.patch(account, {"disabled": True}, If_Match="*"),
        )
        for number, end in enumerate(ways, 1):
            person("Boss", north="admin")
            bot = bot_of(boss, number)
            assert bot.get("/me").status_code == 200
            assert end().status_code < 300
            assert bot.get("/me").status_code == 401
        assert kept.get("/me").status_code == 200

    def test_a_request_that_is_under_way_does_not_give_back_what_its_sender_loses(
        self, any_app: Flask, any_person: Callable[..., Api]
    ) -> None:
        site = any_person("Ada Admin", site_admin=True)
        for round_ in range(2):
            boss = any_person("Boss", north="admin")

            def grab(number: int, boss: Api = boss, round_: int = round_) -> str | None:
                api = Api(any_app.test_client(), boss.contract, boss.token)
                if number % 2:
                    api.put("/teams/north/members/boss@example.com", {"role": "admin"}, If_Match="*")
                    return None
                body = {"name": f"bot {round_} {number}", "team": "north", "role": "admin"}
                secret: str | None = api.post("/tokens", body).get_json().get("secret")
                return secret

            with ThreadPoolExecutor(6) as pool:
                grabbed = pool.map(grab, range(12))
                removed = site.delete("/teams/north/members/boss@example.com", If_Match="*")
                secrets = [secret for secret in grabbed if secret]
            assert removed.status_code == 204
            assert boss.get("/teams/north/members").status_code in (403, 404)
            for secret in secrets:
                assert Api(site.client, site.contract, secret).get("/me").status_code == 401

    def test_so_do_those_that_were_made_with_them_and_a_site_administrators(
        self, site: Api, person: Callable[..., Api]
    ) -> None:
        def made_by(caller: Api, name: str, role: str) -> Api:
            body = {"name": name, "team": "north", "role": role}
            return Api(caller.client, caller.contract, caller.post("/tokens", body).get_json()["secret"])

        boss, other = person("Boss", north="admin"), person("Other Admin", site_admin=True)
        second = made_by(made_by(boss, "one", "admin"), "two", "reader")
        assert site.delete("/teams/north/members/boss@example.com", If_Match="*").status_code == 204
        assert second.get("/me").status_code == 401
        third = made_by(person("Third Boss", north="admin"), "three and", "admin")
        fourth = made_by(third, "four", "reader")
        number = third.get("/tokens").get_json()["items"][1]["id"]
        assert third.delete(f"/tokens/{number}").status_code == 204
        assert (third.get("/me").status_code, fourth.get("/me").status_code) == (401, 401)
        everything = made_by(other, "three", "site_admin")
        number = other.get("/me").get_json()["user"]["id"]
        assert site.patch(f"/users/{number}", {"site_admin": False}, If_Match="*").status_code == 200
        assert everything.get("/me").status_code == 401

    def test_who_files_for_several_teams_says_for_which(self, person: Callable[..., Api]) -> None:
        dana = person("Dana Levi", north="contributor", south="reviewer", west="reader")
        unclear = dana.post("/incidents", incident())
        assert (unclear.status_code, "north, south" in unclear.text) == (422, True)
        assert dana.post("/incidents", incident(team="south")).get_json()["team"] == "south"
        assert dana.post("/incidents", incident(team="west")).status_code == 422
        # A reviewer there is none here.
        published = {"status": "published"}
        assert dana.post("/incidents", incident(team="north", **published)).get_json()["status"] == "draft"
        draft = dana.file(team="north")
        assert dana.patch(f"/incidents/{draft['id']}", published, If_Match="*").status_code == 403

    def test_a_team_is_renamed_as_of_a_version(self, site: Api, person: Callable[..., Api]) -> None:
        boss = person("Boss", north="admin")
        assert boss.patch("/teams/north", {"name": "The North"}, If_Match='"1"').get_json()["version"] == 2
        assert boss.patch("/teams/north", {"name": "North"}, If_Match='"1"').status_code == 412
        assert site.post("/teams", {"key": "Not A Slug"}).status_code == 422
        assert site.post("/teams", {"key": "north"}).status_code == 409


class TestTokens:
    def test_a_users_token_may_what_the_user_may_at_the_time(self, person: Callable[..., Api]) -> None:
        dana = person("Dana Levi", north="contributor")
        made = dana.post("/tokens", {"name": "laptop", "scopes": ["write"], "days": 1})
        assert (made.status_code, made.get_json()["scopes"]) == (201, ["read", "write"])
        laptop = Api(dana.client, dana.contract, made.get_json()["secret"])
        assert laptop.file()["author"] == "Dana Levi"
        person("Dana Levi", north="reader")
        assert laptop.post("/incidents", incident()).status_code == 403

    def test_it_is_shown_once_and_stored_hashed(self, app: Flask, person: Callable[..., Api]) -> None:
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

    def test_no_token_makes_one_that_may_more(self, person: Callable[..., Api]) -> None:
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

    def test_nor_by_the_way_of_accounts(self, person: Callable[..., Api]) -> None:
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

    def test_a_token_does_not_outlive_the_one_that_made_it(self, person: Callable[..., Api]) -> None:
        dana = person("Dana Levi")
        short = dana.post("/tokens", {"name": "short", "days": 1}).get_json()
        caller = Api(dana.client, dana.contract, short["secret"])
        for days in (None, 30):
            made = caller.post("/tokens", {"name": "long", "days": days}).get_json()
            assert made["expires_at"] <= short["expires_at"]

    def test_each_sees_and_revokes_their_own_and_administrators_those_of_their_team(
        self, person: Callable[..., Api]
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
