"""Tables and their relations. Importing this package registers all of them."""

from kb.models.base import db
from kb.models.change import Change, ChangeCounter
from kb.models.idempotency import IdempotencyKey
from kb.models.impact import Impact
from kb.models.incident import Incident, IncidentTag, IncidentTerm, IncidentText
from kb.models.lesson import Lesson, LessonText
from kb.models.response import Response
from kb.models.revision import Revision
from kb.models.source import Source
from kb.models.taxonomy import Namespace, Term
from kb.models.team import ApiToken, Team

__all__ = [
    "ApiToken",
    "Change",
    "ChangeCounter",
    "IdempotencyKey",
    "Impact",
    "Incident",
    "IncidentTag",
    "IncidentTerm",
    "IncidentText",
    "Lesson",
    "LessonText",
    "Namespace",
    "Response",
    "Revision",
    "Source",
    "Team",
    "Term",
    "db",
]
