"""Groups."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.api import Api


def rows(api: Api, **asked: Any) -> list[dict[str, Any]]:
    response = api.get("/trends", **{name.rstrip("_"): value for name, value in asked.items()})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.get_json()["rows"]
    return found


def values(api: Api, **asked: Any) -> dict[tuple[str, str | None], Any]:
    return {(row["bucket"], row["group"]): row["value"] for row in rows(api, **asked)}


def listed(api: Api, url: str | None) -> list[int]:
    assert url is not None
    path, _, query = url.partition("?")
    items = api.request("GET", path.removeprefix("/api/v1"), query_string=f"{query}&limit=100").get_json()[
        "items"
    ]
    return [item["id"] for item in items]


def test_the_rest_is_counted_not_guessed(admin: Api) -> None:
    for name in ("Acme", "Acme", "Acme", "Bolt", "Bolt", "Coil", "Dune"):
        admin.file(organization=name, occurred_on="2020", status="published")
    period = {"from_": "2020", "to": "2020"}
    found = rows(admin, group_by="organization", top=2, **period)
    assert [(row["group"], row["group_label"], row["value"]) for row in found] == [
        ("acme", "Acme", 3), ("bolt", "Bolt", 2), ("~other", "Other", 2),
    ]  # fmt: skip
    assert [len(listed(admin, row["url"])) for row in found] == [3, 2, 2]
    left_out = values(admin, group_by="organization", top=2, other="false", **period)
    assert left_out == {("all", "acme"): 3, ("all", "bolt"): 2}


def test_an_incident_in_two_of_the_other_groups_is_among_the_others_once(admin: Api) -> None:
    admin.file(platforms=["twitter"], occurred_on="2020", status="published")
    admin.file(platforms=["twitter", "tiktok", "facebook"], occurred_on="2020", status="published")
    found = values(admin, group_by="platform", top=1, from_="2020", to="2020")
    assert found == {("all", "twitter"): 2, ("all", "~other"): 1}


def test_organizations_with_names_like_ours_are_told_apart(admin: Api) -> None:
    for name in ("None", "None", "None", "Other", "Other", "Acme", "|-|", "a,b|c%"):
        admin.file(organization=name, occurred_on="2020", status="published")
    found = rows(admin, group_by="organization", top=4, from_="2020", to="2020")
    assert len({row["group"] for row in found}) == len(found) == 5
    assert [row["value"] for row in found] == [3, 2, 1, 1, 1]
    assert [len(listed(admin, row["url"])) for row in found] == [3, 2, 1, 1, 1]


def test_what_is_not_known_is_a_group_of_its_own(admin: Api) -> None:
    admin.file(occurred_on="2020", status="published")
    admin.file(occurred_on="2020", severity=4, status="published")
    found = rows(admin, group_by="severity", from_="2020", to="2020")
    assert [(row["group"], row["group_label"], row["value"]) for row in found] == [
        ("4", "4", 1), (None, "Not known", 1),
    ]  # fmt: skip
    assert [len(listed(admin, row["url"])) for row in found] == [1, 1]


def test_two_dimensions_cross(anonymous: Api) -> None:
    found = rows(anonymous, group_by="platform,severity", from_="2017", to="2018")
    assert {(row["group"], row["group_2"]): row["value"] for row in found}["snapchat", "5"] == 1
    assert all(len(listed(anonymous, row["url"])) == row["value"] for row in found)


@pytest.mark.parametrize("group_by", ["category,theme,platform", "category,category", "mood"])
def test_what_cannot_be_grouped_by_is_refused(anonymous: Api, group_by: str) -> None:
    assert anonymous.get("/trends", group_by=group_by).status_code == 422
