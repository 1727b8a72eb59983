"""Guards: small checks attached to lessons, each with its own examples."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.draft import Draft

MAX_EXAMPLES = 50
"""Maximum number of bad examples of a guard, and of good ones."""

MAX_EXAMPLE_CHARACTERS = 100_000
"""Maximum total length of the examples of one guard, and of all guards tested together: each is analyzed."""

MAX_MESSAGE_LENGTH = 500

MAX_NAME_LENGTH = 100
"""Maximum length of a guard's title, in characters."""

LESSON_PREFIX = "lesson:"
"""Prefix of the key of a lesson's guard; the lesson's id follows."""


class GuardType(StrEnum):
    """How a guard examines a draft."""

    PLACEHOLDER = "placeholder"
    PHRASE = "phrase"
    PATTERN = "pattern"
    THEMES = "themes"
    OPEN_INVITATION = "open-invitation"
    DATE = "date"
    LINK = "link"
    HASHTAG = "hashtag"
    ACCOUNT = "account"
    APPROVAL = "approval"


class Severity(StrEnum):
    """How severe a finding is, the most severe first: stop, think again, or take note."""

    STOP = "stop"
    CAUTION = "caution"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """The place in the order of severity, from 0 for the most severe."""
        return [*Severity].index(self)


class Verdict(StrEnum):
    """The verdict of a check, taken from its most severe finding. Notes leave it clear."""

    STOP = "stop"
    CAUTION = "caution"
    CLEAR = "clear"

    @classmethod
    def of(cls, severities: set[Severity]) -> Verdict:
        """The verdict of findings with these severities."""
        if Severity.STOP in severities:
            return cls.STOP
        return cls.CAUTION if Severity.CAUTION in severities else cls.CLEAR


class GuardOrigin(StrEnum):
    """Where a guard comes from: shipped, a team's own (or shipped and edited by it), or a lesson."""

    SHIPPED = "shipped"
    TEAM = "team"
    LESSON = "lesson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A guard as data.

    `key` identifies it: a name for a shipped guard or a team's own, `lesson:12` for the guard of a lesson.
    `title` is its optional name, by language. `parameters` depend on the type. `message` and `suggestion` are
    texts by language (BCP 47), which may contain `{text}`, the text that was found. Empty `countries`,
    `platforms` or `accounts` mean all. `bad` are example drafts that it must flag, `good` those that it must
    let pass.
    """

    key: str
    type: GuardType
    severity: Severity
    message: Mapping[str, str]
    title: Mapping[str, str] = field(default_factory=dict)
    suggestion: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    countries: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    active: bool = True
    bad: tuple[Draft, ...] = ()
    good: tuple[Draft, ...] = ()


class OfferStatus(StrEnum):
    """The status of an example offered to a guard. `taken_over`: added by hand to a guard in a file."""

    OPEN = "open"
    ACCEPTED = "accepted"
    TAKEN_OVER = "taken_over"
    DECLINED = "declined"
