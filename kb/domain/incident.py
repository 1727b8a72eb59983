"""The words in which an incident is described."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What happened, or nearly did."""

    INCIDENT = "incident"
    NEAR_MISS = "near_miss"


class Status(StrEnum):
    """Where an incident stands on its way to its readers."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Visibility(StrEnum):
    """Who reads a published incident: its team, or everybody who may read at all."""

    TEAM = "team"
    ORGANIZATION = "organization"


class Confidence(StrEnum):
    """How sure the account of the cause is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class SourceKind(StrEnum):
    """Who speaks in a source."""

    NEWS = "news"
    OFFICIAL = "official"
    SOCIAL = "social"
    INTERNAL = "internal"


class ImpactKind(StrEnum):
    """What an incident cost."""

    MARKET_VALUE = "market_value"
    REVENUE = "revenue"
    JOBS = "jobs"
    LEGAL = "legal"
    REACH = "reach"
    REPUTATION = "reputation"
    OTHER = "other"


class Operation(StrEnum):
    """What a write did to an incident, as the change feed tells it."""

    CREATED = "created"
    UPDATED = "updated"
    RESTORED = "restored"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    RETRACTED = "retracted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    MERGED = "merged"


CONTENT_OPERATIONS = (Operation.CREATED, Operation.UPDATED, Operation.RESTORED)
"""The writes that change what an incident says, rather than where it stands."""


class FollowUpStatus(StrEnum):
    """How far an action is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class AuditEvent(StrEnum):
    """What is answered for in the audit log."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    PASSWORD = "password"  # noqa: S105 (it was changed)
    TOKEN_CREATED = "token_created"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    USER_CREATED = "user_created"
    USER_CHANGED = "user_changed"
    TEAM_CREATED = "team_created"
    TEAM_CHANGED = "team_changed"
    MEMBER_SET = "member_set"
    MEMBER_REMOVED = "member_removed"
    EXPORT = "export"
    IMPORT = "import"
    OVERRIDE = "override"
    WITHDRAWAL = "withdrawal"
    MERGE = "merge"


TEXT_FIELDS = (
    "title",
    "summary",
    "why_failure",
    "cause",
    "outcome",
    "alternative",
    "severity_evidence",
    "audience",
)
"""The fields that exist once for each language, in reading order; lessons come beside them."""

PRIMARY_CATEGORY = "category"
SECONDARY_CATEGORIES = "secondary_categories"
CLASSIFICATIONS = {
    "failure_modes": "failure_mode",
    "themes": "theme",
    "platforms": "platform",
}
"""Fields of an incident that hold several terms, and the namespace of each."""

NAMESPACES = ("category", "failure_mode", "theme", "platform", "industry", "response")
"""Every namespace of the taxonomy, in display order."""
