"""Drafts in requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, post_load

from kb.domain.draft import (
    MAX_COUNTRIES,
    MAX_DIFFERENT_WORDS,
    MAX_DRAFT_LENGTH,
    MAX_LINKS,
    MAX_PLAIN_LENGTH,
    MAX_WORDS,
    DraftKind,
)
from kb.domain.text import MAX_GROWTH, count_words, forbidden_character, is_blank, plain_length
from kb.messages import Message
from kb.schemas.base import InputSchema
from kb.schemas.country import Country
from kb.schemas.fields import LimitedList, Text, describe, one_of
from kb.schemas.language_fields import Language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MAX_APPROVERS = 20

_YEARS = range(1900, 2200)
"""The years that calendars can compute."""


class DraftText(fields.String):
    """The text of a draft, exactly as sent, because findings are reported by offsets in it."""

    def __init__(self, **kwargs: Any) -> None:
        # The document shows the length; the message of _deserialize says what to do.
        length = {"minLength": 1, "maxLength": MAX_DRAFT_LENGTH}
        super().__init__(metadata={**length, **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        text = super()._deserialize(value, attr, data, **kw) or ""
        if len(text) > MAX_DRAFT_LENGTH:
            raise ValidationError(
                Message(
                    "This has {count:,} characters; at most {most:,} are checked at once. "
                    "Split the text, and check the parts.",
                    count=len(text),
                    most=MAX_DRAFT_LENGTH,
                )
            )
        _require_little_growth(text)
        _require_few_words(text)
        if (character := forbidden_character(text)) is not None:
            raise ValidationError(
                Message("The character {character} cannot be published. Remove it.", character=character)
            )
        if is_blank(text):
            raise ValidationError(Message("There is nothing to check. Send the text of the draft."))
        return text


def _require_little_growth(text: str) -> None:
    """Raise ValidationError for a text that becomes too long when normalized for analysis."""
    if len(text) * MAX_GROWTH > MAX_PLAIN_LENGTH and (length := plain_length(text)) > MAX_PLAIN_LENGTH:
        raise ValidationError(
            Message(
                "With its ligatures and other signs written out, this has {count:,} characters; at most "
                "{most:,} are checked at once. Split the text, and check the parts.",
                count=length,
                most=MAX_PLAIN_LENGTH,
            )
        )


def _require_few_words(text: str) -> None:
    """Raise ValidationError for a text with more words than anyone would write."""
    if len(text) <= 2 * MAX_DIFFERENT_WORDS:  # as nearly all: there is a sign between two words
        return
    count, different = count_words(text)
    if count > MAX_WORDS:
        raise ValidationError(
            Message(
                "This has {count:,} words; at most {most:,} are checked at once. "
                "Split the text, and check the parts.",
                count=count,
                most=MAX_WORDS,
            )
        )
    if different > MAX_DIFFERENT_WORDS:
        raise ValidationError(
            Message(
                "This has {count:,} different words; at most {most:,} are checked at once. "
                "Split the text, and check the parts.",
                count=different,
                most=MAX_DIFFERENT_WORDS,
            )
        )


class ZonedDateTime(fields.AwareDateTime):
    """A moment with its time zone, which it keeps; it may be in the past or in the future."""

    default_error_messages = dict.fromkeys(
        ("invalid", "invalid_awareness"),
        Message("Write a date and time with its time zone, such as 2027-09-11T09:00:00-04:00."),
    )

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> datetime:
        moment = super()._deserialize(value, attr, data, **kw)
        assert moment is not None
        if moment.year not in _YEARS:
            raise ValidationError(
                Message("Write a year from {first} to {last}.", first=_YEARS[0], last=_YEARS[-1])
            )
        return moment


class DraftSchema(InputSchema):
    """A draft: a post, an ad or an email before publication. Only the text is required."""

    text = DraftText(required=True)
    language = Language(allow_none=True, metadata=describe("Default: detected from the text."))
    platform = Text(100, allow_none=True, metadata=describe("A key of the namespace `platform`."))
    audience = Text(500, allow_none=True, metadata=describe("The intended audience, in words."))
    audience_countries = LimitedList(
        Country(),
        max_length=MAX_COUNTRIES,
        allow_none=True,
        metadata=describe("Two-letter codes (ISO 3166-1) of the countries whose calendars count."),
    )
    account = Text(200, allow_none=True, metadata=describe("The account that will publish it."))
    organization = Text(200, allow_none=True)
    industry = Text(100, allow_none=True, metadata=describe("A key of the namespace `industry`."))
    scheduled_at = ZonedDateTime(
        allow_none=True, metadata=describe("With the time zone of the audience; it may be in the past.")
    )
    links = LimitedList(
        Text(2_000, min_length=1),
        max_length=MAX_LINKS,
        allow_none=True,
        metadata=describe("Links that are attached to the text but not part of it."),
    )
    kind = fields.String(
        allow_none=True, validate=one_of(DraftKind), metadata=describe("What the draft will be published as.")
    )
    approvers = LimitedList(
        Text(200, min_length=1),
        max_length=MAX_APPROVERS,
        allow_none=True,
        metadata=describe("The people who signed off on it."),
    )

    @post_load
    def _leave_out_unknown(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value not in (None, "", [])}
