"""Suggestions for an unfinished query."""

from __future__ import annotations

import pytest

from kb.search.folding import plain_spellings
from kb.services.search import suggest
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


def test_a_typed_word_is_spelled_once_however_many_names_there_are(
    reader: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = "י" + "\u0301" * 20
    spelled = []

    def count(text: str) -> tuple[str, ...]:
        spelled.append(text)
        return plain_spellings(text)

    monkeypatch.setattr(suggest, "plain_spellings", count)
    assert reader.get("/suggest", q=word).status_code == 200
    assert spelled.count(word) == 1
    assert len(spelled) > 100
