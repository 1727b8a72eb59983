"""A change proposed to a published incident: what it changes, and the decision about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.proposal import ProposalStatus, ProposalStep
from kb.domain.publication import Obstacle
from kb.pages.language import in_interface_language, interface_language
from kb.pages.messages import _l
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
from kb.pages.words.change_words import changes
from kb.schemas.proposals import ProposalStepInputSchema
from kb.services.incidents.changes.proposal_steps import take_proposal_step
from kb.services.incidents.changes.proposals import get_proposal
from kb.services.incidents.editing import get_editable, may_edit
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText
    from kb.services.core.write_result import WriteResult

_DONE: Mapping[str, LazyText] = {
    ProposalStep.PUBLISH: _l("Accepted. Readers see the change from now on."),
    ProposalStep.DISCARD: _l("Discarded. The incident stays as it is."),
}

_CLOSED: Mapping[str, LazyText] = {
    ProposalStatus.PUBLISHED: _l("This change was accepted. Readers see it."),
    ProposalStatus.DISCARDED: _l("This change was discarded. The incident stayed as it was."),
}


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/proposals/<int:proposal_id>", view_func=proposal_page)
    blueprint.add_url_rule("/proposals/<int:proposal_id>", view_func=proposal_decide, methods=["POST"])


@with_permission_check
def proposal_page(proposal_id: int) -> str:
    """Show what a proposal changes, with the forms to accept and to reject it."""
    return _page(proposal_id, Problems({}, 200))


@with_permission_check
def proposal_decide(proposal_id: int) -> ResponseReturnValue:
    """Publish or discard a proposal in the version that was read."""
    outcome = decide(lambda: _take(proposal_id), _DONE)
    return (_page(proposal_id, outcome), outcome.status) if isinstance(outcome, Problems) else outcome


def _take(proposal_id: int) -> WriteResult:
    data = load_decision(ProposalStepInputSchema(), _DONE)
    if data["step"] == ProposalStep.PUBLISH and sent_version():
        require_acknowledged(_read(proposal_id)["concerns"], data["acknowledge"])
    return take_proposal_step(
        current_actor(),
        proposal_id,
        sent_version(),
        ProposalStep(data["step"]),
        data["comment"],
        override=False,
        acknowledged=data["acknowledge"],
    )


def _read(proposal_id: int) -> dict[str, Any]:
    return get_proposal(current_actor(), proposal_id, [interface_language()], version=None)


def _may_change(proposal: Mapping[str, Any]) -> bool:
    """Whether what the visitor changes of the incident is added to a proposal."""
    actor, incident_id = current_actor(), proposal["incident"]
    if not may_edit(actor, incident_id):
        return False
    added_to = get_editable(actor, incident_id, proposal["language"]).proposal
    return bool(added_to == proposal["id"])


def _page(proposal_id: int, problems: Problems) -> str:
    proposal = _read(proposal_id)
    content, steps = proposal["content"], proposal["steps"]
    blocking = [each["key"] for each in proposal["obstacles"]]
    notes = [row["comment"] for row in (*proposal["revisions"], *proposal["events"]) if row["comment"]]
    return decision_page(
        problems,
        incident=content,
        version=proposal["version"],
        author=proposal["author"],
        at=proposal["created_at"],
        is_proposal=True,
        is_new=False,
        is_draft=False,
        closed=_CLOSED.get(proposal["status"]),
        notes=notes,
        comments=open_comments(content["id"], proposal_id),
        changes=changes(proposal["changes"], content["original_language"]),
        obstacles=[
            Blocker(in_interface_language(each["detail"]))
            for each in proposal["obstacles"]
            if each["key"] != Obstacle.NOT_APPROVED
        ],
        may_change=_may_change(proposal),
        edit_language=proposal["language"] if proposal["translation"] else None,
        concerns=proposal["concerns"],
        is_own=Obstacle.NOT_APPROVED in blocking and ProposalStep.PUBLISH in steps,
        may_accept=ProposalStep.PUBLISH in steps and not blocking,
        reject_step=ProposalStep.DISCARD if ProposalStep.DISCARD in steps else None,
    )
