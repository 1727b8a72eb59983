"""Keeping the search index at the database's last change. The database is the truth; the index catches up."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, cast

from flask import current_app
from sqlalchemy import func, select

from kb.models import Change, Incident, db
from kb.models.base import utc_now
from kb.search.engine import IndexBusyError, IndexUnusableError, Position
from kb.services.core import change_feed
from kb.services.infrastructure.runtime import embedded_engine, engine, settings
from kb.services.search.documents import load_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from flask import Flask

    from kb.search.engine import EmbeddedSearchEngine, IndexDocument

    Progress = Callable[[int, int], object]

log = logging.getLogger(__name__)

BATCH = 1_000
"""How many incidents are indexed in one commit."""

_SHORT_BATCH = 100
"""The same while a request waits, which looks at the time after each."""

_TURN = 0.05
"""Seconds that a writer waits for its turn before it looks whether another has done its work."""

_GRACE = timedelta(seconds=1)
"""How long a change may be missing from the index before others than its writer see to it."""

_REPAIR_TIMEOUT = 60.0
"""Seconds that mending waits for other writers."""

_repairing = threading.Lock()


def lag() -> int:
    """How many changes the index is behind. Raises IndexUnusableError, also for one of another database."""
    reached, wanted = _positions()
    return wanted - reached


def refresh_if_stale(reached: Position, wanted: Position) -> None:
    """Start to bring the index up to date where nobody else does: another machine wrote, or a writer died.

    What was written just now is left to its writer. Raises IndexUnusableError for an index of another
    database.
    """
    _require_same(reached, wanted)
    if reached.seq < wanted.seq:
        with db.engine.connect() as connection:
            missing_since = connection.scalar(select(Change.at).where(Change.seq == reached.seq + 1))
        if missing_since is not None and utc_now() - missing_since > _GRACE:
            repair_in_background()


def _require_same(reached: Position, wanted: Position) -> None:
    if reached.database_id != wanted.database_id or reached.seq > wanted.seq:
        raise IndexUnusableError("The index belongs to another database.")


def catch_up(seq: int) -> bool:
    """Bring the index to a change that was just committed; False if search will only follow.

    Whoever holds the index takes along what others have written: often there is nothing left to do here.
    What is committed stays so, whatever happens to the index: no failure of it is one of the write.
    """
    deadline = time.monotonic() + settings().index_wait_seconds
    try:
        while seq and _positions()[0] < seq:
            if time.monotonic() > deadline:
                repair_in_background()
                return False
            try:
                sync(timeout=_TURN, deadline=deadline)
            except IndexBusyError:
                continue
    except IndexUnusableError:
        repair_in_background()
        return False
    except Exception:
        log.exception("The search index could not be brought up to date; search will follow.")
        db.session.rollback()
        return False
    return True


def sync(*, timeout: float, deadline: float | None = None, progress: Progress | None = None) -> None:
    """Apply the changes that the index lacks: all of them, or batches of them until a deadline.

    `progress` is told after each batch how many changes are done, and of how many. Raises IndexBusyError
    after `timeout` seconds without access to the index, IndexUnusableError when it has to be rebuilt.
    """
    size = BATCH if deadline is None else _SHORT_BATCH
    with _write_access(timeout):
        position, wanted = _positions()
        total, done = wanted - position, 0
        while batch := _changes_after(position, size):
            position = batch[-1][0]
            engine().apply(load_documents({incident_id for _, incident_id in batch}), (), position)
            done += len(batch)
            if progress is not None:
                progress(done, max(total, done))
            if deadline is not None and time.monotonic() > deadline:
                return
    if deadline is None and (index := embedded_engine()) is not None:
        index.optimize()


def rebuild(*, timeout: float, progress: Progress | None = None) -> None:
    """Build the index anew and swap it in, then take along what was written meanwhile.

    `progress` is told of (done, all) incidents.
    """
    index = _own_index()
    with index.writing(timeout=timeout):
        index.rebuild(change_feed.position().database_id, _all_documents(progress))
    sync(timeout=timeout)


class Verified(NamedTuple):
    """What an index lacks of the database, has in another form, or should not have: ids of incidents."""

    documents: int
    missing: tuple[int, ...]
    different: tuple[int, ...]
    extra: tuple[int, ...]

    @property
    def equal(self) -> bool:
        """Whether the index is the database's."""
        return not (self.missing or self.different or self.extra)


