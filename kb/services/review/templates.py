"""The form of a postmortem: what is asked in each field, with an example of an answer."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.config import seeds_dir
from kb.domain.incident import Kind
from kb.domain.language import choose_language, primary_subtag
from kb.schemas.incident_input import IncidentInputSchema
from kb.schemas.json_schema import json_schema
from kb.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

LANGUAGES = ("en", "he")
"""The languages that the form is written in, the one for everybody else first."""

_PROSE = ("title", "publisher")  # of a source; its other parts are codes and dates


class FormField(NamedTuple):
    """A field of an incident, as it is asked for in one language; `required` in a published incident."""

    name: str
    label: str
    question: str
    example: Any
    required: bool


def form_fields(kind: str, language: str) -> list[FormField]:
    """The fields to fill in, in the order of the form. Raises ValueError for a kind that there is not."""
    kind, language = Kind(kind).value, _written_in(language)
    return [
        FormField(
            name=entry["name"],
            label=entry["label"][language],
            question=_of_kind(entry, kind, "question")[language],
            example=deepcopy(_in_language(_of_kind(entry, kind, "example"), language)),
            required=entry.get("required", False),
        )
        for entry in _template()["fields"]
    ]


def example(kind: str, language: str) -> dict[str, Any]:
    """An invented postmortem, whole, as the body of a new incident."""
    return {field.name: field.example for field in form_fields(kind, language)}


def get_template(kind: Kind, wanted: Sequence[str]) -> dict[str, Any]:
    """The whole form in the first wanted language that it is written in, else in English."""
    language = choose_language(wanted, LANGUAGES, LANGUAGES[0])
    fields = form_fields(kind, language)
    schema = json_schema(IncidentInputSchema)
    for field in fields:
        # What the schema of a list's items says stays beside what is said of the list.
        schema["properties"][field.name] |= {
            "title": field.label,
            "description": field.question,
            "examples": [field.example],
        }
    schema["properties"]["kind"] |= {"const": kind}
    return {
        "kind": kind,
        "language": language,
        "markdown": markdown(kind, language),
        "json_schema": schema,
        "fields": [field._asdict() for field in fields],
        "example": example(kind, language),
    }


def markdown(kind: str, language: str) -> str:
    """The form as Markdown: each field with its question as a quote, an example and room for an answer."""
    fields = form_fields(kind, language)
    template, tag = _template(), _written_in(language)
    words = {name: texts[tag] for name, texts in template["words"].items()}
    lines = [f"# {template['heading'][Kind(kind).value][tag]}", "", template["intro"][Kind(kind).value][tag]]
    for field in fields:
        needed = f" — {words['required']}" if field.required else ""
        lines += ["", f"## {field.label} (`{field.name}`){needed}", "", f"> {field.question}", ""]
        lines += [*_example_lines(field, words, localized=_is_localized(field.name, kind)), ""]
        lines += [f"**{words['answer']}:**"]
    return "\n".join(lines) + "\n"


def _example_lines(field: FormField, words: dict[str, str], *, localized: bool) -> list[str]:
    """The example, marked as one: text as text, and what is typed as it stands in backticks."""
    mark = f"**{words['example']}:**"
    value = field.example
    if value is None or value == []:
        return [f"{mark} _{words['empty']}_"]
    if not isinstance(value, list):
        return [f"{mark} {value if localized else f'`{value}`'}"]
    if isinstance(value[0], str):
        return [f"{mark} {', '.join(f'`{item}`' for item in value)}"]
    return [mark, "", *(f"- {_item(item)}" for item in value)]


def _item(item: dict[str, Any]) -> str:
    """One lesson, source, response or impact."""
    if item.keys() == {"text"}:
        return str(item["text"])
    return ", ".join(
        f"`{name}`: {value if name in _PROSE else f'`{value}`'}"
        for name, value in item.items()
        if value is not None
    )


def _is_localized(name: str, kind: str) -> bool:
    """Whether a field's example is prose; the tag of a language is none, though it differs by language."""
    entry = next(entry for entry in _template()["fields"] if entry["name"] == name)
    return name != "language" and _by_language(_of_kind(entry, kind, "example"))


def _of_kind(entry: dict[str, Any], kind: str, part: str) -> Any:
    """A part of a field: the near miss's own, where it has one."""
    own = entry.get("near_miss", {}) if kind == Kind.NEAR_MISS else {}
    return own[part] if part in own else entry[part]


def _by_language(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == set(LANGUAGES)


def _in_language(value: Any, language: str) -> Any:
    return value[language] if _by_language(value) else value


def _written_in(language: str) -> str:
    tag = primary_subtag(language)
    return tag if tag in LANGUAGES else LANGUAGES[0]


@lru_cache(maxsize=1)
def _template() -> dict[str, Any]:
    """The shipped form; it does not change while the application runs."""
    template: dict[str, Any] = read_yaml((seeds_dir() / "template.yaml").read_text("utf-8"))
    return template
