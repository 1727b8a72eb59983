"""Usual names of the fields of an incident, in English and Hebrew, as headings of columns and sections."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from kb.domain.incident import Kind
from kb.services.exchange.files.targets import TARGETS
from kb.services.infrastructure.column_names import column_key
from kb.services.review.form_fields import FORM_LANGUAGES, form_fields
from kb.yaml_text import read_yaml


def field_of_heading(heading: str) -> str | None:
    """The field that a heading names, by its name in the form or the API, or a synonym; None if unknown."""
    return _fields().get(column_key(heading))


@cache
def _fields() -> dict[str, str]:
    fields = {column_key(name): name for name in TARGETS}
    for kind in Kind:
        for language in FORM_LANGUAGES:
            for field in form_fields(kind, language):
                if field.name in TARGETS:
                    fields.setdefault(column_key(field.label), field.name)
    synonyms = read_yaml(files(__package__).joinpath("headings.yaml").read_text("utf-8"))
    for name, listed in synonyms.items():
        for heading in listed.split(","):
            fields.setdefault(column_key(heading), name)
    return fields
