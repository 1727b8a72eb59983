"""The template of a postmortem: its form as Markdown, as JSON Schema and field by field, with an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.language import choose_language
from kb.schemas.incident_input import IncidentInputSchema
from kb.schemas.json_schema import json_schema
from kb.services.review.form_fields import FORM_LANGUAGES, form_fields, form_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.incident import Kind
    from kb.services.review.form_fields import FormField

_PROSE = ("title", "publisher")
"""The parts of a source that are text; all others are codes and dates."""


def get_template(kind: Kind, languages: Sequence[str]) -> dict[str, Any]:
    """The template in the first of `languages` that the form exists in, else in English."""
    language = choose_language(languages, FORM_LANGUAGES, FORM_LANGUAGES[0])
    fields = form_fields(kind, language)
    return {
        "kind": kind,
        "language": language,
        "markdown": form_markdown(kind, language),
        "json_schema": _annotated_schema(kind, fields),
        "fields": [field._asdict() for field in fields],
        "example": example(kind, language),
    }


def example(kind: str, language: str) -> dict[str, Any]:
    """An invented postmortem that fills in the whole form, as the body of a new incident."""
    return {field.name: field.example for field in form_fields(kind, language)}


def _annotated_schema(kind: Kind, fields: Sequence[FormField]) -> dict[str, Any]:
    """The JSON Schema of a new incident of this kind, with the form's label, question and example."""
    schema = json_schema(IncidentInputSchema)
    for field in fields:
        # `|=` keeps what the schema says about the items of a list.
        schema["properties"][field.name] |= {
            "title": field.label,
            "description": field.question,
            "examples": [field.example],
        }
    schema["properties"]["kind"] |= {"const": kind}
    return schema


def form_markdown(kind: str, language: str) -> str:
    """The form in one language: each field with its question quoted, an example and a place for the answer.

    Raises ValueError for an unknown kind.
    """
    texts = form_texts(kind, language)
    lines = [f"# {texts.heading}", "", texts.intro]
    for field in form_fields(kind, language):
        required = f" — {texts.words['required']}" if field.required else ""
        lines += ["", f"## {field.label} (`{field.name}`){required}", "", f"> {field.question}", ""]
        lines += [*_example_lines(field, texts.words), ""]
        lines += [f"**{texts.words['answer']}:**"]
    return "\n".join(lines) + "\n"


def _example_lines(field: FormField, words: dict[str, str]) -> list[str]:
    """The example after its label: prose as it is, codes and dates in backticks."""
    label = f"**{words['example']}:**"
    example = field.example
    if example is None or example == []:
        return [f"{label} _{words['empty']}_"]
    if not isinstance(example, list):
        return [f"{label} {example if field.localized else f'`{example}`'}"]
    if isinstance(example[0], str):
        return [f"{label} {', '.join(f'`{item}`' for item in example)}"]
    return [label, "", *(f"- {_item(item)}" for item in example)]


def _item(item: dict[str, Any]) -> str:
    """One lesson, source, response or impact on a line."""
    if item.keys() == {"text"}:
        return str(item["text"])
    return ", ".join(
        f"`{name}`: {value if name in _PROSE else f'`{value}`'}"
        for name, value in item.items()
        if value is not None
    )
