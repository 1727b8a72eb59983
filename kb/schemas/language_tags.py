"""Language tags (BCP 47): validation and canonical form."""

from __future__ import annotations

import langcodes
from marshmallow import ValidationError

from kb.messages import Message

_RESERVED_SUBTAGS = frozenset({"x", "und", "mul", "mis", "zxx"})


def canonical_language(tag: str) -> str:
    """Return the canonical form of a language tag: `EN-us` -> `en-US`, `iw` -> `he`.

    Raises ValidationError for a tag that is not registered.
    """
    known = len(tag) <= 35 and tag.isascii() and langcodes.tag_is_valid(tag)
    if not known or tag.lower().partition("-")[0] in _RESERVED_SUBTAGS:
        raise ValidationError(
            Message("This is not a known language. Write a BCP 47 tag such as en, he or pt-BR.")
        )
    return langcodes.standardize_tag(tag)


def is_language(tag: str) -> bool:
    """Whether `canonical_language` knows a tag."""
    try:
        canonical_language(tag)
    except ValidationError:
        return False
    return True
