"""Tags: one tag in every spelling, shown as first written, and never as others hide it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.api import Api
from tests.support.trends import listed, rows

VARIANTS = ("SPRING SALE", "  spring \t sale ", "Sp\u00adring Sale", "Ｓpring Ｓale", "Spri\u0301ng Sale")


def _found(api: Api, path: str, **query: str) -> list[int]:
    page = api.get(path, **query).get_json()
    return sorted(item["incident"]["id"] if "incident" in item else item["id"] for item in page["items"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_tag_in_another_spelling_is_the_one_that_the_base_has(contributor: Api, variant: str) -> None:
    contributor.file(tags=["Spring Sale"])
    assert contributor.file(tags=[variant, "news"])["tags"] == ["Spring Sale", "news"]


def test_two_spellings_in_one_incident_are_one_tag_and_the_first_one_stays(contributor: Api) -> None:
    assert contributor.file(tags=["summer SALE", "Summer Sale", "C++", "C#"])["tags"] == [
        "C#",
        "C++",
        "summer SALE",
    ]


def test_an_incident_keeps_its_spelling_and_gets_no_new_version_for_another(
    any_role: Callable[..., Api],
) -> None:
    api = any_role("contributor")
    filed = api.file(tags=["Spring Sale", "news"])
    path = f"/incidents/{filed['id']}"
    patched = api.patch(path, {"tags": ["NEWS", "spring sale"]}, If_Match='"1"')
    assert (patched.get_json()["tags"], patched.get_json()["version"]) == (["Spring Sale", "news"], 1)
    changed = api.patch(path, {"tags": ["SPRING SALE", "more"]}, If_Match='"1"').get_json()
    assert (changed["tags"], changed["version"]) == (["Spring Sale", "more"], 2)
    respelled = api.patch(path, {"tags": []}, If_Match='"2"').get_json()
    again = api.patch(path, {"tags": ["SPRING SALE"]}, If_Match=f'"{respelled["version"]}"').get_json()
    assert again["tags"] == ["SPRING SALE"]


def test_a_tag_is_found_in_every_spelling_wherever_incidents_are_filtered(
    any_role: Callable[..., Api],
) -> None:
    admin = any_role("site_admin")
    filed = admin.file(tags=["Spring Sale"], status="published", occurred_on="2020")["id"]
    admin.file(tags=["Spring-Sale"], status="published", occurred_on="2020")
    for tag in ("Spring Sale", *VARIANTS):
        assert _found(admin, "/incidents", tag=tag) == [filed], tag
        assert _found(admin, "/search", tag=tag) == [filed], tag
        (row,) = rows(admin, tag=tag, from_="2020", to="2020")
        assert (row["value"], listed(admin, row["url"])) == (1, [filed]), tag


def test_a_tag_with_a_wide_comma_can_be_drilled_down_to(admin: Api) -> None:
    filed = admin.file(tags=["a，b"], status="published", occurred_on="2020")["id"]
    (row,) = rows(admin, tag="A b", from_="2020", to="2020")
    assert listed(admin, row["url"]) == [filed]


def test_a_spelling_that_only_another_team_sees_is_not_taken_over(as_role: Callable[..., Api]) -> None:
    north, south = as_role("reviewer", team="north"), as_role("reviewer", team="south")
    north.file(tags=["ProjectX"])
    north.file(tags=["ProjectY"], status="published", visibility="team")
    north.file(tags=["ProjectZ"], status="published")
    tags = ["projectx", "projecty", "projectz"]
    for filing in (south, as_role("site_admin", team="south")):
        filed = filing.file(team="south", tags=tags)
        assert filed["tags"] == ["ProjectZ", "projectx", "projecty"]
    assert north.file(tags=tags)["tags"] == ["ProjectX", "ProjectY", "ProjectZ"]


def test_restoring_brings_tags_back_in_the_spelling_that_the_base_has(contributor: Api) -> None:
    filed = contributor.file(tags=["Spring Sale"])
    path = f"/incidents/{filed['id']}"
    contributor.patch(path, {"tags": []}, If_Match='"1"')
    contributor.file(tags=["SPRING SALE"])
    restored = contributor.post(f"{path}/revisions/1/restore", {}, If_Match='"2"')
    assert restored.status_code == 200, restored.text
    assert restored.get_json()["tags"] == ["SPRING SALE"]


def test_a_proposal_takes_the_spelling_that_the_base_has(as_role: Callable[..., Api]) -> None:
    reviewer, contributor = as_role("reviewer"), as_role("contributor")
    filed = reviewer.file(tags=["Spring Sale"], status="published")
    other = reviewer.file(status="published")
    proposed = contributor.patch(
        f"/incidents/{other['id']}", {"tags": ["spring sale"]}, If_Match=f'"{other["version"]}"'
    )
    assert proposed.status_code == 202, proposed.text
    assert proposed.get_json()["content"]["tags"] == filed["tags"]
