"""The ORM models. Importing this package registers all of them."""

from kb.models.audit import AuditEntry, FailedAttempt
from kb.models.base import db
from kb.models.calendar_upload import CalendarUpload
from kb.models.change import Change, ChangeCounter
from kb.models.check import Check, CheckFeedback, CheckOverride
from kb.models.collection import Collection
from kb.models.distinct_pair import DistinctPair
from kb.models.follow_up import FollowUp
from kb.models.idempotency import IdempotencyKey
from kb.models.impact import Impact
from kb.models.import_job import ImportJob
from kb.models.incident import Incident, IncidentTag, IncidentTerm, IncidentText
from kb.models.lesson import Lesson, LessonText
from kb.models.organization import OrganizationAlias
from kb.models.proposal import Proposal, ProposalEvent, ProposalRevision
from kb.models.response import Response
from kb.models.review import Comment, ReviewEvent
from kb.models.revision import Revision
from kb.models.source import Source
from kb.models.taxonomy import Namespace, Term
from kb.models.team import ApiToken, Team
from kb.models.user import Membership, User

__all__ = [
    "INCIDENT_MODELS",
    "ApiToken",
    "AuditEntry",
    "CalendarUpload",
    "Change",
    "ChangeCounter",
    "Check",
    "CheckFeedback",
    "CheckOverride",
    "Collection",
    "Comment",
    "DistinctPair",
    "FailedAttempt",
    "FollowUp",
    "IdempotencyKey",
    "Impact",
    "ImportJob",
    "Incident",
    "IncidentTag",
    "IncidentTerm",
    "IncidentText",
    "Lesson",
    "LessonText",
    "Membership",
    "Namespace",
    "OrganizationAlias",
    "Proposal",
    "ProposalEvent",
    "ProposalRevision",
    "Response",
    "ReviewEvent",
    "Revision",
    "Source",
    "Team",
    "Term",
    "User",
    "db",
]

INCIDENT_MODELS = (
    Incident,
    IncidentText,
    IncidentTerm,
    IncidentTag,
    Lesson,
    LessonText,
    Source,
    Response,
    Impact,
)
"""The models whose rows make up an incident, ordered so that rows refer only to earlier ones."""
