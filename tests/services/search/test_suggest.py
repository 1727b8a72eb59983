"""Suggestions for an unfinished query."""

from __future__ import annotations

from tests.support.api import Api


def test_suggestions_include_organizations_terms_and_titles(reader: Api) -> None:
    def suggested(q: str, **query: str) -> list[tuple[str, str]]:
        items = reader.get("/suggest", q=q, **query).get_json()["items"]
        return [(item["kind"], item["text"]) for item in items]

    assert ("organization", "McDonald's") in suggested("mcdo")
    assert ("organization", "McDonald's") in suggested("McDonald's")
    assert ("term", "Tone-deaf content") in suggested("tone")
    assert any(kind == "title" for kind, _ in suggested("טיוט"))
    assert ("term", "Tone-deaf content") in suggested("tone dea")
    assert suggested("") == suggested("?!") == suggested("xyzzy") == []
