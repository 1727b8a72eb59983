"""Countries in requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import langcodes
from marshmallow import ValidationError, fields

if TYPE_CHECKING:
    from collections.abc import Mapping


class Country(fields.String):
    """A country by its two letters (ISO 3166-1), in upper case: `il` -> `IL`, `UK` -> `GB`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": "^[A-Za-z]{2}$", **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        code = super()._deserialize(value, attr, data, **kw) or ""
        tag = f"und-{code}"
        if len(code) != 2 or not (code.isascii() and code.isalpha() and langcodes.tag_is_valid(tag)):
            raise ValidationError(
                "This is not a known country. Write a two-letter code such as US, IL or GB."
            )
        return langcodes.standardize_tag(tag).rpartition("-")[2]
