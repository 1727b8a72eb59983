"""Restore an incident to an earlier revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import Operation
from kb.domain.permissions import Action, Actor
from kb.services.core.authorization import Versions, require
from kb.services.core.incident_lookup import find_for_change
from kb.services.core.unit_of_work import unit_of_work
from kb.services.incidents.changes.answer import change_answer
from kb.services.incidents.changes.edit import change_content, load_for_edit
from kb.services.incidents.changes.history import find_revision
from kb.services.incidents.content.slugs import follow_title, slug_words
from kb.services.incidents.content.states import write_state
from kb.services.review.four_eyes import unapproved_authors
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.models import Incident
    from kb.services.core.write_result import WriteResult


@sync.coming()
def restore_incident(
    actor: Actor, incident_id: int, versions: Versions | None, number: int, data: Mapping[str, Any]
) -> WriteResult:
    """Write the content of revision `number` into an incident, as a new version or as a proposal.

    Its status stays. So do translations that were added since; they become outdated if the original changes.
    `data` may have a `comment` and acknowledged concerns. Raises NotFound, Forbidden, PreconditionMissing,
    StaleVersion, Conflict or InvalidInput.
    """
    require(actor, Action.EDIT)
    with unit_of_work(loaded=load_for_edit(actor, incident_id)) as work:
        incident = find_for_change(actor, Action.EDIT, incident_id, versions)
        state = find_revision(incident_id, number).snapshot
        result = change_content(
            work,
            actor,
            incident,
            lambda target: _write(target, state),
            operation=Operation.RESTORED,
            comment=data["comment"] or f"Restored from version {number}.",
            acknowledged=data["acknowledge"],
            words_of=unapproved_authors(incident, until=number),
        )
        answer = change_answer(actor, incident, result.proposal)
    return answer._replace(searchable=sync.catch_up(work.seq))


def _write(target: Incident, state: Mapping[str, Any]) -> None:
    earlier = slug_words(target)
    write_state(target, state)
    follow_title(target, earlier)
