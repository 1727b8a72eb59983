"""Gentle notes on the texts of an incident: what a blameless postmortem does without. They refuse nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import TEXT_FIELDS
from kb.services.blameless import current_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.models import Incident


def incident_notes(incident: Incident, language: str) -> list[dict[str, Any]]:
    """The notes on an incident's texts in one language: in that language where we speak it, else English."""
    rules = current_rules()
    return [
        {
            "pointer": pointer,
            "kind": note.kind,
            "passage": note.passage,
            "detail": note.detail["he" if language.partition("-")[0] == "he" else "en"],
        }
        for pointer, text in _texts(incident, language)
        for note in rules.notes(text, allowed=[incident.organization])
    ]


def _texts(incident: Incident, language: str) -> Iterator[tuple[str, str]]:
    for field in TEXT_FIELDS:
        if text := getattr(incident.texts[language], field):
            yield f"/{field}", text
    for position, lesson in enumerate(incident.lessons):
        if language in lesson.texts:
            yield f"/lessons/{position}/text", lesson.texts[language].text
