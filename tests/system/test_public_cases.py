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
import yaml
from flask import Flask

from kb.domain.countries import read_countries
from kb.guards.definition import expand_shorthand, to_draft
from kb.schemas.incident_input import IncidentImportSchema
from kb.services.incidents.content.guard_checks import with_checked_guards
from kb.yaml_text import read_yaml

pytestmark = pytest.mark.no_cover  # of data

SEEDS = Path(__file__).parents[2] / "seeds"
FOLDER = SEEDS / "collections" / "public-cases"
SLUGS = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "collection")

LONG_TEXTS = ("summary", "why_failure", "cause", "outcome", "alternative")
SHORT_TEXTS = ("title", "severity_evidence", "audience")

MIN_WORDS = {"en": 60, "he": 45}
"""Hebrew writes articles, "and" and prepositions as parts of words.

Over all texts of the cases, it has 0.71 times the words of their English: 45 words say what takes 64.
"""

MIN_RATIO = 0.65
"""A Hebrew text with fewer words than this for each word of its English leaves something out."""

MAX_WORDS = 250

YEARS = range(2005, 2027)

BY_DEFAULT = {"US", "GB"}
"""Countries that no tag names: most reports in English are from there."""

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


def _countries(case: Mapping[str, Any]) -> set[str]:
    """The codes of the countries that a case is tagged with."""
    listed = (read_countries(tag.replace("-", " ")) for tag in case["tags"])
    return {code for known, unknown in listed if not unknown for code in known}


def _words(text: str) -> int:
    return len(re.findall(r"\S*\w\S*", text))


def _in_hebrew(text: str) -> bool:
    letters: list[str] = re.findall(r"[^\W\d_]", text)
    return sum("\u0590" <= letter <= "\u05ff" for letter in letters) * 2 > len(letters)


def test_a_case_is_complete_in_both_languages(shared_app: Flask) -> None:
    with shared_app.app_context():
        for slug in SLUGS:
            _require_complete(slug)


def _require_complete(slug: str) -> None:
    case = _case(slug)
    assert case["slug"] == slug
    assert case["external_id"] == f"public-cases:{slug}"
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
        lengths = {name: _words(texts[name]) for name in LONG_TEXTS}
        assert all(MIN_WORDS[language] <= length <= MAX_WORDS for length in lengths.values()), lengths
        assert all(_words(texts[name]) >= MIN_RATIO * _words(case[name]) for name in LONG_TEXTS), lengths
        for name in (*LONG_TEXTS, *SHORT_TEXTS):
            assert texts[name].strip(), name
            assert _in_hebrew(texts[name]) == (language == "he"), name
        assert len(texts["lessons"]) == len(case["lessons"]) >= 2
        for lesson in texts["lessons"]:
            assert _in_hebrew(lesson["text"]) == (language == "he"), lesson["text"]


def test_a_case_says_what_was_done_and_what_it_cost() -> None:
    for slug in SLUGS:
        _require_consequences(slug)


def _require_consequences(slug: str) -> None:
    case = _case(slug)
    earliest = case["occurred_on"] if case["occurred_precision"] == "day" else case["occurred_on"][:7]
    assert case["responses"]
    for response in case["responses"]:
        assert response["at"] is None or earliest <= response["at"][:10] <= _TODAY.isoformat(), response
    assert case["impacts"]
    sources = {source["url"] for source in case["sources"]}
    for impact in case["impacts"]:
        assert impact["amount"] is None or (impact["currency"] and impact["source"]), impact
        assert impact["source"] is None or impact["source"] in sources, impact


def test_a_guard_of_a_case_speaks_two_languages_and_has_examples_in_both() -> None:
    for slug in SLUGS:
        _require_both_languages(slug)


def _require_both_languages(slug: str) -> None:
    for guard in (lesson["guard"] for lesson in _case(slug)["lessons"] if "guard" in lesson):
        for texts in (guard["title"], guard["message"], guard["suggestion"]):
            assert texts.keys() == {"en", "he"}
            assert not _in_hebrew(texts["en"])
            assert _in_hebrew(texts["he"])
        for kind in ("bad", "good"):
            drafts = [to_draft(example).text for example in guard["examples"][kind]]
            assert {_in_hebrew(draft) for draft in drafts} == {True, False}, kind


def test_texts_have_straight_quotation_marks_in_both_languages() -> None:
    for slug in SLUGS:
        _require_straight_marks(slug)


def _require_straight_marks(slug: str) -> None:
    for language, texts in _texts(_case(slug)):
        prose = [texts[name] for name in (*LONG_TEXTS, *SHORT_TEXTS)]
        prose += [lesson["text"] for lesson in texts["lessons"]]
        assert not re.findall(r".?[“”„״].?", " ".join(prose)), language


def test_a_case_has_two_sources_that_say_who_published_them_and_when() -> None:
    for slug in SLUGS:
        _require_sources(slug)


def _require_sources(slug: str) -> None:
    sources = _case(slug)["sources"]
    assert len({source["url"] for source in sources}) == len(sources) >= 2
    for source in sources:
        assert source["title"]
        assert source["publisher"]
        assert source["published_on"] <= _TODAY.isoformat()
        assert urlsplit(source["url"]).scheme in {"http", "https"}


def test_a_moment_of_which_only_the_day_is_known_is_left_out() -> None:
    for slug in SLUGS:
        moments = [_case(slug)[name] for name in ("posted_at", "acknowledged_at", "removed_at")]
        # Midnight is nobody's claim.
        assert all("T" in moment for moment in moments if moment is not None), slug


def test_no_sentence_is_repeated() -> None:
    counts = Counter(sentence for slug in SLUGS for sentence in _sentences(_case(slug)))
    assert [sentence for sentence, count in counts.items() if count > 1] == []


def test_the_cases_cover_categories_industries_platforms_countries_years_and_guards() -> None:
    cases = [_case(slug) for slug in SLUGS]
    assert len(cases) >= 120
    categories = Counter(case["category"] for case in cases)
    assert {key: count for key, count in categories.items() if count < 8} == {}
    assert set(categories) == _terms("category")
    assert len({case["industry"] for case in cases}) >= 12
    assert len({platform for case in cases for platform in case["platforms"]}) >= 10
    guarded = sum(any("guard" in lesson for lesson in case["lessons"]) for case in cases)
    assert guarded * 3 >= len(cases)
    assert all(int(case["occurred_on"][:4]) in YEARS for case in cases)
    assert len({case["occurred_on"][:4] for case in cases}) >= 15
    assert sum("IL" in _countries(case) for case in cases) >= 15
    assert sum(not _countries(case) <= BY_DEFAULT for case in cases) * 3 >= len(cases)
    handled_well = sum(case["kind"] == "near_miss" or "handled-well" in case["tags"] for case in cases)
    assert handled_well * 10 >= len(cases)


def test_no_text_of_the_seeds_is_cut_by_a_comment() -> None:
    """Of an unquoted text, YAML takes what follows ` #` as a comment."""
    cut = []
    for path in sorted(SEEDS.rglob("*.yaml")):
        content = path.read_text("utf-8")
        lines = content.splitlines()
        for token in yaml.scan(content, Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.ScalarToken) and token.plain:
                end = token.end_mark
                rest = lines[end.line][end.column :] if end.line < len(lines) else ""
                if rest.startswith(" #") and not rest.startswith(" # "):
                    cut.append(f"{path.name}:{end.line + 1}: {token.value}")
    assert cut == []
