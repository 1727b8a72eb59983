"""Find the incidents that changed after a `seq` of the change feed, as far as an actor may learn of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, or_, select, true

from kb.domain.audit import AuditEvent
from kb.domain.organization import organization_key
from kb.domain.permissions import Actor, teams_of
from kb.models import AuditEntry, Change, Comment, DistinctPair, FollowUp, Incident, OrganizationAlias, db
from kb.services.core.change_feed import visible_changes

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select

_OVERLAP = timedelta(minutes=10)
"""How far to look back before the change: a comment stored after it may have an earlier time, and the clocks
of two machines may differ. Exporting something twice does no harm."""

_MAX_KEYS = 5_000
"""How many names of organizations a statement lists. If more have changed, all incidents are exported."""


def changed_since(actor: Actor, since: int) -> ColumnElement[bool]:
    """The condition for incidents that were written after a change, or whose related data has changed.

    Related data are comments, actions, pairs with other incidents and aliases of the organization. They have
    times, but no place in the feed; for removed or changed pairs and aliases, the audit log has the times.
    A duplicate counts as changed with its original, which may have become visible.
    """
    later = Change.seq > since
    visible = select(Change.incident_id).where(later, visible_changes(actor))
    clauses: list[ColumnElement[bool]] = [
        Incident.id.in_(select(Change.incident_id).where(later)),
        Incident.duplicate_of_id.in_(visible),
    ]
    if (at := _time_of(since)) is not None:
        clauses += _attached_since(actor, at - _OVERLAP)
    return or_(*clauses)


def _attached_since(actor: Actor, at: datetime) -> list[ColumnElement[bool]]:
    own = true() if actor.sees_everything else Incident.team_id.in_(teams_of(actor))
    later = or_(Comment.created_at >= at, Comment.resolved_at >= at)
    clauses = [
        Incident.id.in_(select(Comment.incident_id).where(later, Comment.internal.is_(False))),
        and_(own, Incident.id.in_(select(Comment.incident_id).where(later))),
        and_(own, Incident.id.in_(select(FollowUp.incident_id).where(FollowUp.updated_at >= at))),
    ]
    if actor.sees_everything:
        clauses.append(Incident.id.in_(select(DistinctPair.other_id).where(DistinctPair.at >= at)))
        families = select(OrganizationAlias.organization_key).where(OrganizationAlias.created_at >= at)
        clauses += [*_of_families(families), *_removed_since(at)]
    return clauses


def _removed_since(at: datetime) -> list[ColumnElement[bool]]:
    """The conditions for pairs and aliases that were removed or changed; only the audit log has these."""
    undone = (AuditEntry.event == AuditEvent.DISTINCT_UNDONE, AuditEntry.at >= at)
    clauses: list[ColumnElement[bool]] = [
        Incident.id.in_(select(AuditEntry.incident_id).where(*undone)),
        Incident.id.in_(select(AuditEntry.detail["other"].as_integer()).where(*undone)),
    ]
    keys = sorted(_former_keys(at))
    if len(keys) > _MAX_KEYS:
        return [true()]
    return [*clauses, *_of_families(keys)] if keys else clauses


def _of_families(keys: Select[str] | list[str]) -> list[ColumnElement[bool]]:
    """The conditions for incidents of some organizations, and of their aliases."""
    members = select(OrganizationAlias.key).where(OrganizationAlias.organization_key.in_(keys))
    return [Incident.organization_key.in_(keys), Incident.organization_key.in_(members)]


def _former_keys(at: datetime) -> set[str]:
    """The keys of the former names of removed or changed aliases, and of their organizations."""
    events = (AuditEvent.ORGANIZATION_ALIAS_CHANGED, AuditEvent.ORGANIZATION_ALIAS_REMOVED)
    statement = select(AuditEntry.detail).where(AuditEntry.event.in_(events), AuditEntry.at >= at)
    names: set[str] = set()
    for detail in db.session.scalars(statement):
        names |= {detail["alias"], detail["organization"]}
        names |= {before for before, _ in detail.get("changes", {}).values()}
    return {organization_key(name) for name in names}


def _time_of(since: int) -> datetime | None:
    """The time of a change, or of the last change before it that still exists."""
    return db.session.scalar(
        select(Change.at).where(Change.seq <= since).order_by(Change.seq.desc()).limit(1)
    )
