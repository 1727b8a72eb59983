"""A draft: a post, an ad or a mail before it is published, as it is handed in for a check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

MAX_DRAFT_LENGTH = 50_000
"""How many characters a draft may have."""

MAX_PLAIN_LENGTH = 60_000
"""How many it may have with what stands for several written out: one may be a sentence in Arabic (U+FDFA)."""

MAX_WORDS = 15_000
"""How many words it may have: a text of the greatest length has some 9,000, in Vietnamese 11,000."""

MAX_DIFFERENT_WORDS = 5_000
"""How many different ones. As many posts about different things as the greatest length holds have 4,000, in
Hebrew 4,900."""

MAX_COUNTRIES = 50
MAX_LINKS = 100


class DraftKind(StrEnum):
    """What a draft is to become."""

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
    """A draft, with what is known of its publication; whatever is not known is None or empty.

    `audience_countries` are two-letter country codes (ISO 3166-1, upper case), `platform` and `industry` keys
    of the taxonomy. `links` are the links that go out with the text but do not stand in it. `scheduled_at`
    has a time zone. `approvers` are those who signed the draft off.
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
