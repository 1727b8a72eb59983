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
