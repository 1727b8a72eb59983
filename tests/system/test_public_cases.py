"""The public cases in `seeds/collections/public-cases`: complete, sourced, and in both languages."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from kb.guards.definition import expand_shorthand
from kb.schemas.incident_input import IncidentImportSchema
from kb.services.incidents.lesson_guards import with_checked_guards
from kb.yaml_text import read_yaml

SEEDS = Path(__file__).parents[2] / "seeds"
FOLDER = SEEDS / "collections" / "public-cases"
SLUGS = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "collection")

LONG_TEXTS = ("summary", "why_failure", "cause", "outcome", "alternative")
SHORT_TEXTS = ("title", "severity_evidence", "audience")

MIN_WORDS = {"en": 60, "he": 45}
"""Hebrew writes articles, "and" and prepositions as parts of words, and so needs fewer of them."""

MAX_WORDS = 250

_TODAY = datetime.now(UTC).date()

NAMESPACES = {"failure_modes": "failure_mode", "themes": "theme", "platforms": "platform"}


@cache
def _case(slug: str) -> dict[str, Any]:
    data = read_yaml((FOLDER / f"{slug}.yaml").read_text("utf-8"))
    loaded: dict[str, Any] = json.loads(json.dumps(data, default=lambda day: day.isoformat()))
    for lesson in loaded["lessons"]:
        if "guard" in lesson:
            lesson["guard"] = expand_shorthand(lesson["guard"])
    return loaded


@cache
def _terms(namespace: str) -> frozenset[str]:
    data = read_yaml((SEEDS / "taxonomy" / f"{namespace}.yaml").read_text("utf-8"))
    return frozenset(term["key"] for term in data["terms"])


def _texts(case: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "en", case
    yield "he", case["translations"]["he"]


def _sentences(case: Mapping[str, Any]) -> Iterator[str]:
    for _, texts in _texts(case):
        for name in (*LONG_TEXTS, "severity_evidence", "audience"):
            yield from (part for part in re.split(r"(?<=[.!?])\s+", texts[name]) if len(part.split()) >= 5)
        yield from (lesson["text"].strip() for lesson in texts["lessons"])


@pytest.mark.parametrize("slug", SLUGS)
def test_a_case_is_complete_in_both_languages(app: Flask, slug: str) -> None:
    case = _case(slug)
    assert case["slug"] == slug
    assert case["external_id"] == f"public-cases:{slug}"
    with app.app_context():
        with_checked_guards(IncidentImportSchema().load({**case, "status": "published"}))
    assert {case["category"], *case["secondary_categories"]} <= _terms("category")
    assert case["industry"] in _terms("industry")
    assert {response["kind"] for response in case["responses"]} <= _terms("response")
    for field, namespace in NAMESPACES.items():
        assert case[field], field
        assert set(case[field]) <= _terms(namespace)
    assert str(case["occurred_on"])[:10] <= _TODAY.isoformat()
    assert case["severity"]
    assert case["tags"]
    for language, texts in _texts(case):
        lengths = {name: len(re.findall(r"\S*\w\S*", texts[name])) for name in LONG_TEXTS}
        assert all(MIN_WORDS[language] <= length <= MAX_WORDS for length in lengths.values()), lengths
        for name in (*LONG_TEXTS, *SHORT_TEXTS):
            letters = re.findall(r"[^\W\d_]", texts[name])
            hebrew = sum("\u0590" <= letter <= "\u05ff" for letter in letters)
            assert (hebrew * 2 > len(letters)) == (language == "he"), name
        assert len(texts["lessons"]) == len(case["lessons"]) >= 2


@pytest.mark.parametrize("slug", SLUGS)
def test_a_case_has_two_sources_that_say_who_published_them_and_when(slug: str) -> None:
    sources = _case(slug)["sources"]
    assert len({source["url"] for source in sources}) == len(sources) >= 2
    for source in sources:
        assert source["title"]
        assert source["publisher"]
        assert source["published_on"] <= _TODAY.isoformat()
        assert urlsplit(source["url"]).scheme in {"http", "https"}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_moment_of_which_only_the_day_is_known_is_left_out(slug: str) -> None:
    moments = [_case(slug)[name] for name in ("posted_at", "acknowledged_at", "removed_at")]
    assert all("T" in moment for moment in moments if moment is not None), "midnight is nobody's claim"


def test_no_sentence_is_repeated() -> None:
    counts = Counter(sentence for slug in SLUGS for sentence in _sentences(_case(slug)))
    assert [sentence for sentence, count in counts.items() if count > 1] == []


def test_the_cases_cover_categories_industries_platforms_and_guards() -> None:
    cases = [_case(slug) for slug in SLUGS]
    assert len(cases) >= 120
    categories = Counter(case["category"] for case in cases)
    assert {key: count for key, count in categories.items() if count < 8} == {}
    assert set(categories) == _terms("category")
    assert len({case["industry"] for case in cases}) >= 12
    assert len({platform for case in cases for platform in case["platforms"]}) >= 10
    guarded = sum(any("guard" in lesson for lesson in case["lessons"]) for case in cases)
    assert guarded * 3 >= len(cases)
    handled_well = sum(case["kind"] == "near_miss" or "handled-well" in case["tags"] for case in cases)
    assert handled_well * 10 >= len(cases)
