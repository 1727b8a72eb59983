"""The reader's preferred languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import g, request
from marshmallow import ValidationError

from kb.domain.language import DEFAULT_LANGUAGE, INTERFACE_LANGUAGES
from kb.schemas.language_tags import canonical_language
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_LANGUAGES = 10

_OLD_CODES = {"iw": "he"}


def known_language(tag: str) -> str | None:
    """Return the interface language of a tag, `he` for `he-IL`; None for an unsupported one."""
    primary = tag.partition("-")[0].lower()
    primary = _OLD_CODES.get(primary, primary)
    return primary if primary in INTERFACE_LANGUAGES else None


def message_language() -> str:
    """Return the language of messages: `?lang=`, else Accept-Language, else the user's setting, else English.

    It never looks up the actor: a request that fails before its actor is known has no setting.
    """
    asked = known_language(request.args.get("lang", ""))
    if asked:
        return asked
    tags = [*request.accept_languages.values()]
    if not tags and "actor" in g:
        tags = [g.actor.language or ""]
    return next(filter(None, map(known_language, tags)), DEFAULT_LANGUAGE)


def reader_languages(query: Mapping[str, Any]) -> list[str]:
    """Return BCP 47 tags by preference: from `?lang=`, else Accept-Language, else the user's setting."""
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
