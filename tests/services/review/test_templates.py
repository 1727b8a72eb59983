"""The form for a new incident asks the right questions, in English and in Hebrew."""

from __future__ import annotations

from typing import Any

import pytest

from kb.domain.blameless import BlamelessRules
from kb.schemas.incident_input import IncidentInputSchema
from kb.services.review.blameless_rules import load
from kb.services.review.form_fields import form_fields
from kb.services.review.templates import example, form_markdown
from kb.yaml_text import read_yaml
from tests.support.api import REPOSITORY

SEEDS = REPOSITORY / "seeds"


NOT_FILLED = {"slug", "status", "comment", "occurred_precision"}


REQUIRED = {"title", "organization", "category", "occurred_on", "summary", "cause", "outcome", "lessons"}


NAMESPACES = {
    "category": "category",
    "secondary_categories": "category",
    "failure_modes": "failure_mode",
    "themes": "theme",
    "platforms": "platform",
    "industry": "industry",
}


forms = pytest.mark.parametrize(
    ("kind", "language"), [(kind, tag) for kind in ("incident", "near_miss") for tag in ("en", "he")]
)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _is_hebrew(text: str) -> bool:
    return any("א" <= letter <= "ת" for letter in text)


@forms
def test_every_writable_field_appears_once(kind: str, language: str) -> None:
    names = [field.name for field in form_fields(kind, language)]
    assert len(names) == len(set(names))
    assert set(names) >= {
        *("title", "organization", "summary", "cause", "outcome", "lessons", "sources", "responses"),
        *("impacts", "tags", "kind", "language", "occurred_on", "visibility", *NAMESPACES),
    }
    assert set(names) <= set(IncidentInputSchema().fields) - NOT_FILLED


@forms
def test_fields_required_for_publication_are_marked(kind: str, language: str) -> None:
    assert {field.name for field in form_fields(kind, language) if field.required} == REQUIRED


@forms
def test_the_example_is_valid_input(kind: str, language: str) -> None:
    loaded = IncidentInputSchema().load(example(kind, language))
    assert (loaded["kind"], loaded["language"]) == (kind, language)


@forms
def test_the_example_uses_terms_of_the_taxonomy(kind: str, language: str) -> None:
    keys = {
        path.stem: {term["key"] for term in read_yaml(path.read_text("utf-8"))["terms"]}
        for path in (SEEDS / "taxonomy").glob("*.yaml")
    }
    body = example(kind, language)
    for name, namespace in NAMESPACES.items():
        assert set(_texts(body[name])) <= keys[namespace]
    assert {response["kind"] for response in body["responses"]} <= keys["response"]


@forms
def test_the_form_itself_is_blameless(kind: str, language: str) -> None:
    rules = BlamelessRules(load(SEEDS / "blameless.yaml"))
    texts = [form_markdown(kind, language), *_texts(example(kind, language))]
    assert [note for text in texts for note in rules.hints(text)] == []


@pytest.mark.parametrize("kind", ["incident", "near_miss"])
def test_a_form_is_entirely_in_its_language(kind: str) -> None:
    for english, hebrew in zip(form_fields(kind, "en"), form_fields(kind, "he"), strict=True):
        assert not _is_hebrew(f"{english.label} {english.question} {english.example}")
        assert _is_hebrew(hebrew.label)
        assert _is_hebrew(hebrew.question)
    body = example(kind, "he")
    assert all(_is_hebrew(body[name]) for name in ("title", "organization", "summary", "cause", "outcome"))


@pytest.mark.parametrize(
    ("language", "same_as"), [("he-IL", "he"), ("en-GB", "en"), ("fr", "en"), ("", "en")]
)
def test_other_languages_get_the_english_form(language: str, same_as: str) -> None:
    assert form_fields("incident", language) == form_fields("incident", same_as)
    assert form_markdown("incident", language) == form_markdown("incident", same_as)


def test_a_near_miss_form_asks_what_would_have_happened_and_how_it_was_caught() -> None:
    questions = {field.name: field.question for field in form_fields("near_miss", "en")}
    assert "would have happened" in questions["outcome"]
    assert "how was it caught" in questions["outcome"]
    assert questions["outcome"] != {f.name: f.question for f in form_fields("incident", "en")}["outcome"]
    assert example("near_miss", "en")["posted_at"] is None


@forms
def test_the_markdown_has_a_heading_a_question_and_an_example_per_field(kind: str, language: str) -> None:
    text = form_markdown(kind, language)
    word = {"en": "Example", "he": "דוגמה"}[language]
    for field in form_fields(kind, language):
        _, heading, rest = text.partition(f"## {field.label} (`{field.name}`)")
        assert heading
        section = rest.partition("\n## ")[0]
        assert f"\n> {field.question}\n" in section
        assert section.count(f"**{word}:**") == 1


def test_codes_are_in_backticks_but_prose_is_not() -> None:
    text = form_markdown("incident", "he")
    assert "`scheduling-error`, `policy-gap`" in text
    assert "- `kind`: `deleted`, `at`: `2023-11-14`" in text
    assert "**דוגמה:** `he`" in text
    assert f"**דוגמה:** {example('incident', 'he')['title']}" in text


def test_mutating_an_example_affects_no_other_caller() -> None:
    example("incident", "en")["lessons"].append({"text": "Another one."})
    assert len(example("incident", "en")["lessons"]) == 2


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="disaster"):
        form_fields("disaster", "en")
