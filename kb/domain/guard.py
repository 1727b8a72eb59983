"""Guards: small checks that lessons carry, each with its own examples."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.draft import Draft

MAX_EXAMPLES = 50
"""How many bad, and how many good examples a guard may have."""

MAX_EXAMPLE_CHARACTERS = 100_000
"""How long the examples of a guard may be together, and those of all guards that are tested at once: each is
analyzed."""

MAX_MESSAGE_LENGTH = 500

MAX_NAME_LENGTH = 100
"""The length of a guard's title."""

LESSON_PREFIX = "lesson:"
"""How the key of a lesson's guard begins; the lesson's id follows."""


class GuardType(StrEnum):
    """How a guard looks at a draft."""

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
    """What a finding asks for, the gravest first: to stop, to think, or to take note."""

    STOP = "stop"
    CAUTION = "caution"
    NOTE = "note"


class Verdict(StrEnum):
    """The result of a check: that of its gravest finding. Notes leave it clear."""

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
    """Where a guard is from: shipped, a team's own (or shipped and changed by it), or a lesson's."""

    SHIPPED = "shipped"
    TEAM = "team"
    LESSON = "lesson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A guard as data.

    `key` identifies it: that of a shipped guard or of a team's own, `lesson:12` for that of a lesson. `title`
    is what it is called, by language; it may have none. `parameters` depend on the type. `message` and
    `suggestion` are texts by language (BCP 47), which may contain `{text}`, the text that was found. Without
    `countries`, `platforms` or `accounts` it applies to all. `bad` and `good` are the
    drafts that it must find, and that it must not.
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