def verify(*, timeout: float, progress: Progress | None = None) -> Verified:
    """Compare each document of the index with the one that the database makes now. Nobody writes meanwhile.

    `progress` is told of (done, all) incidents. Raises IndexBusyError, and IndexUnusableError for an index
    whose files are not as they were written.
    """
    index = _own_index()
    with index.writing(timeout=timeout):
        index.check()
        held = index.digests()
        missing, different = [], []
        count = 0
        for documents, _ in _all_documents(progress):
            for document in documents:
                count += 1
                digest = held.pop(document.id, None)
                if digest is None:
                    missing.append(document.id)
                elif digest != document.digest():
                    different.append(document.id)
    return Verified(count, tuple(missing), tuple(different), tuple(held))


def ensure(*, timeout: float, progress: Progress | None = None) -> None:
    """Bring the index up to date, by building it anew where it cannot be used."""
    try:
        check()
        sync(timeout=timeout, progress=progress)
    except IndexUnusableError as reason:
        index = _own_index()
        with index.writing(timeout=timeout):
            if _is_usable():  # another process was faster
                return
            log.info("The search index is built anew: %s", reason)
            index.rebuild(change_feed.position().database_id, _all_documents(progress))
        sync(timeout=timeout)


def repair_in_background() -> None:
    """Bring the index up to date, or build it anew, without keeping the caller waiting.

    One thread of a process at a time; who calls again while it works adds nothing.
    """
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001

    def repair() -> None:
        try:
            with app.app_context():
                ensure(timeout=_REPAIR_TIMEOUT)
        except Exception:
            log.exception("The search index could not be repaired; the next search tries again.")
        finally:
            _repairing.release()

    if _repairing.acquire(blocking=False):
        threading.Thread(target=repair, name="repair-index", daemon=True).start()


def _positions() -> tuple[int, int]:
    """The `seq` that the index has reached, and the one that it should. Raises IndexUnusableError."""
    reached = engine().position()
    wanted = change_feed.position()
    _require_same(reached, wanted)
    return reached.seq, wanted.seq


def check() -> None:
    """Raise IndexUnusableError unless the index can be searched. Files of an embedded one are verified."""
    if (index := embedded_engine()) is not None:
        index.check()
    else:
        engine().position()


def _own_index() -> EmbeddedSearchEngine:
    """The embedded engine, whose index is rebuilt and verified from here."""
    index = embedded_engine()
    if index is None:
        raise IndexUnusableError(
            "The search engine is remote: its index is not managed by this installation."
        )
    return index


def _write_access(timeout: float) -> AbstractContextManager[None]:
    """Be the only writer of an embedded index; a remote engine puts its writers in order itself."""
    index = embedded_engine()
    return nullcontext() if index is None else index.writing(timeout=timeout)


def _is_usable() -> bool:
    try:
        check()
        lag()
    except IndexUnusableError:
        return False
    return True


def _changes_after(position: int, size: int) -> list[tuple[int, int]]:
    """The next (seq, incident id) pairs, of at most `size` changes.

    In a transaction of its own: an earlier one may not see them, and rows read later must be as new.
    """
    db.session.rollback()
    statement = (
        select(Change.seq, Change.incident_id).where(Change.seq > position).order_by(Change.seq).limit(size)
    )
    pairs = [(seq, incident_id) for seq, incident_id in db.session.execute(statement)]
    db.session.rollback()
    return pairs


def _all_documents(progress: Progress | None) -> Iterator[tuple[list[IndexDocument], int]]:
    """Every incident, in batches, each with the position that the index has after it.

    The position is that of the beginning: what changes meanwhile is caught up on by the next sync.
    """
    db.session.rollback()  # what is loaded must not be older than the position
    seq = change_feed.position().seq
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
