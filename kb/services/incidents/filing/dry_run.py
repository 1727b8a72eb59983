"""Dry runs of filing an incident: it is stored as usual, and the transaction is rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.language import DEFAULT_LANGUAGE
from kb.domain.permissions import Action, Actor
from kb.errors import Conflict, FieldError, InvalidInput
from kb.messages import message_of
from kb.services.accounts.teams import filing_team
from kb.services.core.authorization import require
from kb.services.core.unit_of_work import unit_of_work
from kb.services.incidents.content.guard_checks import with_checked_guards, without_guards
from kb.services.incidents.duplicates.likely import query_for_input
from kb.services.incidents.filing.adding import add_incident
from kb.services.incidents.filing.advice import filing_advice
from kb.services.incidents.filing.language_detection import with_language
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping


def try_incident(actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of `create_incident` without storing anything; `errors` are those it would raise.

    Raises Forbidden and NotFound as that does, so that callers who may not file learn nothing.
    """
    require(actor, Action.CREATE)
    team = filing_team(actor, data.get("team"))
    team_id, default_language = team.id, team.language or DEFAULT_LANGUAGE
    errors: list[FieldError] = []
    try:
        data = with_checked_guards(data)
    except InvalidInput as error:
        errors += error.errors
        # What failed is not in the form that can be stored, and the rest is tried without it.
        data = without_guards(data)
    data, language_source = with_language(data, default_language)
    advice = filing_advice(actor, data, language_source, query_for_input(data))
    outcome, refused = _try_adding(actor, data, team_id)
    errors += refused
    if errors:
        outcome = {"status": None, "slug": None}
    return {"errors": errors, **outcome, "language": data["language"], **advice}


def _try_adding(
    actor: Actor, data: Mapping[str, Any], team_id: int
) -> tuple[dict[str, Any], list[FieldError]]:
    """The status and the slug that an incident would get, and the errors that refuse it."""
    terms = TermLookup()
    try:
        with unit_of_work() as work:
            work.discard()
            incident = add_incident(work, actor, data, terms, team_id)
            return {"status": incident.status, "slug": incident.slug}, []
    except (InvalidInput, Conflict) as error:
        return {}, [*error.errors] or [FieldError("", message_of(error))]
