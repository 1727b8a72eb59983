"""How far an incident is from being published, in words that its filer understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.completeness import RECOMMENDED, REQUIRED_TO_PUBLISH, empty_fields
from kb.domain.language import choose_language
from kb.domain.permissions import belongs_to, may_in
from kb.domain.workflow import UNPUBLISHED, steps_from
from kb.services.core.authorization import required_action
from kb.services.core.incident_lookup import find_incident
from kb.services.core.presenters import detail
from kb.services.review.completeness import said
from kb.services.review.steps import Obstacle, obstacles, open_comments
from kb.services.review.style_hints import text_notes
from kb.services.review.templates import form_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.permissions import Actor
    from kb.services.review.templates import FormField

_WORDS = {
    Obstacle.NOT_REVIEWED: {
        "en": "It has to be reviewed: submit it, so that somebody else reads it.",
        "he": "צריך לעבור ביקורת: הגישו אותו, כדי שמישהו נוסף יקרא אותו.",
    },
    Obstacle.NOT_APPROVED: {
        "en": "A reviewer who has written none of it has to approve this version.",
        "he": "מבקר שלא כתב שום חלק מהטקסט צריך לאשר את הגרסה הזאת.",
    },
    Obstacle.OPEN_COMMENTS: {
        "en": "There are open comments: answer and resolve them.",
        "he": "יש הערות פתוחות: ענו עליהן וסגרו אותן.",
    },
}


def get_completeness(actor: Actor, incident_id: int, wanted: Sequence[str]) -> dict[str, Any]:
    """What an incident must still say to be published, what would make it more useful, and what else stands
    in the way; in the first wanted language that we speak, else in the incident's."""
    incident = find_incident(actor, incident_id)
    language = choose_language([*wanted, incident.language], ["en", "he"], "en")
    fields = {field.name: field for field in form_fields(incident.kind, language)}
    state, view = said(incident), detail(incident)
    lacking = empty_fields(state, REQUIRED_TO_PUBLISH)
    inside = belongs_to(actor, incident.team_id)
    blocked = obstacles(actor, incident) if inside and incident.status in UNPUBLISHED else []
    return {
        "status": incident.status,
        "language": language,
        "complete": not lacking,
        "missing": [_asked(fields[name]) for name in lacking],
        "recommended": [_asked(fields[name]) for name in empty_fields(state, RECOMMENDED)],
        "obstacles": [{"key": each, "detail": _WORDS[each][language]} for each in blocked],
        "open_comments": open_comments(incident) if inside else 0,
        "steps": [
            step
            for step in steps_from(incident.status)
            if may_in(actor, required_action(incident, step), incident.team_id)
        ],
        "notes": text_notes(view, view["organization"], view["language"]) if inside else [],
    }


def _asked(field: FormField) -> dict[str, Any]:
    return {
        "pointer": f"/{field.name}",
        "label": field.label,
        "question": field.question,
        "example": field.example,
    }
