"""Groups of a report: the largest ones, the remainder, and the unknown."""

from __future__ import annotations

import pytest

from tests.support.api import Api
from tests.support.trends import listed, rows, values


def test_the_remainder_is_counted_exactly(admin: Api) -> None:
    for name in ("Acme", "Acme", "Acme", "Bolt", "Bolt", "Coil", "Dune"):
        admin.file(organization=name, occurred_on="2020", status="published")
    period = {"from_": "2020", "to": "2020"}
    found = rows(admin, group_by="organization", top=2, **period)
    assert [(row["group"], row["group_label"], row["value"]) for row in found] == [
        ("acme", "Acme", 3), ("bolt", "Bolt", 2), ("~other", "All others", 2),
    ]  # fmt: skip
    assert [len(listed(admin, row["url"])) for row in found] == [3, 2, 2]
    left_out = values(admin, group_by="organization", top=2, other="false", **period)
    assert left_out == {("all", "acme"): 3, ("all", "bolt"): 2}


def test_the_remainder_is_not_called_like_the_platform_other(admin: Api) -> None:
    for platforms in (["other"], ["other"], ["tiktok"]):
        admin.file(platforms=platforms, occurred_on="2020", status="published")
    for language in ("en", "he"):
        found = rows(admin, group_by="platform", top=1, lang=language, from_="2020", to="2020")
        assert [row["group"] for row in found] == ["other", "~other"]
        assert found[0]["group_label"] != found[1]["group_label"]


def test_an_incident_in_several_other_groups_counts_once_in_the_remainder(admin: Api) -> None:
    admin.file(platforms=["twitter"], occurred_on="2020", status="published")
    admin.file(platforms=["twitter", "tiktok", "facebook"], occurred_on="2020", status="published")
    found = values(admin, group_by="platform", top=1, from_="2020", to="2020")
    assert found == {("all", "twitter"): 2, ("all", "~other"): 1}


def test_organizations_named_like_reserved_groups_stay_distinct(admin: Api) -> None:
    for name in ("None", "None", "None", "Other", "Other", "Acme", "|-|", "a,b|c%"):
        admin.file(organization=name, occurred_on="2020", status="published")
    found = rows(admin, group_by="organization", top=4, from_="2020", to="2020")
    assert len({row["group"] for row in found}) == len(found) == 5
    assert [row["value"] for row in found] == [3, 2, 1, 1, 1]
    assert [len(listed(admin, row["url"])) for row in found] == [3, 2, 1, 1, 1]


def test_unknown_values_form_their_own_group(admin: Api) -> None:
    admin.file(occurred_on="2020", status="published")
    admin.file(occurred_on="2020", severity=4, status="published")
    found = rows(admin, group_by="severity", from_="2020", to="2020")
    assert [(row["group"], row["group_label"], row["value"]) for row in found] == [
        ("4", "4", 1), ("~unknown", "Not known", 1),
    ]  # fmt: skip
    assert [len(listed(admin, row["url"])) for row in found] == [1, 1]


def test_two_dimensions_are_crossed(reader: Api) -> None:
    found = rows(reader, group_by="platform,severity", from_="2017", to="2018")
    assert {(row["group"], row["group_2"]): row["value"] for row in found}["snapchat", "5"] == 1
    assert all(len(listed(reader, row["url"])) == row["value"] for row in found)


@pytest.mark.parametrize("group_by", ["category,theme,platform", "category,category", "mood"])
def test_an_invalid_grouping_is_rejected(reader: Api, group_by: str) -> None:
    assert reader.get("/trends", group_by=group_by).status_code == 422
