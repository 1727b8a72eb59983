"""An incident, as an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template

from kb.pages.language import text_languages
from kb.services.incidents.read import get_incident
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/incidents/<int:incident_id>", view_func=incident_page)


@with_permission_check
def incident_page(incident_id: int) -> str:
    """Tell an incident: what happened, why it is a failure, what to do instead."""
    return render_template(
        "incident.html", incident=get_incident(current_actor(), incident_id, text_languages())
    )
