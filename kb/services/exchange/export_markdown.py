"""Incidents as Markdown with YAML front matter: one file each, so that a repository shows what changed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from kb.domain.incident import TEXT_FIELDS
from kb.domain.taxonomy import CLASSIFICATIONS, SECONDARY_CATEGORIES
from kb.services.exchange.details import visible_details
from kb.services.exchange.files.sections import escaped
from kb.services.review.form_fields import form_fields, form_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from kb.domain.permissions import Actor
    from kb.models import Incident

_FRONT_MATTER = (
    "id",
    "slug",
    "external_id",
    "team",
    "title",
    "organization",
    "kind",
    "status",
    "visibility",
    "language",
    "languages",
    "occurred_on",
    "occurred_precision",
    "posted_at",
    "acknowledged_at",
    "removed_at",
    "severity",
    "confidence",
    "category",
    SECONDARY_CATEGORIES,
    *CLASSIFICATIONS,
    "industry",
    "tags",
    "sources",
    "responses",
    "impacts",
    "duplicate_of",
    "collection",
    "author",
    "published_at",
)
"""The fields above the text, in this order; what came with a file beyond them follows. Times of writes and
versions are not among them: a file differs only where its incident does."""

_SECTIONS = tuple(name for name in TEXT_FIELDS if name != "title")


class Document(NamedTuple):
    """A file of an export. `path` is relative, with slashes; `written_at` is when its incident was."""

    path: str
    text: str
    written_at: datetime


def export_documents(
    actor: Actor, pages: Iterable[Sequence[Incident]], languages: Sequence[str]
) -> Iterator[Document]:
    """The document of each incident that the actor may see, in the first of `languages` that it exists in,
    else in its original one. Its path is `team/slug.md`, which stays once it has been published."""
    for incident, fields in visible_details(actor, pages, languages):
        path = f"{fields['team']}/{fields['slug']}.md"
        yield Document(path, document_text(fields), incident.updated_at)


def document_text(fields: dict[str, Any]) -> str:
    """The text of the document of an incident, from its detail. What is empty or unknown is left out."""
    head = {name: _plain(fields[name]) for name in _FRONT_MATTER if fields[name] not in (None, "", [])}
    head |= {name: value for name, value in (fields["extra"] or {}).items() if name not in _FRONT_MATTER}
    front_matter = yaml.dump(
        head, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=1_000
    )
    names = _labels(fields["kind"], form_language(fields["language"]))
    parts = [f"---\n{front_matter}---\n", f"# {' '.join(fields['title'].split())}\n"]
    parts += [f"## {names[name]}\n\n{escaped(fields[name])}\n" for name in _SECTIONS if fields[name]]
    if fields["lessons"]:
        items = "\n".join(f"1. {_indented(lesson['text'])}" for lesson in fields["lessons"])
        parts.append(f"## {names['lessons']}\n\n{items}\n")
    return "\n".join(parts)


@cache
def _labels(kind: str, language: str) -> dict[str, str]:
    """What the form calls the fields of an incident in one of its languages, by name."""
    return {field.name: field.label for field in form_fields(kind, language)}


class _Dumper(yaml.SafeDumper):
    """Writes a list below its key with an indent, as most people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (a value that is there twice is written twice)
        return True


def _plain(value: Any) -> Any:
    """A value as YAML has it: no enumerations, and nothing for what is unknown in an item of a list."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _indented(text: str) -> str:
    """A text as an item of a list, with its further lines below the first."""
    return text.replace("\n", "\n   ")
