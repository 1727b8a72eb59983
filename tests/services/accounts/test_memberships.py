"""Members of teams, and what they lose when they leave."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from werkzeug.test import TestResponse

from kb.services.infrastructure.pagination import encode_cursor
from tests.support.api import Api
from tests.support.incidents import incident


def test_a_team_administrator_manages_its_members(site: Api, person: Callable[..., Api]) -> None:
    boss, dana = person("Boss", north="admin"), person("Dana Levi")
    assert dana.post("/incidents", incident()).status_code == 403
    added = boss.put("/teams/north/members/dana.levi@example.com", {"role": "contributor"})
    assert added.status_code == 201
    # The role takes effect with the next request.
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


MEMBERS = "/teams/north/members"


def test_members_are_listed_by_name_in_pages(site: Api, person: Callable[..., Api]) -> None:
    readers = [person(name, north="reader") for name in ("Ada", "Élodie", "Zoe", "Bo", "Eve", "Jo")]
    everybody = site.get(MEMBERS, limit=100).get_json()
    assert [each["name"] for each in everybody["items"]] == ["Ada", "Bo", "Élodie", "Eve", "Jo", "Zoe"]
    assert everybody["next"] is None
    without_emails = [{**each, "email": None} for each in everybody["items"]]
    for api, expected in ((site, everybody["items"]), (readers[0], without_emails)):
        pages, query = [], {"limit": "2"}
        while "cursor" not in query or query["cursor"]:
            page = api.get(MEMBERS, **query)
            query["cursor"] = page.get_json()["next"]
            assert ("Link" in page.headers) == bool(query["cursor"])
            pages.append(page.get_json()["items"])
        assert list(map(len, pages)) == [2, 2, 2]
        assert [each for items in pages for each in items] == expected


def test_a_member_who_joins_between_two_pages_moves_nobody(site: Api, person: Callable[..., Api]) -> None:
    for name in ("Bo", "Dana", "Zoe"):
        person(name, north="reader")
    first = site.get(MEMBERS, limit=2).get_json()
    person("Ada", north="reader")
    rest = site.get(MEMBERS, limit=2, cursor=first["next"]).get_json()
    assert [each["name"] for each in (*first["items"], *rest["items"])] == ["Bo", "Dana", "Zoe"]


def test_a_page_of_members_is_bounded_and_takes_only_its_own_cursor(
    site: Api, person: Callable[..., Api]
) -> None:
    person("Bo", north="reader")
    users = encode_cursor([7])
    for query in ({"limit": 101}, {"limit": 0}, {"cursor": "nonsense"}, {"cursor": users}):
        assert site.get(MEMBERS, **query).status_code == 422
    assert len(site.get(MEMBERS, cursor=encode_cursor(["a"])).get_json()["items"]) == 1


def test_probing_user_ids_reveals_nobody(site: Api, person: Callable[..., Api]) -> None:
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


def test_team_tokens_end_when_their_creator_loses_the_right_to_make_them(
    site: Api, person: Callable[..., Api]
) -> None:
    def bot_of(boss: Api, number: int) -> Api:
        body = {"name": f"bot {number}", "team": "north", "role": "admin"}
        return Api(boss.client, boss.contract, boss.post("/tokens", body).get_json()["secret"])

    boss, other = person("Boss", north="admin"), person("Other Boss", north="admin")
    member = f"/teams/north/members/{boss.get('/me').get_json()['user']['id']}"
    account = member.replace("/teams/north/members", "/users")
    kept = bot_of(other, 0)
    ways: tuple[Callable[[], TestResponse], ...] = (
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


def test_a_concurrent_request_cannot_restore_a_role_its_sender_is_losing(
    any_app: Flask, any_person: Callable[..., Api]
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
        assert boss.get("/teams/north/members").status_code == 403
        for secret in secrets:
            assert Api(site.client, site.contract, secret).get("/me").status_code == 401


def test_tokens_made_with_a_revoked_token_end_with_it(site: Api, person: Callable[..., Api]) -> None:
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
