"""What stands between an incident and its readers: obstacles, and concerns to acknowledge."""

from __future__ import annotations

from enum import StrEnum


class Obstacle(StrEnum):
    """Why something complete cannot be published; the last two hold for proposals only."""

    NOT_REVIEWED = "not_reviewed"
    NOT_APPROVED = "not_approved"
    OPEN_COMMENTS = "open_comments"
    INCIDENT_NOT_PUBLISHED = "incident_not_published"
    CONFLICTS = "conflicts"


class Concern(StrEnum):
    """What somebody has to acknowledge who publishes in spite of it."""

    OPEN_COMMENTS = "open_comments"
    PRIVATE_NAMES = "private_names"
    CONTACT_DATA = "contact_data"


CONCERN_OF_HINT = {"person": Concern.PRIVATE_NAMES, "contact": Concern.CONTACT_DATA}
"""The concern that a style hint of each kind raises. Phrases that blame raise none: they harm nobody's
privacy."""
