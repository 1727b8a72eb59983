"""Collections: added, brought up to date and taken out as a whole, and never over what people have edited."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.support.api import Api
from tests.support.samples import COLLECTION


def put(admin: Api, collection: dict[str, Any], **query: str) -> dict[str, Any]:
    path = "/collections/examples" + ("?dry_run=true" if query else "")
    report: dict[str, Any] = admin.put(path, collection).get_json()
    return report


def test_a_collection_is_added_and_found_by_its_filter(admin: Api) -> None:
    assert put(admin, COLLECTION)["added"] == 1
    (incident,) = admin.get("/incidents", collection="examples").get_json()["items"]
    assert (incident["collection"], incident["status"]) == ("examples", "published")


def test_a_dry_run_changes_nothing(admin: Api) -> None:
    assert put(admin, COLLECTION, dry_run="true")["added"] == 1
    assert admin.get("/incidents", collection="examples").get_json()["items"] == []


def test_an_update_leaves_what_people_have_edited(admin: Api) -> None:
    put(admin, COLLECTION)
    (incident,) = admin.get("/incidents", collection="examples").get_json()["items"]
    admin.patch(f"/incidents/{incident['id']}", {"summary": "Ours."}, If_Match="*")
    changed: dict[str, Any] = deepcopy(COLLECTION)
    changed["incidents"][0]["summary"] = "Theirs."
    report = put(admin, changed)
    assert [kept["reasons"] for kept in report["kept"]] == [["edited"]]
    assert admin.get(f"/incidents/{incident['id']}").get_json()["summary"] == "Ours."


def test_what_was_taken_out_comes_back_with_the_next_add(admin: Api) -> None:
    put(admin, COLLECTION)
    assert admin.delete("/collections/examples").get_json()["withdrawn"] == 1
    assert admin.get("/incidents", collection="examples").get_json()["items"] == []
    assert put(admin, COLLECTION)["restored"] == 1
    assert len(admin.get("/incidents", collection="examples").get_json()["items"]) == 1
