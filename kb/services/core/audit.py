"""The audit log. An entry is committed together with the change that it records, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.dates import iso
from kb.domain.permissions import Action, Actor, may_in
from kb.models import AuditEntry, Team, db
from kb.services.core.authorization import require
from kb.services.core.guard_keys import shown_guards
from kb.services.infrastructure.client_address import address
from kb.services.infrastructure.pagination import Page, id_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kb.domain.audit import AuditEvent
    from kb.models import Incident
    from kb.services.core.brief_work import Work

_ENTRIES = AuditEntry.__table__


def log_event(
    work: Work,
    actor: Actor,
    event: AuditEvent,
    *,
    team_id: int | None = None,
    incident: Incident | None = None,
    **detail: Any,
) -> None:
    """Add an entry to the transaction. It belongs to a team, to an incident's team, or to the site.

    Details that are None are left out.
    """
    entry = {
        "at": work.at,
        "event": event,
        "actor": actor.name,
        "principal": actor.principal,
        "address": address(),
        "team_id": incident.team_id if incident else team_id,
        "incident_id": incident.id if incident else None,
        "detail": {name: value for name, value in detail.items() if value is not None},
    }
    work.insert(_ENTRIES, entry)


def list_audit(
    actor: Actor,
    *,
    events: Sequence[AuditEvent],
    since: datetime | None,
    limit: int,
    cursor: str | None = None,
) -> Page:
    """List the entries of the teams that the actor administers, or all for a site admin, latest first."""
    require(actor, Action.READ_AUDIT)
    statement = select(AuditEntry)
    if not actor.sees_everything:
        teams = [team for team in actor.roles if may_in(actor, Action.READ_AUDIT, team)]
        statement = statement.where(AuditEntry.team_id.in_(teams))
    if events:
        statement = statement.where(AuditEntry.event.in_(events))
    if since is not None:
        statement = statement.where(AuditEntry.at >= since)
    keys = {team_id: key for team_id, key in db.session.execute(select(Team.id, Team.key))}
    return id_page(
        statement,
        AuditEntry.id,
        lambda row: _entry(actor, row, keys.get(row.team_id)),
        limit=limit,
        cursor=cursor,
    )


def _entry(actor: Actor, row: AuditEntry, team: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": iso(row.at),
        "event": row.event,
        "actor": row.actor,
        "principal": row.principal,
        "address": row.address,
        "team": team,
        "incident": row.incident_id,
        "detail": _shown_detail(actor, row.detail),
    }


def _shown_detail(actor: Actor, detail: dict[str, Any]) -> dict[str, Any]:
    """The details of an entry, without keys of guards of lessons that the actor may not see."""
    if "guards" not in detail:
        return detail
    return {**detail, "guards": sorted({*shown_guards(actor, detail["guards"]).values()})}
