"""The errors of a form by field, for the summary at its top and beside each field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import ValidationError

from kb.pages.language import in_interface_language
from kb.schemas.pointers import field_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.errors import InvalidInput
    from kb.pages.messages import LazyText


def errors_by_field(
    error: InvalidInput | ValidationError, messages: Mapping[str, LazyText]
) -> dict[str, str]:
    """Return the messages of an error by field name: the page's own from `messages` if there is one, else
    that of the service."""
    found = field_errors(error.messages) if isinstance(error, ValidationError) else error.errors
    by_field: dict[str, str] = {}
    for item in found:
        name = item.pointer.lstrip("/").partition("/")[0]
        by_field.setdefault(
            name, str(messages[name]) if name in messages else in_interface_language(item.detail)
        )
    return by_field
