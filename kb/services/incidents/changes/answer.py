"""The answer to a change of an incident, which may have become a proposal instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.services.core import idempotency
from kb.services.core.presenters import detail
from kb.services.core.write_result import WriteResult
from kb.services.incidents.changes.proposal_presenter import proposal_detail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.domain.permissions import Actor
    from kb.models import Incident, Proposal


def change_answer(
    actor: Actor, incident: Incident, proposal: Proposal | None, languages: Sequence[str] = ()
) -> WriteResult:
    """Return the current incident, and the proposal if the change became one.

    Stores the answer for a request with an idempotency key.
    """
    body = detail(incident, languages)
    if proposal is None:
        idempotency.store_answer(body, incident_id=incident.id)
        return WriteResult(body, created=False, searchable=None)
    proposed = proposal_detail(actor, proposal, [proposal.language, *languages])
    idempotency.store_answer(proposed, incident_id=incident.id, internal=True)
    return WriteResult(body, created=False, searchable=None, proposal=proposed)
