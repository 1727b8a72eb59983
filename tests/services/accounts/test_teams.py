"""Teams, and filing for one of several."""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import normalize

from tests.support.api import Api
from tests.support.incidents import incident


def test_an_impossible_identifier_is_not_found(any_person: Callable[..., Api]) -> None:
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


def test_a_member_of_several_teams_must_name_the_team_when_filing(person: Callable[..., Api]) -> None:
    dana = person("Dana Levi", north="contributor", south="reviewer", west="reader")
    unclear = dana.post("/incidents", incident())
    assert (unclear.status_code, "north, south" in unclear.text) == (422, True)
    assert dana.post("/incidents", incident(team="south")).get_json()["team"] == "south"
    assert dana.post("/incidents", incident(team="west")).status_code == 422
    # A reviewer of one team is not a reviewer of another.
    published = {"status": "published"}
    assert dana.post("/incidents", incident(team="north", **published)).get_json()["status"] == "draft"
    draft = dana.file(team="north")
    assert dana.patch(f"/incidents/{draft['id']}", published, If_Match="*").status_code == 403


def test_renaming_a_team_requires_its_current_version(site: Api, person: Callable[..., Api]) -> None:
    boss = person("Boss", north="admin")
    assert boss.patch("/teams/north", {"name": "The North"}, If_Match='"1"').get_json()["version"] == 2
    assert boss.patch("/teams/north", {"name": "North"}, If_Match='"1"').status_code == 412
    assert site.post("/teams", {"key": "Not A Slug"}).status_code == 422
    assert site.post("/teams", {"key": "north"}).status_code == 409


def test_both_forms_of_a_key_and_a_name_are_the_same(site: Api) -> None:
    assert site.post("/teams", {"key": "ガ", "name": normalize("NFD", "É")}).get_json()["name"] == "É"
    assert site.get(f"/teams/{normalize('NFD', 'ガ')}").get_json()["key"] == "ガ"
    assert site.post("/teams", {"key": normalize("NFD", "ガ")}).status_code == 409


def test_names_that_read_alike_are_one_name(site: Api) -> None:
    assert site.post("/users", {"email": "a@example.com", "name": "Łucja Ørsted"}).status_code == 201
    for number, name in enumerate(("Lucja Orsted", "LUCJA ØRSTED", normalize("NFD", "Łucja Ørsted"))):
        taken = site.post("/users", {"email": f"{number}@example.com", "name": name})
        assert taken.status_code == 409, name


def test_a_change_of_nothing_makes_no_version(person: Callable[..., Api]) -> None:
    boss = person("Boss", north="admin")
    same = boss.patch("/teams/north", {"language": None}, If_Match='"1"')
    assert same.get_json()["version"] == 1
