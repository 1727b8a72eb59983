"""Obstacles to publishing an incident, and concerns to acknowledge first."""

from __future__ import annotations

from enum import StrEnum


class Obstacle(StrEnum):
    """Why complete content cannot be published; the last two apply to proposals only."""

    NOT_REVIEWED = "not_reviewed"
    NOT_APPROVED = "not_approved"
    OPEN_COMMENTS = "open_comments"
    INCIDENT_NOT_PUBLISHED = "incident_not_published"
    CONFLICTS = "conflicts"


class Concern(StrEnum):
    """A concern that the publisher must acknowledge in order to go ahead."""

    OPEN_COMMENTS = "open_comments"
    PRIVATE_NAMES = "private_names"
    CONTACT_DATA = "contact_data"


CONCERN_OF_HINT = {"person": Concern.PRIVATE_NAMES, "contact": Concern.CONTACT_DATA}
"""The concern raised by each kind of style hint. Blaming phrases raise none: they do not affect anyone's
privacy."""
