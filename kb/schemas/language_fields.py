"""Fields of languages, and of texts by language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields

from kb.domain.incident import MAX_LANGUAGES
from kb.domain.language import shorthand_language
from kb.messages import Message
from kb.schemas.language_tags import canonical_language

if TYPE_CHECKING:
    from collections.abc import Mapping


class Language(fields.String):
    """A BCP 47 language tag registered with IANA, in canonical form."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        return canonical_language(super()._deserialize(value, attr, data, **kw) or "")


class LanguageDict(fields.Dict):
    """An object keyed by language, of at most MAX_LANGUAGES. Two spellings of one language (`he` and `iw`)
    are an error.
    """

    def __init__(self, values: Any, **kwargs: Any) -> None:
        super().__init__(keys=Language(), values=values, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> dict[Any, Any]:
        if isinstance(value, dict) and len(value) > MAX_LANGUAGES:
            raise ValidationError(
                Message(
                    "Send at most {most} languages; these are {count}.", most=MAX_LANGUAGES, count=len(value)
                )
            )
        entries: dict[Any, Any] = super()._deserialize(value, attr, data, **kw)  # type: ignore[no-untyped-call]
        seen: set[str] = set()
        for tag in value:
            if canonical_language(tag) in seen:
                raise ValidationError(
                    {tag: [Message("This language is already present under another spelling.")]}
                )
            seen.add(canonical_language(tag))
        return entries


class LanguageTexts(LanguageDict):
    """A text by language. A text alone is in the language of its script: Hebrew, or else English."""

    default_error_messages = {
        "invalid": Message(
            'Write a text, or an object with a text for each language, such as {{"en": "Add the link."}}.'
        )
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> dict[Any, Any]:
        if not isinstance(value, str):
            return super()._deserialize(value, attr, data, **kw)
        assert self.value_field is not None
        return {shorthand_language(value): self.value_field.deserialize(value, attr, data)}
