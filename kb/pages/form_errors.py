"""The errors of a form by field, for the summary at its top and beside each field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import ValidationError

from kb.pages.language import in_interface_language
from kb.schemas.pointers import field_errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.errors import FieldError, InvalidInput
    from kb.pages.messages import LazyText


def errors_by_field(
    error: InvalidInput | ValidationError, messages: Mapping[str, LazyText]
) -> dict[str, str]:
    """Return the messages of an error by field name: the page's own from `messages` if there is one, else
    that of the service."""
    by_field: dict[str, str] = {}
    for item in _errors(error):
        name = item.pointer.lstrip("/").partition("/")[0]
        by_field.setdefault(
            name, str(messages[name]) if name in messages else in_interface_language(item.detail)
        )
    return by_field


def errors_by_pointer(error: InvalidInput | ValidationError) -> dict[str, str]:
    """Return the messages of the service by JSON pointer."""
    found: dict[str, str] = {}
    for item in _errors(error):
        found.setdefault(item.pointer, in_interface_language(item.detail))
    return found


def _errors(error: InvalidInput | ValidationError) -> Sequence[FieldError]:
    return field_errors(error.messages) if isinstance(error, ValidationError) else error.errors
