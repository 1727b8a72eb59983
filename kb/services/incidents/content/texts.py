"""The texts of an incident in one language, and whole translations."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from kb.domain.completeness import REQUIRED_IN_TRANSLATION
from kb.domain.incident import MAX_CHARACTERS, TEXT_FIELDS
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import IncidentText
from kb.services.incidents.content.lessons import translate_lessons, write_lessons

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from kb.models import Incident


def count_characters(incident: Incident) -> int:
    """The total length of the texts and lessons of an incident in all languages."""
    texts = (getattr(text, field) for text in incident.texts.values() for field in TEXT_FIELDS)
    lessons = (text.text for lesson in incident.lessons for text in lesson.texts.values())
    return sum(map(len, chain(texts, lessons)))


def require_size(incident: Incident, before: int = 0) -> None:
    """Raise InvalidInput if a write made an incident longer than before and than MAX_CHARACTERS."""
    require_characters(count_characters(incident), before)


def require_characters(count: int, before: int = 0) -> None:
    """Raise InvalidInput for more characters than before and than MAX_CHARACTERS."""
    if count > max(MAX_CHARACTERS, before):
        message = Message(
            "Its texts would have {count:,} characters in all languages; at most {most:,} are stored.",
            count=count,
            most=MAX_CHARACTERS,
        )
        raise InvalidInput([FieldError("", message)])


def write_texts(incident: Incident, language: str, data: Mapping[str, Any], version: int) -> None:
    """Write the texts in `data`. `version` is the incident version that this write creates."""
    text = incident.texts.get(language)
    if text is None:
        text = IncidentText(language=language, version=version, **dict.fromkeys(TEXT_FIELDS, ""))
        incident.texts[language] = text
    for field in TEXT_FIELDS:
        if field in data and getattr(text, field) != data[field]:
            setattr(text, field, data[field])
            text.version = version


def write_translation(incident: Incident, language: str, data: Mapping[str, Any], version: int) -> None:
    """Write all texts and lessons in a language other than the original's; missing ones become empty."""
    write_texts(incident, language, {**dict.fromkeys(TEXT_FIELDS, ""), **data}, version)
    translate_lessons(incident, language, data.get("lessons", ()))


def require_translated_texts(incident: Incident, language: str, fields: Container[str]) -> None:
    """Raise InvalidInput if one of some fields is empty in a translation, required, and not empty in the
    original."""
    text = incident.texts[language]
    untranslated = [
        name
        for name in REQUIRED_IN_TRANSLATION
        if name in fields and getattr(incident.original, name) and not getattr(text, name)
    ]
    if untranslated:
        message = Message("The original has this text: translate it.")
        raise InvalidInput([FieldError(f"/{name}", message) for name in untranslated])


def change_texts_and_lessons(incident: Incident, language: str, data: Mapping[str, Any]) -> None:
    """Write the texts and lessons in `data` in one language, and replace the translations it contains."""
    version = incident.version + 1
    text_version = incident.texts[language].version
    was_outdated = text_version < incident.original.version
    write_texts(incident, language, data, version)
    if "lessons" in data and language == incident.language:
        write_lessons(incident, language, data["lessons"], version)
    elif "lessons" in data:
        translate_lessons(incident, language, data["lessons"])
        incident.texts[language].version = version
    if was_outdated:
        # A translation is up to date only after all of it was written, not after a partial change.
        incident.texts[language].version = text_version
    for tag, translation in data.get("translations", {}).items():
        write_translation(incident, tag, translation, version)
        if incident.original.version == version:
            incident.texts[tag].version = version
