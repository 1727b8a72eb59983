"""Uploaded content calendars: kept for their owner alone, for a day, so that long results can be paged."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import load_only

from kb.domain.permissions import Action, has_role_for
from kb.errors import NotFound
from kb.messages import Message
from kb.models import CalendarUpload, db
from kb.models.base import MAX_INTEGER, utc_now
from kb.services.core.authorization import require
from kb.services.core.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.permissions import Actor

KEPT_FOR = timedelta(days=1)
"""How long a calendar is kept."""

MAX_KEPT = 5
"""How many calendars are kept for one person: the latest."""

MAX_BYTES = 1_000_000
"""The maximum size of a kept file, compressed."""


class KeptCalendar(NamedTuple):
    """A kept file, how to read it, and the results of its rows; None until it is checked."""

    id: int
    created_at: datetime
    name: str
    content: bytes
    form: Mapping[str, str]
    results: Mapping[str, Any] | None


class KeptSummary(NamedTuple):
    """An entry in the list of kept calendars."""

    id: int
    created_at: datetime
    name: str


def may_keep(actor: Actor) -> bool:
    """Whether an actor's calendars can be kept. They cannot for anonymous callers."""
    return has_role_for(actor, Action.READ_CHECKS)


def keep_calendar(actor: Actor, name: str, content: bytes, form: Mapping[str, str]) -> int | None:
    """Store a file, and return its number; None if it is too large. Raises Forbidden.

    Deletes calendars older than a day, and all but the actor's latest ones.
    """
    require(actor, Action.READ_CHECKS)
    packed = zlib.compress(content)
    if len(packed) > MAX_BYTES:
        return None
    with unit_of_work() as work:
        own = select(CalendarUpload.id).where(CalendarUpload.principal == actor.principal)
        latest = db.session.scalars(own.order_by(CalendarUpload.id.desc()).limit(MAX_KEPT - 1)).all()
        db.session.execute(
            delete(CalendarUpload).where(
                (CalendarUpload.created_at <= work.at - KEPT_FOR)
                | ((CalendarUpload.principal == actor.principal) & CalendarUpload.id.not_in(latest))
            )
        )
        upload = CalendarUpload(
            created_at=work.at,
            principal=actor.principal,
            name=name[:200],
            content=packed,
            form={**form},
            results=None,
        )
        db.session.add(upload)
        db.session.flush()
        return upload.id


def keep_results(actor: Actor, number: int, form: Mapping[str, str], results: Mapping[str, Any]) -> None:
    """Store the results of a kept calendar and how it was read. Does nothing if it is gone."""
    with unit_of_work():
        upload = _find(actor, number)
        if upload is not None:
            upload.form, upload.results = {**form}, {**results}


def find_calendar(actor: Actor, number: int) -> KeptCalendar:
    """Return a kept calendar. Raises NotFound, also for someone else's or an expired one."""
    require(actor, Action.READ_CHECKS)
    upload = _find(actor, number)
    if upload is None:
        raise NotFound(Message("There is no calendar {number}: it is kept for a day at most.", number=number))
    return KeptCalendar(
        upload.id,
        upload.created_at,
        upload.name,
        zlib.decompress(upload.content),
        upload.form,
        upload.results,
    )


def list_calendars(actor: Actor) -> list[KeptSummary]:
    """List the checked calendars that are kept for an actor, latest first."""
    if not may_keep(actor):
        return []
    columns = load_only(CalendarUpload.created_at, CalendarUpload.name)
    statement = (
        select(CalendarUpload).options(columns).where(*_own(actor), CalendarUpload.results.is_not(None))
    )
    uploads = db.session.scalars(statement.order_by(CalendarUpload.id.desc()))
    return [KeptSummary(upload.id, upload.created_at, upload.name) for upload in uploads]


def delete_calendar(actor: Actor, number: int) -> None:
    """Delete a kept calendar. Raises NotFound."""
    require(actor, Action.READ_CHECKS)
    with unit_of_work():
        upload = _find(actor, number)
        if upload is None:
            raise NotFound(
                Message("There is no calendar {number}: it is kept for a day at most.", number=number)
            )
        db.session.delete(upload)


def _find(actor: Actor, number: int) -> CalendarUpload | None:
    return db.session.scalar(
        select(CalendarUpload).where(*_own(actor), CalendarUpload.id == min(number, MAX_INTEGER))
    )


def _own(actor: Actor) -> tuple[Any, ...]:
    return CalendarUpload.principal == actor.principal, CalendarUpload.created_at > utc_now() - KEPT_FOR
