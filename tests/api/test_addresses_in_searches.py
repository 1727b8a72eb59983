"""Pasting an address into a search finds the incidents that cite it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.api import Api, callers, only_read

STORY = "https://www.example.com/news/zebra-ad_(2018)"


@pytest.fixture(scope="module")
def told(module_app: Flask) -> Iterator[tuple[Api, int]]:
    """An administrator, and the id of an incident that cites a story; others do not."""
    admin = callers(module_app)("site_admin")
    story = file_story(admin)
    with only_read(module_app):
        yield admin, story


def file_story(admin: Api) -> int:
    return int(admin.file(sources=[{"title": "Zebra", "url": STORY}], status="published")["id"])


@pytest.mark.parametrize(
    "typed",
    [
        STORY,
        "http://m.example.com/news/zebra-ad_%282018%29/?fbclid=x#comments",
        f"https://web.archive.org/web/20180516/{STORY}",
        "www.example.com/news/zebra-ad_(2018)",
        "example.com/news/zebra-ad_(2018)",
        f"source:{STORY}",
        f"<{STORY}>.",
    ],
)
def test_an_address_finds_what_cites_it_and_nothing_else(told: tuple[Api, int], typed: str) -> None:
    admin, story = told
    page = admin.get("/search", q=typed).get_json()
    assert [hit["incident"]["id"] for hit in page["items"]] == [story]
    assert (page["total"], page["relevant"], page["did_you_mean"]) == (1, 1, None)
    assert page["interpreted"].startswith("source:")
    again = admin.get("/search", q=page["interpreted"]).get_json()
    assert [hit["incident"]["id"] for hit in again["items"]] == [story]


@pytest.mark.parametrize(
    "typed", ["https://example.com/placeholder-published", "source:example.com/placholder"]
)
def test_an_address_that_nothing_cites_finds_nothing_and_is_said_to_be_a_source(
    reader: Api, typed: str
) -> None:
    page = reader.get("/search", q=typed).get_json()
    assert page["total"] == 0
    assert page["interpreted"] == f"source:{typed.removeprefix('source:')}"
    assert (page["did_you_mean"], page["corrected"], page["searchable"]) == (None, False, True)


def test_words_beside_an_address_narrow_what_cites_it(admin: Api) -> None:
    file_story(admin)
    filed = admin.file(sources=[{"title": "Quagga", "url": STORY}], title="A quagga", status="published")[
        "id"
    ]
    hits = admin.get("/search", q=f"quagga {STORY}").get_json()["items"]
    assert [hit["incident"]["id"] for hit in hits] == [filed]
    hits = admin.get("/search", q=f"quagga -{STORY}").get_json()["items"]
    assert hits == []


def test_words_are_found_without_an_address_beside_them_that_nothing_cites(reader: Api) -> None:
    page = reader.get("/search", q="Black Friday placeholder https://bit.ly/2zKqh8H").get_json()
    assert page["items"][0]["incident"]["organization"] == "McDonald's"
    assert page["interpreted"] == "Black Friday placeholder"
    assert page["did_you_mean"] is None
    page = reader.get("/search", q="category:tone-deaf https://bit.ly/2zKqh8H").get_json()
    assert page["total"] == 0


def test_what_looks_like_an_address_and_is_cited_by_nothing_is_words(reader: Api) -> None:
    page = reader.get("/search", q="mcdonalds.com/placeholder").get_json()
    assert page["interpreted"] == "mcdonalds.com/placeholder"
    assert page["items"][0]["incident"]["organization"] == "McDonald's"


def test_titles_and_publishers_of_sources_evidence_and_audience_are_found(admin: Api, anonymous: Api) -> None:
    filed = admin.file(
        sources=[{"title": "Okapis protest", "publisher": "Quokka Gazette"}],
        severity_evidence="Numbat complaints",
        audience="Pangolin keepers",
        status="published",
    )["id"]
    for typed, field in [
        ("okapis", "sources"),
        ("quokka", "sources"),
        ("source:quokka", "sources"),
        ("numbat", "severity_evidence"),
        ("evidence:numbat", "severity_evidence"),
        ("audience:pangolin", "audience"),
    ]:
        hits = anonymous.get("/search", q=typed, boosts="none").get_json()["items"]
        assert [hit["incident"]["id"] for hit in hits] == [filed], typed
        assert "<mark>" in hits[0]["highlights"][field]
    assert anonymous.get("/search", q="audience:quokka").get_json()["total"] == 0


def test_a_word_of_a_title_outranks_one_of_a_source(admin: Api) -> None:
    by_source = admin.file(sources=[{"title": "Wombat", "publisher": "Wombat"}], status="published")["id"]
    by_title = admin.file(title="The wombat", status="published")["id"]
    hits = admin.get("/search", q="wombat", boosts="none").get_json()["items"]
    assert [hit["incident"]["id"] for hit in hits] == [by_title, by_source]


def test_what_a_hidden_incident_says_of_its_sources_is_not_found(admin: Api, anonymous: Api) -> None:
    admin.file(
        sources=[{"title": "Okapis protest", "url": STORY}],
        severity_evidence="Numbat complaints",
        audience="Pangolin keepers",
        status="published",
        visibility="team",
    )
    for typed in ("okapis", "numbat", "pangolin", STORY):
        page = anonymous.get("/search", q=typed, correct="false").get_json()
        assert page["total"] == 0, typed
        assert "okapi" not in str(page["did_you_mean"])


def test_translations_of_evidence_and_audience_are_found(admin: Api) -> None:
    filed = admin.file(status="published")
    texts = {"title": "כותרת", "summary": "תקציר", "cause": "סיבה", "outcome": "תוצאה"}
    lessons = [{"id": lesson["id"], "text": "לקח"} for lesson in filed["lessons"]]
    body = {**texts, "audience": "שומרי פנגולינים", "severity_evidence": "תלונות", "lessons": lessons}
    admin.put(f"/incidents/{filed['id']}/translations/he", body, If_Match="*")
    (hit,) = admin.get("/search", q="audience:פנגולינים").get_json()["items"]
    assert "<mark>" in hit["highlights"]["audience"]
