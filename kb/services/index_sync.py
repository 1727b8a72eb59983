"""Keeping the search index at the database's last change. The database is the truth; the index catches up."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, cast

from flask import current_app
from sqlalchemy import func, select

from kb.models import Change, ChangeCounter, Incident, db
from kb.search.engine import IndexBusyError, IndexUnusableError
from kb.services.index_documents import load_documents
from kb.services.runtime import engine, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from kb.search.engine import IndexDocument

    Progress = Callable[[int, int], object]

log = logging.getLogger(__name__)

BATCH = 1_000
"""How many incidents are indexed in one commit."""

_TURN = 0.05
"""Seconds that a writer waits for its turn before it looks whether another has done its work."""

_healing = threading.Lock()


def last_change() -> int:
    """The `seq` of the last change in the database."""
    return db.session.scalar(select(ChangeCounter.seq)) or 0


def catch_up(seq: int) -> bool:
    """Bring the index to a change that was just committed; False if search will only follow.

    Whoever holds the index takes along what others have written: often there is nothing left to do here.
    """
    if seq == 0:
        return True
    deadline = time.monotonic() + settings().index_wait_seconds
    try:
        while engine().position() < seq:
            try:
                sync(timeout=_TURN)
            except IndexBusyError:
                if time.monotonic() > deadline:
                    return False
    except IndexUnusableError:
        heal_in_background()
        return False
    except OSError:
        log.exception("The search index could not be written; search will follow.")
        return False
    return True


def sync(*, timeout: float, progress: Progress | None = None) -> int:
    """Apply all changes that the index lacks, and return its position.

    `progress` is told after each batch how many changes are done, and of how many. Raises IndexBusyError
    after `timeout` seconds without access to the index, IndexUnusableError when it has to be rebuilt.
    """
    with engine().writing(timeout=timeout):
        begin = position = engine().position()
        wanted = last_change()
        if position > wanted:
            raise IndexUnusableError("The index is ahead of the database: it belongs to another one.")
        while batch := _changes_after(position):
            documents = load_documents({incident_id for _, incident_id in batch})
            last = batch[-1][0]
            engine().apply(documents, (), last)
            position = last
            if progress is not None:
                progress(position - begin, max(wanted, position) - begin)
    return position


def rebuild(*, timeout: float, progress: Progress | None = None) -> None:
    """Build the index anew from the database and swap it in. `progress` is told of (done, all) incidents."""
    with engine().writing(timeout=timeout):
        engine().rebuild(_all_documents(progress))


def ensure(*, timeout: float, progress: Progress | None = None) -> None:
    """Bring the index up to date, by building it anew where it cannot be used."""
    try:
        engine().check()
        sync(timeout=timeout, progress=progress)
    except IndexUnusableError as reason:
        log.info("The search index is built anew: %s", reason)
        rebuild(timeout=timeout, progress=progress)


def heal_in_background() -> None:
    """Build an unusable index anew without keeping the caller waiting; one thread of a process at a time."""
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001

    def heal() -> None:
        with _healing, app.app_context():
            try:
                ensure(timeout=60)
            except (IndexBusyError, IndexUnusableError, OSError):
                log.exception("The search index could not be built anew; the next search tries again.")

    if not _healing.locked():
        threading.Thread(target=heal, name="heal-index", daemon=True).start()


def _changes_after(position: int) -> list[tuple[int, int]]:
    """The next (seq, incident) pairs. The transaction ends here, so that the rows read later are as new."""
    statement = (
        select(Change.seq, Change.incident_id).where(Change.seq > position).order_by(Change.seq).limit(BATCH)
    )
    pairs = [(seq, incident_id) for seq, incident_id in db.session.execute(statement)]
    db.session.rollback()
    return pairs


def _all_documents(progress: Progress | None) -> Iterator[tuple[list[IndexDocument], int]]:
    """Every incident, in batches, each with the position that the index has after it.

    The position is that of the beginning: what changes meanwhile is caught up on by the next sync.
    """
    seq = last_change()
    total = db.session.scalar(select(func.count(Incident.id))) or 0
    done = last_id = 0
    while True:
        ids = list(
            db.session.scalars(
                select(Incident.id).where(Incident.id > last_id).order_by(Incident.id).limit(BATCH)
            )
        )
        documents = load_documents(ids)
        db.session.rollback()
        yield documents, seq
        if not ids:
            return
        last_id, done = ids[-1], done + len(ids)
        if progress is not None:
            progress(done, total)
