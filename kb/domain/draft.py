"""A draft: a post, an ad or an email before publication, as submitted for a check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

MAX_DRAFT_LENGTH = 50_000
"""Maximum length of a draft, in characters."""

MAX_PLAIN_LENGTH = 60_000
"""Maximum length after NFKC, in characters: one may expand to a sentence in Arabic (U+FDFA)."""

MAX_WORDS = 15_000
"""Maximum number of words: a text of maximum length has about 9,000, in Vietnamese 11,000."""

MAX_DIFFERENT_WORDS = 5_000
"""Maximum number of distinct words. Posts about various subjects, concatenated to the maximum length, have
4,000, in Hebrew 4,900."""

MAX_COUNTRIES = 50
MAX_LINKS = 100


class DraftKind(StrEnum):
    """What a draft will be published as."""

    POST = "post"
    REPLY = "reply"
    REPOST = "repost"
    LIKE = "like"
    STORY = "story"
    AD = "ad"
    ARTICLE = "article"
    EMAIL = "email"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft, with what is known about its publication; anything unknown is None or empty.

    `audience_countries` are two-letter country codes (ISO 3166-1, upper case), `platform` and `industry` keys
    of the taxonomy. `links` are posted with the text but are not in it. `scheduled_at` has a time zone.
    `approvers` are the people who signed off on the draft.
    """

    text: str
    language: str | None = None
    platform: str | None = None
    audience: str | None = None
    audience_countries: tuple[str, ...] = ()
    account: str | None = None
    organization: str | None = None
    industry: str | None = None
    scheduled_at: datetime | None = None
    links: tuple[str, ...] = ()
    kind: str | None = None
    approvers: tuple[str, ...] = ()
