"""Terms of the taxonomy, and how often each is used."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.api import Api


def test_every_namespace_has_labels_in_both_languages(reader: Api) -> None:
    keys = ["category", "failure_mode", "theme", "platform", "industry", "response"]
    for language in ("en", "he"):
        namespaces = reader.get("/taxonomy", lang=language).get_json()["namespaces"]
        assert [namespace["key"] for namespace in namespaces] == keys
        assert all(namespace["terms"] > 0 and namespace["description"] for namespace in namespaces)
    assert namespaces[0]["label"] == "קטגוריה"


def test_the_seven_categories_are_listed_with_their_usage(any_role: Callable[..., Api]) -> None:
    terms = any_role().get("/taxonomy/category").get_json()["terms"]
    assert {term["key"]: term["count"] for term in terms} == {
        "audience-inappropriate": 1,
        "offensive": 2,
        "tone-deaf": 3,
        "wrong-account": 1,
        "threats-harassment": 0,
        "internal-communication": 1,
        "employee-conduct": 0,
    }


def test_responses_are_counted_once_per_incident(any_role: Callable[..., Api]) -> None:
    api = any_role("reviewer")
    api.file(status="published", responses=[{"kind": "mocked_back"}, {"kind": "mocked_back"}])
    terms = api.get("/taxonomy/response").get_json()["terms"]
    assert next(term["count"] for term in terms if term["key"] == "mocked_back") == 2


def test_the_garm_topics_are_pinned_to_a_version(reader: Api) -> None:
    terms = reader.get("/taxonomy/theme").get_json()["terms"]
    assert sum(term["scheme"] == "garm@2022-06" for term in terms) == 12


def test_a_withdrawn_incident_is_not_counted(admin: Api) -> None:
    assert _count(admin, "internal-communication") == 1
    admin.delete("/incidents/3", If_Match="*")
    assert _count(admin, "internal-communication") == 0


def test_a_draft_is_counted_for_its_team_alone(contributor: Api, anonymous: Api) -> None:
    before = _count(anonymous, "offensive")
    assert _count(contributor, "offensive") == before
    contributor.file(category="offensive")
    assert _count(contributor, "offensive") == before + 1
    assert _count(anonymous, "offensive") == before


def _count(api: Api, category: str) -> int:
    """How many incidents of a category somebody is told of."""
    terms = api.get("/taxonomy/category").get_json()["terms"]
    return int(next(term["count"] for term in terms if term["key"] == category))
