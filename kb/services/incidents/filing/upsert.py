"""Add or update incidents from other systems, by their external ids."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.incident import Status
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import Incident, db
from kb.services.incidents.changes.edit import change_incident
from kb.services.incidents.filing.adding import add_incident

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kb.domain.permissions import Actor
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.taxonomy.lookup import TermLookup


class UpsertOutcome(StrEnum):
    """The outcome of an upsert."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


def upsert_incident(
    work: UnitOfWork, actor: Actor, data: Mapping[str, Any], terms: TermLookup, team_id: int
) -> UpsertOutcome:
    """Add an incident to a team, or update the one that has its `external_id`; without one, always add.

    An update publishes a draft if `status` says so. It never unpublishes a published incident, nor restores a
    withdrawn one. `data` has a `language`. Raises InvalidInput if it differs from the stored original's.
    """
    incident = find_by_external_id(team_id, data["external_id"])
    if incident is None:
        add_incident(work, actor, data, terms, team_id)
        return UpsertOutcome.ADDED
    is_changed = update_stored(work, actor, incident, data, terms)
    return UpsertOutcome.UPDATED if is_changed else UpsertOutcome.UNCHANGED


def update_stored(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    data: Mapping[str, Any],
    terms: TermLookup,
    *,
    spellings: dict[str, str] | None = None,
    taken_slugs: Collection[str] = (),
) -> bool:
    """Update an incident as `upsert_incident` does. Returns whether it has changed.

    `spellings` has its tags (`write_tags`), `taken_slugs` the slugs that it cannot get.
    """
    if data["language"] != incident.language:
        raise InvalidInput(
            [FieldError("/language", Message("The original is in {language}.", language=incident.language))]
        )
    if incident.status is not Status.DRAFT or data["status"] == Status.DRAFT:
        data = {name: value for name, value in data.items() if name != "status"}
    return change_incident(
        work, actor, incident, data, terms, spellings=spellings, taken_slugs=taken_slugs
    ).changed


def find_by_external_id(team_id: int, external_id: str | None) -> Incident | None:
    """The incident of a team that has this external id; None if there is none, or no id is given."""
    if external_id is None:
        return None
    statement = select(Incident).where(Incident.team_id == team_id, Incident.external_id == external_id)
    return db.session.scalar(statement)
