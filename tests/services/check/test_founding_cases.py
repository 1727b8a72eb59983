"""The six founding cases: what failed once is caught, and their like is recognized."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.yaml_text import read_yaml
from tests.support.api import Api

CASES: list[dict[str, Any]] = read_yaml(Path(__file__).with_name("founding_posts.yaml").read_text("utf-8"))
PARAPHRASES = [
    pytest.param(case["like"], draft, id=f"{case['like']}-{number}")
    for case in CASES
    for number, draft in enumerate(case["paraphrases"], 1)
]


def check(reader: Api, draft: dict[str, Any]) -> dict[str, Any]:
    response = reader.post("/checks", draft)
    assert response.status_code == 200, response.text
    result: dict[str, Any] = response.get_json()
    return result


def precedents(result: dict[str, Any]) -> list[str]:
    return [precedent["incident"]["slug"] for precedent in result["precedents"]]


def test_there_are_six_cases_with_three_paraphrases_each() -> None:
    assert len({case["like"] for case in CASES}) == 6
    for case in CASES:
        assert len(case["paraphrases"]) == 3, case["like"]
        assert {draft["language"] for draft in case["paraphrases"]} == {"en", "he"}, case["like"]


@pytest.mark.parametrize("language", ["en", "he"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["like"])
def test_the_post_of_a_case_is_found_by_the_guard_on_its_own_lesson(
    reader: Api, case: dict[str, Any], language: str
) -> None:
    texts = {"en": case["own"]["text"], "he": case["hebrew"]}
    result = check(reader, case["own"] | {"text": texts[language], "language": language})
    assert result["verdict"] in {"stop", "caution"}
    own = [
        finding for finding in result["findings"] if (finding["incident"] or {}).get("slug") == case["like"]
    ]
    assert any(finding["severity"] in {"stop", "caution"} for finding in own)
    assert all(finding["guard"] == f"lesson:{finding['lesson']['id']}" for finding in own)
    assert precedents(result)[0] == case["like"]


@pytest.mark.parametrize(("slug", "draft"), PARAPHRASES)
def test_a_paraphrase_of_a_case_finds_it_among_the_first_three(
    reader: Api, slug: str, draft: dict[str, Any]
) -> None:
    assert slug in precedents(check(reader, draft))[:3]
