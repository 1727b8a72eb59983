"""An incident that was handed in: what is new in it, and the decision about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import Status
from kb.domain.publication import Obstacle
from kb.domain.workflow import Step
from kb.pages.edits.edit_page import part_url
from kb.pages.language import in_interface_language, interface_language, text_languages
from kb.pages.messages import _, _l
from kb.pages.reviews.decisions import (
    Blocker,
    Problems,
    decide,
    decision_page,
    load_decision,
    open_comments,
    require_acknowledged,
)
from kb.pages.sent_version import sent_version
from kb.pages.words.change_words import changes, field_label
from kb.schemas.review import StepInputSchema
from kb.services.incidents.changes.history import get_unpublished_changes
from kb.services.incidents.editing import may_edit
from kb.services.incidents.read import get_incident
from kb.services.review.readiness import get_completeness
from kb.services.review.transitions import list_events, transition_incident
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText
    from kb.services.core.write_result import WriteResult

_DONE: Mapping[str, LazyText] = {
    Step.SUBMIT: _l("Handed in. Now it waits for somebody else in your team to read it."),
    Step.PUBLISH: _l("Accepted. Readers see the incident from now on."),
    Step.RETRACT: _l("Taken back. It is a draft again, which only the team sees."),
    Step.REQUEST_CHANGES: _l("Handed back. It is a draft again, which only the team sees."),
}

_OTHER_FIELDS = ("/id", "/created_at", "/status", "/slug", "/team", "/author", "/extra", "/language")
"""Fields that say nothing of what a reviewer of a new incident reads."""

_RECENT = 20
"""How many steps are searched for the one with which it was handed in."""


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    path = "/incidents/<int:incident_id>/review"
    blueprint.add_url_rule(path, view_func=incident_review_page)
    blueprint.add_url_rule(path, view_func=incident_review_decide, methods=["POST"])


@with_permission_check
def incident_review_page(incident_id: int) -> str:
    """Show the changes of an incident in review, with the forms to publish it and to return it; for a
    draft, its missing fields and the form to submit it."""
    return _page(incident_id, Problems({}, 200))


@with_permission_check
def incident_review_decide(incident_id: int) -> ResponseReturnValue:
    """Publish an incident in the version that was read, hand it back to its author, or hand in a draft."""
    outcome = decide(lambda: _take(incident_id), _DONE)
    return (_page(incident_id, outcome), outcome.status) if isinstance(outcome, Problems) else outcome


def _take(incident_id: int) -> WriteResult:
    data = load_decision(StepInputSchema(), _DONE)
    if data["step"] == Step.PUBLISH:
        ready = get_completeness(current_actor(), incident_id, [interface_language()])
        require_acknowledged(ready["concerns"], data["acknowledge"])
    return transition_incident(
        current_actor(),
        incident_id,
        sent_version(),
        Step(data["step"]),
        data["comment"],
        override=False,
        acknowledged=data["acknowledge"],
    )


def _missing(incident_id: int, field: Mapping[str, Any], *, may_change: bool) -> Blocker:
    text = _("It lacks: %(field)s", field=field_label(field["pointer"]) or field["label"])
    return Blocker(text, part_url(incident_id, field["pointer"]) if may_change else None)


def _page(incident_id: int, problems: Problems) -> str:
    actor = current_actor()
    # Its version is read first: whoever changes it meanwhile makes the decision void.
    incident = get_incident(actor, incident_id, text_languages())
    found = get_unpublished_changes(actor, incident_id)
    ready = get_completeness(actor, incident_id, [interface_language()])
    events = list_events(actor, incident_id, limit=_RECENT, cursor=None).items
    handed_in = next((event for event in events if event["step"] == Step.SUBMIT), None)
    waits = incident["status"] == Status.IN_REVIEW
    is_draft = incident["status"] == Status.DRAFT and Step.SUBMIT in ready["steps"]
    blocking = [each["key"] for each in ready["obstacles"]]
    may_change = may_edit(actor, incident_id)
    lacks = [_missing(incident_id, each, may_change=may_change) for each in ready["missing"]]
    obstacles = [
        Blocker(in_interface_language(each["detail"]))
        for each in ready["obstacles"]
        if each["key"] != Obstacle.NOT_APPROVED
    ]
    may_publish = waits and Step.PUBLISH in ready["steps"]
    return decision_page(
        problems,
        incident=incident,
        version=incident["version"],
        author=incident["author"] if handed_in is None else handed_in["author"],
        at=incident["updated_at"] if handed_in is None else handed_in["at"],
        is_proposal=False,
        is_new=any(field["pointer"] == "/title" and field["before"] is None for field in found),
        is_draft=is_draft,
        closed=None if waits or is_draft else _("This does not wait for a review."),
        notes=[handed_in["comment"]] if handed_in and handed_in["comment"] else [],
        comments=open_comments(incident_id),
        changes=changes(
            [field for field in found if field["pointer"] not in _OTHER_FIELDS],
            incident["original_language"],
        ),
        obstacles=[*obstacles, *lacks] if waits else lacks if is_draft else [],
        may_change=may_change and (waits or is_draft),
        edit_language=None,
        concerns=ready["concerns"],
        is_own=may_publish and Obstacle.NOT_APPROVED in blocking,
        may_accept=may_publish and not blocking and ready["complete"],
        reject_step=Step.REQUEST_CHANGES if waits and Step.REQUEST_CHANGES in ready["steps"] else None,
        may_retract=waits and Step.RETRACT in ready["steps"],
    )
