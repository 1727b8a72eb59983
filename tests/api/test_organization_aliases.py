"""Aliases of organizations: names that an administrator says are one are so everywhere, until undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.api import Api

PATH = "/organizations/aliases"
ENGLISH, HEBREW = "Tnuva Corporation", 'תנובה בע"מ'
PERIOD = {"group_by": "organization", "from": "1999", "to": "1999"}


@pytest.fixture
def both(admin: Api) -> dict[str, int]:
    """The ids of two incidents of one organization, whose name is in another script in each."""
    text = {"status": "published", "occurred_on": "1999-03-01"}
    return {
        ENGLISH: admin.file(organization=ENGLISH, title="A draft went out", **text)["id"],
        HEBREW: admin.file(organization=HEBREW, title="Fries were counted aloud", **text)["id"],
    }


def add(admin: Api, alias: str = HEBREW, organization: str = "Tnuva") -> dict[str, Any]:
    """A new alias."""
    response = admin.post(PATH, {"alias": alias, "organization": organization})
    assert response.status_code == 201, response.text
    added: dict[str, Any] = response.get_json()
    return added


def ids(caller: Api, path: str) -> set[int]:
    """The ids of the incidents of a list, or of the hits of a search."""
    return {item.get("incident", item)["id"] for item in caller.request("GET", path).get_json()["items"]}


PATHS = (
    "/incidents?organization={}",
    "/search?organization={}",
    "/search?q=org:%22{}%22",
    "/incidents?group=organization:{}",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["Tnuva", "TNUVA", "תנובה"])
def test_every_filter_finds_an_organization_by_each_of_its_names(
    admin: Api, both: dict[str, int], path: str, name: str
) -> None:
    before = ids(admin, path.format(quote(name)))
    assert len(before) <= 1 or "org:" in path  # whose words are also matched by their sound
    alias = add(admin)
    assert ids(admin, path.format(quote(name))) == {*both.values()}
    assert admin.delete(f"{PATH}/{alias['id']}", If_Match='"1"').status_code == 204
    assert ids(admin, path.format(quote(name))) == before


def test_what_people_wrote_is_shown_and_no_incident_changes(admin: Api, both: dict[str, int]) -> None:
    before = {number: admin.get(f"/incidents/{number}").get_json() for number in both.values()}
    changes = admin.get("/changes").get_json()
    add(admin)
    assert {number: admin.get(f"/incidents/{number}").get_json() for number in both.values()} == before
    assert admin.get("/changes").get_json() == changes


def test_trends_count_both_as_one_group_that_leads_to_both(admin: Api, both: dict[str, int]) -> None:
    def groups() -> list[tuple[str, str, int]]:
        rows = admin.get("/trends", **PERIOD).get_json()["rows"]
        return [(row["group"], row["group_label"], row["value"]) for row in rows]

    separate = groups()
    assert separate == [("tnuva", ENGLISH, 1), ("תנובה", HEBREW, 1)]
    alias = add(admin)
    assert groups() == [("tnuva", ENGLISH, 2)]
    (row,) = admin.get("/trends", **PERIOD).get_json()["rows"]
    assert ids(admin, row["url"].partition("/api/v1")[2]) == {*both.values()}
    admin.delete(f"{PATH}/{alias['id']}", If_Match="*")
    assert groups() == separate


def test_the_rest_of_a_report_does_not_have_those_of_an_alias(admin: Api, both: dict[str, int]) -> None:
    other = admin.file(organization="Foo & Co", status="published", occurred_on="1999-05")["id"]
    add(admin)
    rows = admin.get("/trends", top=1, **PERIOD).get_json()["rows"]
    assert [(row["group"], row["value"]) for row in rows] == [("tnuva", 2), ("~other", 1)]
    assert ids(admin, rows[1]["url"].partition("/api/v1")[2]) == {other}


def test_a_report_without_the_organization_s_own_name_has_its_key(admin: Api) -> None:
    for name in ("תנובה", "特努瓦"):
        admin.file(organization=name, status="published", occurred_on="1999")
        add(admin, name)
    rows = admin.get("/trends", **PERIOD).get_json()["rows"]
    assert [(row["group"], row["value"]) for row in rows] == [("tnuva", 2)]
    assert rows[0]["group_label"] in ("תנובה", "特努瓦")


def test_a_report_that_was_kept_is_not_current_after_an_alias(admin: Api, both: dict[str, int]) -> None:
    etag = admin.get("/trends", **PERIOD).headers["ETag"]
    add(admin)
    answer = admin.request(
        "GET", "/trends?group_by=organization&from=1999&to=1999", headers={"If-None-Match": etag}
    )
    assert answer.status_code == 200


def test_incidents_of_both_names_near_in_time_are_likely_duplicates(admin: Api, both: dict[str, int]) -> None:
    def duplicates() -> list[tuple[int, list[str]]]:
        items = admin.get(f"/incidents/{both[HEBREW]}/duplicates").get_json()["items"]
        return [(item["incident"]["id"], item["reasons"]) for item in items]

    assert all("same_organization_and_time" not in reasons for _, reasons in duplicates())
    add(admin)
    ((number, reasons),) = duplicates()
    assert number == both[ENGLISH]
    assert "same_organization_and_time" in reasons


def test_suggestions_name_an_organization_once(admin: Api) -> None:
    for name in ("Acme Ltd", "Acme, Inc.", "Acme Cola"):
        admin.file(organization=name, status="published")

    def suggested() -> set[tuple[str, str]]:
        items = admin.get("/suggest", q="acm").get_json()["items"]
        return {(item["text"], item["query"]) for item in items if item["kind"] == "organization"}

    assert {query for _, query in suggested()} == {'org:"Acme"', 'org:"Acme Cola"'}
    assert len(suggested()) == 2
    add(admin, "Acme Cola", "Acme")
    assert len(suggested()) == 1


def test_a_group_that_is_excluded_is_excluded_under_each_name(admin: Api, both: dict[str, int]) -> None:
    add(admin)
    for name in ("tnuva", "תנובה"):
        assert not ids(admin, f"/incidents?group=-organization:{quote(name)}&limit=100") & {*both.values()}


def test_a_part_of_a_name_in_a_search_is_no_alias(admin: Api, both: dict[str, int]) -> None:
    other = admin.file(organization="Tnuva Gizmo", status="published")["id"]
    add(admin)
    assert ids(admin, "/search?q=org:gizmo") == {other}
    assert ids(admin, f"/search?q=org:{quote('תנובה')}+OR+org:gizmo") == {other, *both.values()}


class TestRules:
    def test_spellings_that_are_one_anyway_need_no_alias(self, admin: Api) -> None:
        refused = admin.post(PATH, {"alias": "Acme Ltd", "organization": "ACME"})
        assert refused.status_code == 422
        assert "are one organization without an alias" in refused.get_json()["errors"][0]["detail"]

    @pytest.mark.parametrize(
        ("alias", "organization", "message"),
        [
            ("A", "B Inc", "'B Inc' is itself an alias of 'C'"),
            ("C", "D", "'C' has aliases itself, such as 'B'"),
            ("C", "B", "'B' is itself an alias of 'C'"),
            ("b ltd", "D", "'b ltd' is an alias of 'C' already"),
        ],
        ids=["chain", "chain from the other end", "circle", "twice"],
    )
    def test_chains_and_circles_are_refused(
        self, admin: Api, alias: str, organization: str, message: str
    ) -> None:
        add(admin, "B", "C")
        refused = admin.post(PATH, {"alias": alias, "organization": organization})
        assert refused.status_code == 409
        assert message in refused.get_json()["detail"]
        assert len(admin.get(PATH).get_json()["items"]) == 1

    def test_a_change_is_held_to_the_same_rules(self, admin: Api) -> None:
        first, second = add(admin, "B", "C"), add(admin, "D", "E")
        change = {"organization": "D"}
        assert admin.patch(f"{PATH}/{first['id']}", change, If_Match="*").status_code == 409
        assert admin.patch(f"{PATH}/{second['id']}", {"alias": "B"}, If_Match="*").status_code == 409
        assert admin.patch(f"{PATH}/{second['id']}", {"alias": "E Ltd"}, If_Match="*").status_code == 422
        moved = admin.patch(f"{PATH}/{second['id']}", {"organization": "C"}, If_Match='"1"')
        assert (moved.status_code, moved.headers["ETag"]) == (200, '"2"')
        assert moved.get_json()["organization_key"] == "c"
        swapped = admin.patch(f"{PATH}/{second['id']}", {"alias": "G", "organization": "D"}, If_Match="*")
        assert swapped.status_code == 200, "its own former name is no chain"

    def test_a_change_needs_the_version_that_was_read(self, admin: Api) -> None:
        path = f"{PATH}/{add(admin)['id']}"
        assert admin.patch(path, {"organization": "Foo"}).status_code == 428
        assert admin.patch(path, {"organization": "Foo"}, If_Match='"7"').status_code == 412
        assert admin.delete(path, If_Match='"7"').status_code == 412
        assert admin.get(path).get_json()["organization"] == "Tnuva"

    def test_an_organization_has_a_limited_number_of_aliases(
        self, admin: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kb.services.taxonomy.organization_aliases.MAX_ALIASES", 2)
        add(admin, "A", "Acme")
        add(admin, "B", "Acme")
        refused = admin.post(PATH, {"alias": "C", "organization": "Acme"})
        assert refused.status_code == 409
        assert "'Acme' has 2 aliases" in refused.get_json()["detail"]

    def test_only_site_administrators_read_and_write_aliases(
        self, admin: Api, as_role: Callable[..., Api]
    ) -> None:
        alias = add(admin)
        for caller, status in ((as_role(), 401), (as_role("admin", team="north"), 403)):
            for response in (
                caller.get(PATH),
                caller.get(f"{PATH}/{alias['id']}"),
                caller.post(PATH, {"alias": "A", "organization": "B"}),
                caller.delete(f"{PATH}/{alias['id']}", If_Match="*"),
            ):
                assert response.status_code == status
        assert [item["id"] for item in admin.get(PATH).get_json()["items"]] == [alias["id"]]

    def test_the_audit_log_has_every_change(self, admin: Api) -> None:
        path = f"{PATH}/{add(admin)['id']}"
        admin.patch(path, {"organization": "Tnuva Dairies"}, If_Match="*")
        admin.delete(path, If_Match="*")
        entries = admin.get("/audit").get_json()["items"][:3]
        assert [entry["event"].rpartition("_")[2] for entry in entries] == ["removed", "changed", "added"]
        assert entries[1]["detail"]["changes"] == {"organization": ["Tnuva", "Tnuva Dairies"]}
        assert entries[0]["detail"] == {"alias": HEBREW, "organization": "Tnuva Dairies"}

    def test_a_list_has_pages_and_those_of_one_organization(self, admin: Api) -> None:
        for alias, organization in (("A", "Acme"), ("B", "Foo"), ("C", "Acme")):
            add(admin, alias, organization)
        first = admin.get(PATH, limit=2).get_json()
        rest = admin.get(PATH, limit=2, cursor=first["next"]).get_json()
        assert [item["alias"] for item in (*first["items"], *rest["items"])] == ["C", "B", "A"]
        for name in ("Acme GmbH", "c"):
            items = admin.get(PATH, organization=name).get_json()["items"]
            assert [item["alias"] for item in items] == ["C", "A"]


class TestVisibility:
    def test_an_alias_brings_no_hidden_incident_into_numbers_or_labels(
        self, admin: Api, as_role: Callable[..., Api]
    ) -> None:
        as_role("reviewer", team="north").file(organization=HEBREW, status="published", occurred_on="1999")
        as_role("contributor", team="south").file(organization="Tnuva INC (draft)", occurred_on="1999")
        add(admin, HEBREW, "Tnuva INC (draft)")
        reader = as_role()
        (row,) = reader.get("/trends", status="draft,published", **PERIOD).get_json()["rows"]
        assert (row["group_label"], row["value"]) == (HEBREW, 1)
        assert len(ids(reader, f"/incidents?organization={quote(HEBREW)}")) == 1
        texts = [item["text"] for item in reader.get("/suggest", q="tnu").get_json()["items"]]
        assert not any("draft" in text for text in texts)
