"""What a draft still lacks, and what a published incident must have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.api import Api

THIN = {"organization": "Acme", "title": "A joke went out", "category": "wrong-account"}


def test_an_incomplete_draft_lists_what_is_missing_and_can_be_published_once_complete(
    as_role: Callable[..., Api],
) -> None:
    reviewer = as_role("reviewer")
    filed = reviewer.post("/incidents", THIN)
    assert filed.status_code == 201
    path = f"/incidents/{filed.get_json()['id']}"
    assert (filed.get_json()["occurred_on"], filed.get_json()["occurred_precision"]) == (None, None)
    told = reviewer.get(f"{path}/completeness").get_json()
    assert not told["complete"]
    needed = ["/occurred_on", "/summary", "/cause", "/outcome", "/lessons"]
    assert [field["pointer"] for field in told["missing"]] == needed
    assert all(field["question"] and field["label"] for field in told["missing"])
    refused = reviewer.step(path, "publish")
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.get_json()["errors"]] == needed
    for published in (
        reviewer.patch(path, {"status": "published"}, If_Match="*"),
        reviewer.post("/incidents", {**THIN, "status": "published"}),
    ):
        assert published.status_code == 422
    said = {"occurred_on": "2019", "summary": "s", "cause": "c", "outcome": "o"}
    reviewer.patch(path, {**said, "lessons": [{"text": "l"}]}, If_Match="*")
    assert reviewer.get(f"{path}/completeness").get_json()["complete"]
    assert reviewer.step(path, "publish").status_code == 200


def test_a_published_incident_must_stay_complete(as_role: Callable[..., Api]) -> None:
    reviewer = as_role("reviewer")
    path = f"/incidents/{reviewer.file(status='published')['id']}"
    thinner_bodies: list[dict[str, Any]] = [{"summary": ""}, {"lessons": []}, {"occurred_on": None}]
    for thinner in thinner_bodies:
        assert reviewer.patch(path, thinner, If_Match="*").status_code == 422
    assert reviewer.get(path).get_json()["version"] == 1
    assert reviewer.step(path, "reopen").status_code == 200
    assert reviewer.patch(path, {"occurred_on": None}, If_Match="*").get_json()["occurred_on"] is None


def test_an_incomplete_draft_can_be_translated_as_far_as_it_goes(contributor: Api) -> None:
    path = f"/incidents/{contributor.post('/incidents', THIN).get_json()['id']}"
    title = {"title": "בדיחה יצאה"}
    assert contributor.put(f"{path}/translations/he", title, If_Match="*").status_code == 201
    contributor.patch(path, {"cause": "Two accounts in one tool."}, If_Match="*")
    refused = contributor.put(f"{path}/translations/he", title, If_Match="*")
    assert [error["pointer"] for error in refused.get_json()["errors"]] == ["/cause"]


def test_questions_about_a_hebrew_draft_are_in_hebrew(contributor: Api) -> None:
    filed = contributor.post("/incidents", {**THIN, "title": "בדיחה פרטית בחשבון המותג"}).get_json()
    told = contributor.get(f"/incidents/{filed['id']}/completeness").get_json()
    assert told["language"] == "he"
    assert all("א" <= field["question"][0] <= "ת" for field in told["missing"])


def test_an_undated_draft_sorts_last_and_matches_no_date_filter(contributor: Api) -> None:
    thin = contributor.post("/incidents", {**THIN, "title": "Zebra"}).get_json()
    dated = contributor.file(title="Zebra", occurred_on="2019")
    assert [item["id"] for item in contributor.get("/incidents").get_json()["items"]][-1] == thin["id"]
    pages, cursor = [], ""
    while cursor is not None:
        page = contributor.get("/incidents", limit=3, **({"cursor": cursor} if cursor else {})).get_json()
        pages += page["items"]
        cursor = page["next"]
    assert (len(pages), pages[-1]["id"]) == (8, thin["id"])
    for query in ({"q": "zebra"}, {"q": "zebra", "boosts": "recency"}):
        found = contributor.get("/search", **query).get_json()["items"]
        assert [hit["incident"]["id"] for hit in found] == [dated["id"], thin["id"]]
    for query in ({"from": 2010}, {"to": 2030}, {"q": "after:2010"}, {"q": "before:2030"}):
        found = contributor.get("/search", **query).get_json()["items"]
        assert thin["id"] not in [hit["incident"]["id"] for hit in found], query
    trend = contributor.get("/trends", status="draft", interval="year").get_json()
    assert (trend["undated"], trend["from"]) == (1, "2019-01-01")
