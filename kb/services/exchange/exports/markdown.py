"""Export incidents as Markdown with YAML front matter, one file each, so that a repository shows changes."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from kb.domain.incident import TEXT_FIELDS
from kb.domain.taxonomy import CLASSIFICATIONS, SECONDARY_CATEGORIES
from kb.pauses import Pauses
from kb.services.exchange.exports.selection import visible_details
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
"""The fields of the front matter, in order; extra fields from an imported file follow. Times of writes and
versions are left out, so that a file changes only if its incident does."""

_SECTIONS = tuple(name for name in TEXT_FIELDS if name != "title")


class Document(NamedTuple):
    """A file of an export. `path` is relative, with slashes; `written_at` is the incident's last write."""

    path: str
    text: str
    written_at: datetime


def export_documents(
    actor: Actor, pages: Iterable[Sequence[Incident]], languages: Sequence[str]
) -> Iterator[Document]:
    """Yield the document of each incident that the actor may see.

    It is in the first available of `languages`, else in the original language. Its path is `team/slug.md`,
    which is stable once the incident has been published.
    """
    for incident, fields in visible_details(actor, pages, languages):
        path = f"{fields['team']}/{fields['slug']}.md"
        yield Document(path, document_text(fields), incident.updated_at)


def document_text(fields: dict[str, Any]) -> str:
    """The text of an incident's document, from its detail, without empty or unknown fields."""
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
    """The form's labels of the fields of an incident in one of its languages, by name."""
    return {field.name: field.label for field in form_fields(kind, language)}


class _Dumper(yaml.SafeDumper):
    """Indents lists below their keys, as most people do, and pauses: many sources take long to write."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pause = Pauses(time.thread_time)

    def emit(self, event: yaml.Event) -> None:
        super().emit(event)
        self._pause()

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 (a value that is there twice is written twice)
        return True


def _plain(value: Any) -> Any:
    """Convert a value to plain YAML types: enumerations become texts, unknown values are dropped."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _indented(text: str) -> str:
    """Indent the further lines of a list item below the first."""
    return text.replace("\n", "\n   ")
