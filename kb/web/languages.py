"""The reader's preferred languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import ValidationError

from kb.schemas.fields import canonical_language
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_LANGUAGES = 10


def reader_languages(query: Mapping[str, Any]) -> list[str]:
    """BCP 47 tags in order of preference: from `?lang=`, else Accept-Language, else the user's setting."""
    if "lang" in query:
        return [query["lang"]]
    user_language = current_actor().language
    if user_language is not None and not request.accept_languages:
        return [user_language]
    languages = []
    for tag in list(request.accept_languages.values())[:_MAX_LANGUAGES]:
        try:
            languages.append(canonical_language(tag))
        except ValidationError:
            continue
    return languages
