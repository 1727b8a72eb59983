"""Convert marshmallow's nested messages to a flat list of errors with JSON pointers."""

from __future__ import annotations

from typing import Any

from kb.errors import FieldError
from kb.messages import Message


def field_errors(messages: Any, at: str = "") -> list[FieldError]:
    """Flatten `{"lessons": {0: {"text": ["..."]}}}` to `/lessons/0/text`."""
    if isinstance(messages, dict):
        return [
            error
            for key, nested in messages.items()
            for error in field_errors(nested, at if _is_marshmallow_key(key, at) else f"{at}/{_escape(key)}")
        ]
    if isinstance(messages, list):
        return [error for nested in messages for error in field_errors(nested, at)]
    return [FieldError(at, messages if isinstance(messages, Message) else Message(str(messages)))]


def _is_marshmallow_key(key: object, at: str) -> bool:
    # marshmallow uses `_schema` for an object as a whole, and `key` and `value` for the parts of a mapping:
    # at the root there is no mapping, and these are fields.
    return key == "_schema" or (at != "" and key in ("value", "key"))


_MAX_KEY = 100
"""Maximum length of a key in a pointer, in characters, to limit how much of the input a response repeats."""


def _escape(key: object) -> str:
    name = str(key)
    if len(name) > _MAX_KEY:
        name = f"{name[:_MAX_KEY]}…"
    return name.replace("~", "~0").replace("/", "~1")
