"""What a written incident is analyzed for is done once a text and once a link."""

from __future__ import annotations

from collections import Counter

import pytest

from kb.domain import blameless, links
from kb.domain.phrases import TokenizedText
from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT

_SOURCES = [
    {
        "title": f"Report {number}",
        "url": f"https://example.com/{number}",
        "archive_url": f"https://a.org/{number}",
    }
    for number in range(5)
]
_LESSONS = [{"text": f"Somebody should have read post {number} again."} for number in range(5)]


@pytest.fixture
def tokenized(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each text is split into words for style hints."""
    counts: Counter[str] = Counter()

    def noted(text: str) -> TokenizedText:
        counts[text] += 1
        return TokenizedText(text)

    monkeypatch.setattr(blameless, "TokenizedText", noted)
    return counts


@pytest.fixture
def normalized(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the key of each link is made."""
    counts: Counter[str] = Counter()
    normalize_link = links.normalize_link

    def noted(url: str) -> str:
        counts[url] += 1
        return normalize_link(url)

    monkeypatch.setattr(links, "normalize_link", noted)
    return counts


def test_filing_a_published_incident_analyzes_each_text_and_each_link_once(
    admin: Api, tokenized: Counter[str], normalized: Counter[str]
) -> None:
    body = {**FULL_INCIDENT, "sources": _SOURCES, "lessons": _LESSONS, "cause": "Nobody filed it before."}
    filed = admin.post("/incidents", {**body, "status": "published"})
    assert (filed.status_code, filed.get_json()["status"]) == (201, "published")
    assert {lesson["text"] for lesson in _LESSONS} < {*tokenized}
    assert {*tokenized.values()} == {1}
    assert normalized == Counter(url for source in _SOURCES for url in (source["url"], source["archive_url"]))


def test_changing_an_incident_analyzes_each_text_and_each_link_once(
    admin: Api, tokenized: Counter[str], normalized: Counter[str]
) -> None:
    number = admin.file()["id"]
    tokenized.clear()
    changed = admin.patch(
        f"/incidents/{number}",
        {"sources": _SOURCES, "lessons": _LESSONS, "cause": "Nobody changed it to this before."},
        If_Match="*",
    )
    assert changed.status_code == 200, changed.text
    assert {lesson["text"] for lesson in _LESSONS} < {*tokenized}
    assert {*tokenized.values()} == {1}
    assert normalized == Counter(url for source in _SOURCES for url in (source["url"], source["archive_url"]))


def test_a_change_of_sources_analyzes_new_links_only(admin: Api, normalized: Counter[str]) -> None:
    number = admin.file(sources=_SOURCES)["id"]
    normalized.clear()
    renamed = [{**source, "title": f"The {source['title']}"} for source in _SOURCES]
    new = {"title": "Another report", "url": "https://example.com/new"}
    changed = admin.patch(f"/incidents/{number}", {"sources": [*renamed, new]}, If_Match="*")
    assert changed.status_code == 200, changed.text
    assert [source["title"] for source in changed.get_json()["sources"]] == [
        *(f"The Report {place}" for place in range(5)),
        "Another report",
    ]
    assert normalized == Counter({"https://example.com/new": 1})
    duplicates = admin.post("/incidents", {**FULL_INCIDENT, "sources": [_SOURCES[3]]}).get_json()
    assert number in {each["incident"]["id"] for each in duplicates["likely_duplicates"]}
