"""GET /incidents: languages, conditional requests, pages and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.api import Api


def test_an_unchanged_incident_is_not_sent_again(reader: Api) -> None:
    tag = reader.get("/incidents/1").headers["ETag"]
    again = reader.get("/incidents/1", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_the_response_is_in_the_requested_language_and_declares_it(reader: Api) -> None:
    for query in ({"lang": "he"}, {"headers": {"Accept-Language": "he-IL, en;q=0.5"}}):
        response = reader.get("/incidents/3", **query)
        assert response.get_json()["language"] == response.headers["Content-Language"] == "he"
        assert response.get_json()["original_language"] == "en"
    assert reader.get("/incidents/3", lang="fr").get_json()["language"] == "en"
    assert reader.get("/incidents/3", lang="iw").get_json()["language"] == "he"


@pytest.mark.parametrize("path", ["/incidents/0", "/incidents/999", f"/incidents/{10**30}"])
def test_a_nonexistent_incident_is_not_found(reader: Api, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_list_pages_have_no_gap_and_no_overlap(any_role: Callable[..., Api]) -> None:
    api = any_role("contributor")
    api.file(occurred_on="2018-05-01")
    whole = [card["id"] for card in api.get("/incidents").get_json()["items"]]
    assert len(whole) == 7
    pages: list[int] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = api.get("/incidents", **query).get_json()
        pages += [card["id"] for card in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert pages == whole


@pytest.mark.parametrize("cursor", ["x", "W10", "WyIyMDE4LTAxLTAxIiwgMS41XQ", "WzEsMl0", "8J-mkw", "e30"])
def test_a_forged_cursor_is_rejected(reader: Api, cursor: str) -> None:
    response = reader.get("/incidents", cursor=cursor)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["parameter"] == "cursor"


def test_a_list_is_available_as_csv_that_is_safe_in_a_spreadsheet(admin: Api) -> None:
    admin.file(title="=HYPERLINK(1)", occurred_on="2020-01-01", platforms=["twitter", "tiktok"])
    for query in ({"format": "csv"}, {"headers": {"Accept": "text/csv"}}):
        response = admin.get("/incidents", limit=1, **query)
        assert response.mimetype == "text/csv"
        (row,) = csv.DictReader(io.StringIO(response.text))
        assert row["title"] == "'=HYPERLINK(1)"
        assert row["platforms"] == "twitter; tiktok"
        assert 'rel="next"' in response.headers["Link"]


def test_a_patch_may_say_that_it_is_a_merge_patch(contributor: Api) -> None:
    path = f"/incidents/{contributor.file(severity=2)['id']}"
    headers = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    changed = contributor.request("PATCH", path, data='{"severity": null}', headers=headers)
    assert (changed.status_code, changed.get_json()["severity"]) == (200, None)
    refused = contributor.request("POST", "/incidents", data="{}", headers=headers)
    assert refused.status_code == 415
