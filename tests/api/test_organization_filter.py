"""The filter `organization`: names that are alternatives, everywhere it can be sent."""

from __future__ import annotations

import pytest

from tests.support.api import Api


@pytest.fixture
def organizations(admin: Api) -> dict[str, int]:
    """The ids of published incidents of three organizations, by name."""
    names = ("Acme, Inc.", "Nestlé", "תנובה")
    return {name: admin.file(organization=name, status="published")["id"] for name in names}


QUERIES = ("organization=nestle&organization=%D7%AA%D7%A0%D7%95%D7%91%D7%94", "organization=NESTLE,+תנובה")


@pytest.mark.parametrize("query", QUERIES)
def test_several_organizations_are_alternatives_wherever_there_are_filters(
    admin: Api, organizations: dict[str, int], query: str
) -> None:
    expected = {organizations["Nestlé"], organizations["תנובה"]}
    assert {
        card["id"] for card in admin.request("GET", f"/incidents?{query}").get_json()["items"]
    } == expected
    hits = admin.request("GET", f"/search?{query}").get_json()["items"]
    assert {hit["incident"]["id"] for hit in hits} == expected
    trends = admin.request("GET", f"/trends?{query}&group_by=organization").get_json()
    assert [(row["group_label"], row["value"]) for row in trends["rows"]] == [("Nestlé", 1), ("תנובה", 1)]
    feed = admin.request("GET", f"/changes.atom?{query}").get_data(as_text=True)
    assert feed.count("<entry") == 2
    table = admin.request("GET", f"/incidents.csv?{query}&columns=id").get_data(as_text=True)
    assert {*map(int, table.split()[1:])} == expected


@pytest.mark.parametrize(
    "name", ["Acme, Inc.", "acme-inc", "ACME INC", "Acme, Inc.&organization=Nobody, Ltd"]
)
def test_an_organization_whose_name_has_a_comma_is_found_by_its_name(
    admin: Api, organizations: dict[str, int], name: str
) -> None:
    for path in ("/incidents", "/search"):
        items = admin.request("GET", f"{path}?organization={name}").get_json()["items"]
        assert [item.get("incident", item)["id"] for item in items] == [organizations["Acme, Inc."]]


def test_a_legal_form_after_a_comma_is_no_organization_by_itself(admin: Api) -> None:
    company, _ = (admin.file(organization=name)["id"] for name in ("Acme GmbH", "Inc."))
    items = admin.request("GET", "/incidents?organization=Acme, Inc.").get_json()["items"]
    assert [item["id"] for item in items] == [company]


def test_a_number_of_a_report_of_several_organizations_leads_to_their_incidents(
    admin: Api, organizations: dict[str, int]
) -> None:
    report = admin.request("GET", "/trends?organization=Acme,+Inc.&organization=nestle").get_json()
    (row,) = report["rows"]
    listed = admin.request("GET", row["url"].partition("/api/v1")[2]).get_json()["items"]
    assert {card["id"] for card in listed} == {organizations["Acme, Inc."], organizations["Nestlé"]}
    assert row["value"] == 2


@pytest.mark.parametrize("value", ["", ",", "%20,"])
def test_an_organization_without_a_name_is_refused(reader: Api, value: str) -> None:
    refused = reader.request("GET", f"/incidents?organization={value}")
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["parameter"] == "organization"
