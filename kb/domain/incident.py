"""The vocabulary of an incident."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Whether the incident happened or nearly happened."""

    INCIDENT = "incident"
    NEAR_MISS = "near_miss"


class Status(StrEnum):
    """The workflow status of an incident."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Visibility(StrEnum):
    """Who can read a published incident: its team, or everyone with read access."""

    TEAM = "team"
    ORGANIZATION = "organization"


class Confidence(StrEnum):
    """How certain the cause is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class SourceKind(StrEnum):
    """The origin of a source."""

    NEWS = "news"
    OFFICIAL = "official"
    SOCIAL = "social"
    INTERNAL = "internal"


class ImpactKind(StrEnum):
    """The kind of cost."""

    MARKET_VALUE = "market_value"
    REVENUE = "revenue"
    JOBS = "jobs"
    LEGAL = "legal"
    REACH = "reach"
    REPUTATION = "reputation"
    OTHER = "other"


class Operation(StrEnum):
    """The operation that a write performed, as shown in the change feed."""

    CREATED = "created"
    UPDATED = "updated"
    RESTORED = "restored"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    RETRACTED = "retracted"
    PUBLISHED = "published"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    MERGED = "merged"


CONTENT_OPERATIONS = (Operation.CREATED, Operation.UPDATED, Operation.RESTORED)
"""Operations that change the content of an incident without a review."""

REVIEWED_OPERATIONS = (Operation.PUBLISHED, Operation.REVISED)
"""Operations that publish reviewed content, whether of the incident or of a proposal."""


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
"""The translatable fields, in reading order. Lessons are translatable too."""

MAX_LESSONS = 50
MAX_SOURCES = 100
MAX_LANGUAGES = 20
MAX_CHARACTERS = 150_000
"""Limits of one incident; MAX_CHARACTERS is the total length of its texts and lessons in all languages. Each
revision stores all of them, and the cost of each write, index document and comparison grows with their size.
"""
