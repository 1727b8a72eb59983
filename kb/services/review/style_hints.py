"""Gentle notes on the texts of an incident: what a blameless postmortem does without. They refuse nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import TEXT_FIELDS
from kb.domain.language import primary_subtag
from kb.services.review.blameless_rules import current_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def text_notes(texts: Mapping[str, Any], organization: str, language: str) -> list[dict[str, Any]]:
    """The notes on texts in one language, those of an incident or of an input: in that language where we
    speak it, else in English. It takes no lock, and long texts a while: it is no part of a transaction."""
    rules = current_rules()
    ours = "he" if primary_subtag(language) == "he" else "en"
    return [
        {"pointer": pointer, "kind": note.kind, "passage": note.passage, "detail": note.detail[ours]}
        for pointer, text in _all_of(texts)
        for note in rules.hints(text, allowed=[organization])
    ]


def _all_of(texts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in TEXT_FIELDS:
        if text := texts.get(field):
            yield f"/{field}", text
    for position, lesson in enumerate(texts.get("lessons", ())):
        yield f"/lessons/{position}/text", lesson["text"]
