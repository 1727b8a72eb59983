"""The fields of the postmortem form, with question and example, as `seeds/template.yaml` has them."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any, NamedTuple

from kb.config import seeds_dir
from kb.domain.incident import Kind
from kb.domain.language import primary_subtag
from kb.yaml_text import read_yaml

FORM_LANGUAGES = ("en", "he")
"""The languages of the form. Readers of any other language get the first."""


class FormField(NamedTuple):
    """A field of an incident, as the form asks for it in one language.

    `required` is true if publication requires the field, `localized` if the example is text rather than a
    code, a number or a date.
    """

    name: str
    label: str
    question: str
    example: Any
    required: bool
    localized: bool


class FormTexts(NamedTuple):
    """The texts around the fields of the form, in one language; `words` are its labels by key."""

    heading: str
    intro: str
    words: dict[str, str]


def form_language(language: str) -> str:
    """The language of the form for readers of a language: its own, or the first."""
    tag = primary_subtag(language)
    return tag if tag in FORM_LANGUAGES else FORM_LANGUAGES[0]


def form_fields(kind: str, language: str) -> list[FormField]:
    """The fields of the form, in its order. Raises ValueError for an unknown kind."""
    kind, language = Kind(kind).value, form_language(language)
    return [_form_field(entry, kind, language) for entry in _template()["fields"]]


def form_texts(kind: str, language: str) -> FormTexts:
    """The texts around the fields of the form. Raises ValueError for an unknown kind."""
    kind, language = Kind(kind).value, form_language(language)
    template = _template()
    return FormTexts(
        heading=template["heading"][kind][language],
        intro=template["intro"][kind][language],
        words={key: texts[language] for key, texts in template["words"].items()},
    )


def _form_field(entry: dict[str, Any], kind: str, language: str) -> FormField:
    variant = entry | (entry.get("near_miss", {}) if kind == Kind.NEAR_MISS else {})
    example = variant["example"]
    by_language = isinstance(example, dict) and example.keys() == set(FORM_LANGUAGES)
    return FormField(
        name=entry["name"],
        label=entry["label"][language],
        question=variant["question"][language],
        example=deepcopy(example[language] if by_language else example),
        required=entry.get("required", False),
        # A language's tag differs by language, but is a code.
        localized=by_language and entry["name"] != "language",
    )


@lru_cache(maxsize=1)
def _template() -> dict[str, Any]:
    """The shipped form, which does not change while the application runs."""
    template: dict[str, Any] = read_yaml((seeds_dir() / "template.yaml").read_text("utf-8"))
    return template
