"""What an installation gathers beside incidents: people, checks, and what waits for a decision.

Most endpoints are dearest with all of it.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from bench import corpus
from kb.domain.audit import AuditEvent
from kb.domain.follow_up import FollowUpStatus
from kb.domain.guard import OfferStatus
from kb.domain.incident import Status
from kb.domain.permissions import Role
from kb.domain.proposal import ProposalStatus
from kb.models import (
    ApiToken,
    AuditEntry,
    Check,
    CheckFeedback,
    CheckOverride,
    Comment,
    DistinctPair,
    FollowUp,
    Incident,
    Membership,
    OrganizationAlias,
    Proposal,
    ProposalRevision,
    Revision,
    Team,
    User,
    db,
)
from kb.models.base import utc_now
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.exchange.entries import read_entries
from kb.services.exchange.imports import importing
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.worst.site import Site

_BY = {"author": "Somebody", "principal": "name:Somebody"}

_CHECKS = 2
"""How many checks there are for an incident."""

_MAX_OTHERS = 1_000
"""How many there are at most of all else, such as people and proposals: one for ten incidents."""

_BATCH = 5_000


def gather(site: Site, incidents: int) -> dict[str, list[int]]:
    """Fill the tables. Returns the ids of what requests may decide, end or change, by what it is."""
    others = min(incidents // 10, _MAX_OTHERS)
    team = db.session.scalars(select(Team.id).where(Team.key == MAIN_TEAM)).one()
    gathered = {"in_review": _file_in_review(others), "proposals": _propose(others)}
    gathered |= _add_people(site, team, others)
    gathered |= _check(site, team, incidents * _CHECKS, others)
    gathered["aliases"] = _add_aliases(others)
    _discuss(site, others)
    db.session.commit()
    sync.ensure_current(timeout=600)
    return gathered


def _file_in_review(number: int) -> list[int]:
    """Incidents that were handed in."""
    rows = (
        {**row, "external_id": f"review:{row['external_id']}", "status": "in_review"}
        for row in corpus.incidents(number, seed=2)
    )
    checked = importing.check_entries(read_entries(json.dumps(row).encode() for row in rows), MAIN_TEAM)
    assert not checked.errors
    importing.write_lines(checked.lines, MAIN_TEAM, lambda *_: None)
    return [*db.session.scalars(select(Incident.id).where(Incident.status == Status.IN_REVIEW))]


def _propose(number: int) -> list[int]:
    """A change to each of some incidents, as they are."""
    rows = db.session.execute(
        select(Revision.incident_id, Revision.number, Revision.snapshot)
        .join(Incident)
        .where(Incident.status == Status.PUBLISHED, Incident.version == Revision.number)
        .order_by(Revision.incident_id)
        .limit(number)
    ).all()
    at = {"created_at": utc_now(), "updated_at": utc_now()}
    first = _next_id(Proposal)
    ids = [*range(first, first + len(rows))]
    _insert(
        Proposal,
        (
            {"id": id_, "incident_id": row.incident_id, "language": "en", "status": ProposalStatus.OPEN}
            | {**_BY, **at, "version": 1}
            for id_, row in zip(ids, rows, strict=True)
        ),
    )
    _insert(
        ProposalRevision,
        (
            {"proposal_id": id_, "number": 1, "base_version": row.number, "snapshot": row.snapshot}
            | {**_BY, "words_of": None, "comment": None, "at": utc_now()}
            for id_, row in zip(ids, rows, strict=True)
        ),
    )
    return ids


def _add_people(site: Site, team: int, number: int) -> dict[str, list[int]]:
    """Members of a team, other teams, and tokens of the member."""
    now = utc_now()
    first = _next_id(User)
    people = [*range(first, first + number)]
    _insert(
        User,
        (
            {"id": id_, "email": f"person{id_}@example.com", "name": f"Person {id_}", "time_zone": "UTC"}
            | {"name_key": f"person {id_}", "created_at": now, "version": 1}
            | {"site_admin": False}
            for id_ in people
        ),
    )
    member = {"team_id": team, "role_key": Role.CONTRIBUTOR.key, "since": now, "version": 1}
    _insert(Membership, ({**member, "user_id": id_} for id_ in people))
    _insert(Team, ({"key": f"team-{n}", "name": f"Team {n}", "created_at": now} for n in range(number // 10)))
    start = _next_id(ApiToken)
    ends = [*range(start, start + number)]
    token = {"user_id": site.user, "created_at": now, "expires_at": now + timedelta(days=30)}
    _insert(
        ApiToken, ({**token, "id": id_, "name": f"token {id_}", "digest": f"digest {id_}"} for id_ in ends)
    )
    return {"people": people, "tokens": ends}


def _check(site: Site, team: int, number: int, offered: int) -> dict[str, list[int]]:
    """Checks of two years, a tenth of them repeated, some overridden, and examples offered from them."""
    model = db.session.get_one(Check, site.stopped)
    row = {column.key: getattr(model, column.key) for column in Check.__mapper__.column_attrs}
    first, now = _next_id(Check), utc_now()
    _insert(
        Check,
        (
            {**row, "id": first + n, "created_at": now - n * timedelta(days=730) / number, "team_id": team}
            | {"rerun_of_id": site.stopped if n % 10 == 9 else None}
            for n in range(number)
        ),
    )
    overridden = ({"check_id": first + n, "reason": "A quotation.", "at": now} for n in range(0, number, 20))
    _insert(CheckOverride, ({**_BY, **each} for each in overridden))
    start = _next_id(CheckFeedback)
    offers = [*range(start, start + offered)]
    example = db.session.get_one(CheckFeedback, site.offer).example
    offer = {**_BY, "number": 1, "guard": site.offer_guard, "status": OfferStatus.OPEN, "at": now}
    _insert(
        CheckFeedback,
        (
            {**offer, "id": id_, "check_id": first + n, "example": {**example, "text": f"**** {n}"}}
            for n, id_ in enumerate(offers)
        ),
    )
    return {"checks": [*range(first, first + number)], "offers": offers}


def _add_aliases(number: int) -> list[int]:
    first = _next_id(OrganizationAlias)
    ids = [*range(first, first + number)]
    _insert(
        OrganizationAlias,
        (
            {"id": id_, "key": f"alias {id_}", "name": f"Alias {id_}", "created_at": utc_now()}
            | {"organization_key": f"name {id_ % 50}", "organization": f"Name {id_ % 50}"}
            for id_ in ids
        ),
    )
    return ids


def _discuss(site: Site, number: int) -> None:
    """Comments on the largest incident, follow-up actions, distinct pairs, and entries of the audit log."""
    now, large = utc_now(), {"incident_id": site.large}
    comment = {**large, **_BY, "text": "Is this so? " * 100, "internal": False}
    comment |= {"created_at": now, "version": 1}
    _insert(Comment, (comment for _ in range(number)))
    action = {"title": "Write a checklist", "owner": "Dana", "status": FollowUpStatus.OPEN, "author": "Dana"}
    dates = {"created_at": now, "updated_at": now, "due_on": now.date()}
    _insert(FollowUp, ({**action, **large, **dates, "version": 1} for _ in range(number)))
    others = select(Incident.id).where(Incident.id < site.large).order_by(Incident.id).limit(number)
    _insert(DistinctPair, ({**_BY, "incident_id": id_, "other_id": site.large, "at": now}
                           for id_ in db.session.scalars(others).all()))  # fmt: skip
    _insert(
        AuditEntry,
        (
            {"actor": "Somebody", "principal": "name:Somebody", "at": now, "event": AuditEvent.LOGIN}
            | {"detail": {}}
            for _ in range(number * 10)
        ),
    )


def _next_id(model: Any) -> int:
    return (db.session.scalar(select(model.id).order_by(model.id.desc()).limit(1)) or 0) + 1


def _insert(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    rows = [*rows]
    for start in range(0, len(rows), _BATCH):
        db.session.execute(insert(model), rows[start : start + _BATCH])
