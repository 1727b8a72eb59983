"""The postmortem form as Markdown, to be filled in with any editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.services.review.form_fields import form_fields, form_texts

if TYPE_CHECKING:
    from kb.services.review.form_fields import FormField

_PROSE = ("title", "publisher")
"""The parts of a source that are text; all others are codes and dates."""


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
