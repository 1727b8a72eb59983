"""Content calendars of signed-in readers: kept for a day for them alone, so that a long result has pages."""

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
"""How many calendars of one person are kept: the latest ones."""

MAX_BYTES = 1_000_000
"""How long a kept file may be, compressed."""


class KeptCalendar(NamedTuple):
    """A kept file, how to read it, and how its rows fared; `results` are None before it is checked."""

    id: int
    created_at: datetime
    name: str
    content: bytes
    form: Mapping[str, str]
    results: Mapping[str, Any] | None


class KeptSummary(NamedTuple):
    """What a list says of a kept calendar."""

    id: int
    created_at: datetime
    name: str


def may_keep(actor: Actor) -> bool:
    """Whether calendars of an actor can be kept: not those of anonymous callers."""
    return has_role_for(actor, Action.READ_CHECKS)


def keep_calendar(actor: Actor, name: str, content: bytes, form: Mapping[str, str]) -> int | None:
    """Keep a file, and return its number; None if it is too long. Raises Forbidden.

    What is older than a day goes, and all but the latest of the actor.
    """
    require(actor, Action.READ_CHECKS)
    packed = zlib.compress(content, 9)
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
    """Keep how the rows of a kept calendar fared, as it was read. Does nothing for one that is gone."""
    with unit_of_work():
        upload = _find(actor, number)
        if upload is not None:
            upload.form, upload.results = {**form}, {**results}


def find_calendar(actor: Actor, number: int) -> KeptCalendar:
    """A kept calendar. Raises NotFound, also for one that is somebody else's or has expired."""
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
    """The checked calendars that are kept for an actor, the latest first."""
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
