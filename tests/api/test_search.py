"""GET /search: ranking of the seeded cases, filters, facets, pages and errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.incidents import incident


def found(api: Api, **query: Any) -> list[dict[str, Any]]:
    return [item["incident"] for item in api.get("/search", **query).get_json()["items"]]


@pytest.mark.parametrize(
    ("question", "organization"),
    [
        ("placeholder published by mistake", "McDonald's"),
        ("טיוטה שפורסמה בטעות", "McDonald's"),
        ("joke about domestic violence in an ad", "Snapchat"),
        ("אלימות במשפחה בפרסומת", "Snapchat"),
        ("liked an explicit video", "Ted Cruz"),
        ("asking the public for photos of a weapon", "Lockheed Martin"),
        ("dog sledding on Earth Day", "Jeff Bezos (Amazon, Blue Origin)"),
        ("יום כדור הארץ", "Jeff Bezos (Amazon, Blue Origin)"),
        ("air strike meme Yanny Laurel", "US Air Force"),
        ("mcdonalds", "McDonald's"),
        ("מקדונלדס", "McDonald's"),
        ("newsjacking", "US Air Force"),
        ("ניוזג'קינג", "US Air Force"),
        ("פלייסהולדר", "McDonald's"),
    ],
)
def test_the_right_precedent_ranks_first(reader: Api, question: str, organization: str) -> None:
    assert found(reader, q=question)[0]["organization"] == organization


@pytest.mark.parametrize(
    "question", ["publishing placeholders", "PLACEHOLDER", "“placeholder”", "placeholder's"]
)
def test_words_match_in_any_form(reader: Api, question: str) -> None:
    assert found(reader, q=question)[0]["organization"] == "McDonald's"


@pytest.mark.parametrize("question", ["הטיוטה", "לטיוטות", "טִיוּטָה", "\u200fטיוטה\u200f"])
def test_hebrew_words_match_despite_particles_plurals_niqqud_and_direction_marks(
    reader: Api, question: str
) -> None:
    assert found(reader, q=question)[0]["organization"] == "McDonald's"


def test_a_hebrew_query_gets_hebrew_results(reader: Api) -> None:
    (first, *_) = found(reader, q="טיוטה שפורסמה בטעות")
    assert first["language"] == "he"
    assert "טיוטה" in first["title"]


def test_the_requested_language_overrides_the_language_of_the_query(reader: Api) -> None:
    assert found(reader, q="טיוטה", lang="en")[0]["language"] == "en"
    by_header = reader.get("/search", q="placeholder", headers={"Accept-Language": "he-IL,he;q=0.9,en;q=0.5"})
    assert by_header.get_json()["items"][0]["incident"]["language"] == "he"


def test_highlights_mark_matches_in_the_displayed_language_or_another(reader: Api) -> None:
    item = reader.get("/search", q="טיוטה", lang="he").get_json()["items"][0]
    assert "<mark>טיוטה</mark>" in item["highlights"]["title"]
    item = reader.get("/search", q="שנקבעה", lang="en").get_json()["items"][0]
    assert (item["incident"]["language"], "<mark>שנקבעה</mark>" in item["highlights"]["cause"]) == (
        "en",
        True,
    )


def test_highlights_are_escaped(admin: Api) -> None:
    admin.file(title="Zebra <script>alert(1)</script>", status="published")
    item = admin.get("/search", q="zebra alert").get_json()["items"][0]
    assert item["highlights"]["title"] == (
        "<mark>Zebra</mark> &lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt;"
    )


def test_a_new_incident_is_searchable_once_its_creation_returns(contributor: Api) -> None:
    response = contributor.post("/incidents", incident(title="A zebra in the newsletter"))
    assert response.headers["Index-Status"] == "current"
    assert [hit["id"] for hit in found(contributor, q="zebra")] == [response.get_json()["id"]]


def test_incidents_match_by_the_labels_of_their_terms(reader: Api) -> None:
    for words, category in [("tone-deaf content", "tone-deaf"), ("תוכן פוגעני", "offensive")]:
        listed = reader.get("/incidents", category=category).get_json()["items"]
        hits = {hit["id"] for hit in found(reader, q=words)}
        assert {card["id"] for card in listed} <= hits


def test_a_draft_is_found_only_by_its_team_and_leaks_into_no_total_or_facet(
    as_role: Callable[..., Api],
) -> None:
    as_role("contributor", team="north").file(title="Zebra in the newsletter", failure_modes=["ugc-backfire"])
    page = {"q": "zebra", "facets": "category,failure_mode"}
    for stranger in (as_role(), as_role("reviewer", team="south")):
        answer = stranger.get("/search", **page).get_json()
        assert (answer["total"], answer["items"]) == (0, [])
        assert answer["facets"] == {"category": [], "failure_mode": []}
    assert as_role("reader", team="north").get("/search", **page).get_json()["total"] == 1


def test_the_next_search_sees_an_edit_and_a_withdrawal(admin: Api) -> None:
    filed = admin.file(title="Zebra", status="published")
    path = f"/incidents/{filed['id']}"
    admin.patch(path, {"title": "Giraffe"}, If_Match="*")
    assert found(admin, q="zebra") == []
    assert [hit["id"] for hit in found(admin, q="giraffe")] == [filed["id"]]
    admin.delete(path, If_Match="*")
    assert found(admin, q="giraffe") == []
    assert [hit["id"] for hit in found(admin, q="giraffe", status="withdrawn")] == [filed["id"]]


@pytest.mark.parametrize(
    ("filters", "organizations"),
    [
        ({"category": "internal-communication"}, {"McDonald's"}),
        ({"category": "wrong-account"}, {"Ted Cruz"}),
        ({"platform": "snapchat"}, {"Snapchat"}),
        ({"platform": "snapchat,twitter", "to": "2017"}, {"McDonald's", "Ted Cruz"}),
        ({"industry": "food"}, {"McDonald's"}),
        ({"theme": "domestic-violence"}, {"Snapchat"}),
        ({"organization": "mcdonalds"}, {"McDonald's"}),
        ({"from": "2018-08-15", "to": "2018-08-20"}, {"Lockheed Martin"}),
        ({"severity_min": 5}, {"Snapchat"}),
        ({"severity": "4,5"}, {"Lockheed Martin", "Snapchat"}),
        ({"tag": "black-friday"}, {"McDonald's"}),
        ({"language": "he", "category": "offensive", "severity_min": 4}, {"Snapchat"}),
        ({"language": "fr"}, set()),
        ({"response": "mocked-back"}, {"McDonald's"}),
    ],
)
def test_filters_narrow_search_and_list_alike(
    reader: Api, filters: dict[str, Any], organizations: set[str]
) -> None:
    assert {hit["organization"] for hit in found(reader, **filters)} == organizations
    listed = reader.get("/incidents", **filters).get_json()["items"]
    assert {card["organization"] for card in listed} == organizations


def test_facets_count_all_hits_with_labels_in_the_requested_language(reader: Api) -> None:
    facets = reader.get("/search", q="", facets="platform,industry", lang="he").get_json()["facets"]
    assert facets["platform"] == [
        {"key": "twitter", "label": "טוויטר / X", "count": 5},
        {"key": "snapchat", "label": "סנאפצ׳ט", "count": 1},
    ]
    assert sum(entry["count"] for entry in facets["industry"]) == 6


def test_result_pages_have_no_gap_and_no_overlap(reader: Api) -> None:
    whole = [hit["id"] for hit in found(reader, q="tweet account", limit=100)]
    assert len(whole) > 2
    pages = [
        hit["id"]
        for offset in range(0, len(whole), 2)
        for hit in found(reader, q="tweet account", limit=2, offset=offset)
    ]
    assert pages == whole


def test_an_empty_query_returns_everything_latest_first(reader: Api) -> None:
    days = [hit["occurred_on"] for hit in found(reader, q="")]
    assert len(days) == 6
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("question", ["?!…", "“”", "🦓", "qqqzzz"])
def test_a_query_without_matches_finds_nothing(reader: Api, question: str) -> None:
    answer = reader.get("/search", q=question).get_json()
    assert (answer["total"], answer["items"]) == (0, [])


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"limit": "101"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"offset": "10001"}, "offset"),
        ({"severity_min": "6"}, "severity_min"),
        ({"from": "2018-02-30"}, "from"),
        ({"from": "2019", "to": "2018"}, "to"),
        ({"lang": "klingonese"}, "lang"),
        ({"facets": "color"}, "facets"),
        ({"status": "secret"}, "status"),
        ({"platfrom": "twitter"}, "platfrom"),
        ({"category": "tone-deff"}, "category"),
        ({"q": "word " * 3_000}, "q"),
        ({"boosts": "fame"}, "boosts"),
        ({"explain": "perhaps"}, "explain"),
    ],
)
def test_an_invalid_parameter_is_named(reader: Api, query: dict[str, str], parameter: str) -> None:
    response = reader.get("/search", **query)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["parameter"] == parameter


def test_an_unknown_term_in_a_filter_suggests_the_nearest_one(reader: Api) -> None:
    errors = reader.get("/search", category="tone-deff").get_json()["errors"]
    assert "Did you mean 'tone-deaf'?" in errors[0]["detail"]
