"""Similar incidents, and what they have in common."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.api import Api


def test_similar_incidents_list_shared_words_and_terms(anonymous: Api, as_role: Callable[..., Api]) -> None:
    air_force = next(
        card["id"]
        for card in anonymous.get("/incidents").get_json()["items"]
        if card["organization"] == "US Air Force"
    )
    answer = anonymous.get(f"/incidents/{air_force}/similar", lang="he", limit=3).get_json()
    assert len(answer["items"]) == 3
    assert air_force not in {item["incident"]["id"] for item in answer["items"]}
    assert all(item["shared_words"] for item in answer["items"])
    assert any(term["key"] == "twitter" for item in answer["items"] for term in item["shared_terms"])
    draft = as_role("contributor", team="north").file(title="Yanny and Laurel again")
    assert as_role().get(f"/incidents/{draft['id']}/similar").status_code == 404
    seen = anonymous.get(f"/incidents/{air_force}/similar", limit=100).get_json()
    assert draft["id"] not in {item["incident"]["id"] for item in seen["items"]}
