"""`/collections`: who may read and change them, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kb.config import Settings
from tests.support.api import Api, callers, running
from tests.support.collections import case, collection, ship
from tests.support.incidents import incident


def test_a_new_collection_is_answered_with_its_address(admin: Api) -> None:
    path = "/collections/examples"
    assert admin.put(f"{path}?dry_run=true", collection(case("one"))).status_code == 200
    first = admin.put(path, collection(case("one")))
    assert (first.status_code, first.headers["Location"]) == (201, f"/api/v1{path}")
    again = admin.put(path, collection(case("one")))
    assert (again.status_code, "Location" in again.headers) == (200, False)


def test_what_comes_with_the_program_is_added_by_its_key(
    admin: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ship(tmp_path / "seeds", monkeypatch, case("one"))
    answer = admin.post("/collections", {"key": key})
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/collections/{key}")
    assert admin.get("/search", collection=key).get_json()["items"]
    refused = admin.post("/collections", {"key": "none"})
    (error,) = refused.get_json()["errors"]
    assert (refused.status_code, error["pointer"]) == (422, "/key")
    assert f"Those that do: {key}." in error["detail"]


def test_an_invalid_shipped_collection_names_file_and_field(
    admin: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ship(tmp_path / "seeds", monkeypatch, case("one"), case("two", severity=9))
    refused = admin.post("/collections", {"key": key})
    assert refused.status_code == 422
    (error,) = refused.get_json()["errors"]
    assert (error["pointer"], error["detail"].startswith("two.yaml: ")) == ("/severity", True)
    assert admin.get("/collections").get_json()["items"][0]["version"] is None


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"version": None}, "/version"),
        ({"incidents": [case("one"), case("one")]}, "/incidents/1/slug"),
        ({"incidents": [incident()]}, "/incidents/0/slug"),
        ({"incidents": [case("one", category="tone-deff")]}, "/incidents/0/category"),
        ({"incidents": [case("one", external_id="others:1")]}, "/incidents/0/external_id"),
    ],
)
def test_an_invalid_collection_is_refused_at_its_field_and_nothing_is_changed(
    admin: Api, changes: dict[str, Any], pointer: str
) -> None:
    refused = admin.put("/collections/examples", {**collection(case("one")), **changes})
    assert refused.status_code == 422
    assert pointer in [error["pointer"] for error in refused.get_json()["errors"]]
    assert admin.get("/collections/examples").status_code == 404


def test_a_key_that_is_no_slug_is_refused(admin: Api) -> None:
    refused = admin.put("/collections/Not%20a%20slug", collection(case("one")))
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/key")
    assert "not-a-slug" in refused.text


def test_everybody_reads_and_only_site_administrators_change(as_role: Callable[..., Api]) -> None:
    for caller, status in ((as_role(), 401), (as_role("admin", team="north"), 403)):
        assert caller.get("/collections").status_code == 200
        assert caller.get("/collections/public-cases").status_code == 200
        assert caller.post("/collections", {"key": "public-cases"}).status_code == status
        assert caller.put("/collections/examples", collection(case("one"))).status_code == status
        assert caller.delete("/collections/examples").status_code == status


def test_what_is_not_there_is_not_found(admin: Api) -> None:
    assert admin.get("/collections/none").status_code == 404
    assert admin.delete("/collections/public-cases").status_code == 404


def test_taking_out_what_has_proposals_can_be_tried_first(admin: Api) -> None:
    admin.put("/collections/examples", collection(case("one"), case("two")))
    report = admin.delete("/collections/examples?dry_run=true").get_json()
    assert (report["dry_run"], report["withdrawn"]) == (True, 2)
    assert admin.get("/search", collection="examples").get_json()["total"] == 2
    assert admin.delete("/collections/examples").get_json()["withdrawn"] == 2
    assert admin.get("/search", collection="examples").get_json()["items"] == []


def test_a_collection_larger_than_other_bodies_is_taken_from_site_administrators_only(
    as_role: Callable[..., Api],
) -> None:
    large = collection(*(case(f"case-{number}", summary=f"{number} word " * 900) for number in range(150)))
    body = json.dumps(large).encode()
    assert 1_000_000 < len(body) < 2_000_000
    sent = {"data": body, "content_type": "application/json"}
    admin = as_role("site_admin")
    tried = admin.request("PUT", "/collections/examples?dry_run=true", **sent)
    assert (tried.status_code, tried.get_json()["added"]) == (200, 150)
    assert as_role("admin").request("PUT", "/collections/examples", **sent).status_code == 403
    assert admin.request("POST", "/collections", **sent).status_code == 413
    assert admin.request("POST", "/incidents", **sent).status_code == 413


def test_the_limit_of_collections_is_a_setting_and_below_the_general_one_that_counts(
    settings: Settings,
) -> None:
    small = replace(settings, max_collection_bytes=3_000, max_body_bytes=2_000)
    for app in running(small):
        admin = callers(app)("site_admin")
        for size, status in ((2_500, 422), (3_500, 413)):
            body = {"incidents": [], "description": {"en": "x" * size}}
            assert admin.put("/collections/examples", body).status_code == status
    for app in running(replace(settings, max_collection_bytes=1_000)):
        answer = callers(app)("site_admin").put("/collections/examples", collection(case("one"), case("two")))
        assert answer.status_code == 201
