"""Countries in requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import langcodes
from marshmallow import ValidationError, fields

from kb.domain.countries import is_country
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping


class Country(fields.String):
    """A two-letter country code (ISO 3166-1), in upper case: `il` -> `IL`, `UK` -> `GB`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": "^[A-Za-z]{2}$", **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        if isinstance(value, bool):
            raise ValidationError(
                Message("Put the code into quotes: in YAML, a bare no is not Norway, but false.")
            )
        text = super()._deserialize(value, attr, data, **kw) or ""
        is_code = len(text) == 2 and text.isascii() and text.isalpha()
        code = langcodes.standardize_tag(f"und-{text}").rpartition("-")[2] if is_code else ""
        if not is_country(code):
            raise ValidationError(
                Message(
                    "This is not a known country. Write the two-letter code of each, such as US, IL or GB."
                )
            )
        return code
