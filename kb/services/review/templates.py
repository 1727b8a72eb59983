"""The template of a postmortem: its form as Markdown, as JSON Schema and field by field, with an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.language import choose_language
from kb.schemas.incident_input import IncidentInputSchema
from kb.schemas.json_schema import json_schema
from kb.services.review.form_fields import FORM_LANGUAGES, form_fields
from kb.services.review.form_markdown import form_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.incident import Kind
    from kb.services.review.form_fields import FormField


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
