"""List what an incident still needs before publication, as questions and texts for its author."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.completeness import RECOMMENDED, REQUIRED_TO_PUBLISH, empty_fields
from kb.domain.language import choose_language
from kb.domain.permissions import belongs_to
from kb.domain.workflow import UNPUBLISHED
from kb.services.core.authorization import permitted_steps
from kb.services.core.incident_lookup import find_incident
from kb.services.core.presenters import detail
from kb.services.review.completeness import field_values
from kb.services.review.concerns import present_concerns, publication_concerns
from kb.services.review.form_fields import FORM_LANGUAGES, form_fields
from kb.services.review.obstacles import count_open_comments, incident_obstacles, present_obstacles
from kb.services.review.style_hints import style_hints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.permissions import Actor
    from kb.services.review.form_fields import FormField


def get_completeness(actor: Actor, incident_id: int, languages: Sequence[str]) -> dict[str, Any]:
    """The required and the recommended fields that are empty, and the obstacles to publication.

    The texts are in the first of `languages` that the form is in, else in the incident's own, else in
    English. Obstacles, comments and style hints are for members of its team. Raises NotFound.
    """
    incident = find_incident(actor, incident_id)
    language = choose_language([*languages, incident.language], FORM_LANGUAGES, FORM_LANGUAGES[0])
    fields = {field.name: field for field in form_fields(incident.kind, language)}
    values, body = field_values(incident), detail(incident)
    required = empty_fields(values, REQUIRED_TO_PUBLISH)
    is_member = belongs_to(actor, incident.team_id)
    is_pending = is_member and incident.status in UNPUBLISHED
    blocked_by = incident_obstacles(actor, incident) if is_pending else []
    reasons = publication_concerns(incident) if is_pending else []
    return {
        "status": incident.status,
        "language": language,
        "complete": not required,
        "missing": [_question(fields[name]) for name in required],
        "recommended": [_question(fields[name]) for name in empty_fields(values, RECOMMENDED)],
        "obstacles": present_obstacles(blocked_by),
        "concerns": present_concerns(reasons),
        "open_comments": count_open_comments(incident) if is_member else 0,
        "steps": permitted_steps(actor, incident),
        "notes": style_hints(body, body["organization"], body["language"]) if is_member else [],
    }


def _question(field: FormField) -> dict[str, Any]:
    return {
        "pointer": f"/{field.name}",
        "label": field.label,
        "question": field.question,
        "example": field.example,
    }
