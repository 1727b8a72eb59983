"""Keeps the search index up to date with the database: applies missing changes, rebuilds it if necessary."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.models import Change, db
from kb.models.base import utc_now
from kb.models.prepared_select import PreparedSelect
from kb.search.engine import IndexBusyError, IndexUnusableError, Position
from kb.services.core import change_feed
from kb.services.core.reading import reading
from kb.services.infrastructure.processes import in_processes
from kb.services.infrastructure.runtime import application, concepts, embedded_engine, engine, settings
from kb.services.search.documents import BATCH_SIZE, all_documents
from kb.services.search.index_writers import IndexWriters
from kb.services.search.prepared_documents import documents_of
from kb.services.search.shared_documents import remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from kb.pauses import Pause
    from kb.search.engine import EmbeddedSearchEngine, IndexDocument
    from kb.services.search.documents import Progress

log = logging.getLogger(__name__)

REQUEST_BATCH_SIZE = 100
"""How many changes are applied at a time while a request waits; it checks its deadline after each batch."""

_PAUSING_BATCH_SIZE = 5
"""How many are applied at a time between two pauses."""

_LARGE_PART = 50_000
"""How many characters of documents are applied in one piece; usual incidents have some 2,000."""

_MAX_BACKLOG = REQUEST_BATCH_SIZE
"""For how many changes of others a request waits. More come from a bulk write, which indexes them itself."""

_LOCK_TIMEOUT = 0.05
"""How many seconds a request waits for the index lock before it checks whether the holder did the work."""

_GRACE_PERIOD = timedelta(seconds=1)
"""How long a change may be missing from the index before another process than its writer's adds it."""

_REPAIR_TIMEOUT = 60.0
"""How many seconds a repair waits for other writers."""

_CHANGES_AFTER = PreparedSelect(
    lambda values: (
        select(Change.seq, Change.incident_id)
        .where(Change.seq > values[0])
        .order_by(Change.seq)
        .limit(values[1])
    )
)

_repairing = threading.Lock()


_writers = IndexWriters()

coming = _writers.coming
"""Announces that a block, or a function, will soon `catch_up`, so that a commit of the index waits for it."""


def lag() -> int:
    """How many changes the index lacks. Raises IndexUnusableError, also for an index of another database."""
    indexed, committed = _positions()
    return committed - indexed


def refresh_if_stale(indexed: Position, committed: Position) -> None:
    """Update the index in the background if a change is missing that its writer should have added by now.

    Then another machine wrote it, or its writer died. Raises IndexUnusableError for an index of another
    database.
    """
    _require_same_database(indexed, committed)
    if indexed.seq < committed.seq:
        missing_since = change_feed.committed_at(committed.database_id, indexed.seq + 1)
        # `abs`, since a time in the future means that the clock was set back.
        if missing_since is not None and abs(utc_now() - missing_since) > _GRACE_PERIOD:
            repair_in_background()


def catch_up(seq: int, pause: Pause | None = None) -> bool:
    """Bring the index up to a change that was just committed; False if search will find it only later.

    The holder of the index lock also applies the changes of others: one thread of a process at a time asks
    for it, and the others then find nothing left to do. A failure of the index never fails the write, which
    is committed. A `pause` is called between small batches, for a write of many changes.
    """
    if not seq:
        return True
    deadline = time.monotonic() + settings().index_wait_seconds
    _writers.arrive()
    try:
        return _wait_for(seq, deadline, pause)
    except IndexUnusableError:
        repair_in_background()
        return False
    except Exception:
        log.exception("The search index could not be updated; a later search will retry.")
        db.session.rollback()
        return False


def _wait_for(seq: int, deadline: float, pause: Pause | None) -> bool:
    """Wait until the index has a change, updating it on this thread's turn.

    False after the deadline, and at once if it lacks too many changes of others.
    """
    # Raises if the index is of another database, whose change may have the same number.
    indexed, _ = _positions()
    db.session.rollback()  # release the connection while others work
    _writers.rest_if_long()
    if pause is None and seq - indexed > _MAX_BACKLOG:
        repair_in_background()  # its writer may have died
        return False
    while not _has(seq):
        remaining = deadline - time.monotonic()
        if remaining < 0:
            repair_in_background()
            return False
        if not _writers.leading.acquire(timeout=remaining):
            continue
        try:
            _writers.gather(lambda: _has(seq))
            if not _has(seq):
                sync(timeout=_LOCK_TIMEOUT, deadline=deadline, pause=pause, needed=seq)
        except IndexBusyError:
            continue
        finally:
            _writers.leading.release()
    return True


def _has(seq: int) -> bool:
    return engine().position().seq >= seq


def sync(
    *,
    timeout: float,
    deadline: float | None = None,
    progress: Progress | None = None,
    pause: Pause | None = None,
    needed: int | None = None,
) -> None:
    """Apply the changes that the index lacks: all of them, or in batches until a deadline.

    None if, once it has the lock, only those after the `needed` one are missing: their writers are about to
    gather, and a commit costs several times as much as one more change in it. `progress` counts changes; a
    `pause` is called between small batches. Raises IndexBusyError after `timeout` seconds without the index
    lock, IndexUnusableError if the index must be rebuilt.
    """
    size = BATCH_SIZE if deadline is None else REQUEST_BATCH_SIZE if pause is None else _PAUSING_BATCH_SIZE
    with _write_lock(timeout):
        indexed, committed = _positions()
        if needed is not None and indexed >= needed:
            return
        total, done = committed - indexed, 0
        for documents, last, count in in_processes(_load, _batches_after(indexed, size)):
            if pause is None:
                engine().apply(documents, (), last)
            else:
                _apply_in_parts(documents, (indexed, last), reading(pause))
            indexed, done = last, done + count
            if progress is not None:
                progress(done, max(total, done))
            if deadline is not None and time.monotonic() > deadline:
                return
    if deadline is None and (index := embedded_engine()) is not None:
        remove_leftovers()
        index.optimize()


def _apply_in_parts(documents: list[IndexDocument], seqs: tuple[int, int], pause: Pause) -> None:
    """Apply the documents of the changes between two `seq`, with a pause before large ones and at the end.

    The position moves with the last of them, so that what failed in between is repeated.
    """
    before, last = seqs
    part: list[IndexDocument] = []
    length = 0
    for document in documents:
        part.append(document)
        length += sum(len(text) for texts in document.texts.values() for _language, text in texts)
        if length >= _LARGE_PART:
            pause()
            engine().apply(part, (), before)
            part, length = [], 0
    if part:
        pause()
    engine().apply(part, (), last)
    pause()


def rebuild(*, timeout: float, progress: Progress | None = None) -> None:
    """Build a new index, swap it in, then apply the changes made meanwhile. `progress` counts incidents."""
    index = require_embedded()
    with index.writing(timeout=timeout):
        _build(index, progress)
    sync(timeout=timeout)


def ensure_current(*, timeout: float, progress: Progress | None = None) -> None:
    """Bring the index up to date. If it is unusable, recover or rebuild it."""
    try:
        check()
        sync(timeout=timeout, progress=progress)
    except IndexUnusableError as reason:
        index = require_embedded()
        with index.writing(timeout=timeout):
            if _is_usable():  # another process was faster
                return
            if index.recover(change_feed.position().database_id) and _is_usable():
                log.info("Recovered the search index: %s", reason)
            else:
                log.info("Rebuilding the search index: %s", reason)
                _build(index, progress)
        sync(timeout=timeout)


def repair_in_background() -> None:
    """Bring the index up to date, or rebuild it, in a background thread.

    A process runs one such thread at a time; a call meanwhile does nothing.
    """
    app = application()

    def repair() -> None:
        try:
            with app.app_context():
                ensure_current(timeout=_REPAIR_TIMEOUT)
        except Exception:
            log.exception("The search index could not be repaired; the next search tries again.")
        finally:
            _repairing.release()

    if _repairing.acquire(blocking=False):
        threading.Thread(target=repair, name="repair-index", daemon=True).start()


def check() -> None:
    """Raise IndexUnusableError unless the index can be searched. An embedded engine verifies its files."""
    if (index := embedded_engine()) is not None:
        index.check()
    else:
        engine().position()


def require_embedded() -> EmbeddedSearchEngine:
    """The embedded engine. Raises IndexUnusableError for a remote one, which manages its index itself."""
    index = embedded_engine()
    if index is None:
        raise IndexUnusableError("The search engine is remote: it rebuilds and verifies its index itself.")
    return index


def _build(index: EmbeddedSearchEngine, progress: Progress | None) -> None:
    """Rebuild the index from the whole database. The caller must hold the write lock."""
    digest = concepts().digest
    index.rebuild(change_feed.position().database_id, all_documents(progress), digest)


def has_current_concepts() -> bool:
    """Whether the index was built with the current concepts; True if that is unknown.

    Drafts are analyzed with the current concepts, incidents with those at the time of indexing.
    """
    index = embedded_engine()
    try:
        digest = "" if index is None else index.concepts_digest()
    except IndexUnusableError:
        digest = ""
    return digest in ("", concepts().digest)


def _positions() -> tuple[int, int]:
    """The last `seq` in the index, and the last committed one. Raises IndexUnusableError."""
    indexed = engine().position()
    committed = change_feed.position()
    _require_same_database(indexed, committed)
    return indexed.seq, committed.seq


def _require_same_database(indexed: Position, committed: Position) -> None:
    if indexed.database_id != committed.database_id or indexed.seq > committed.seq:
        raise IndexUnusableError("The index belongs to another database.")


def _write_lock(timeout: float) -> AbstractContextManager[None]:
    """The write lock of an embedded index. A remote engine orders its writers itself."""
    index = embedded_engine()
    return nullcontext() if index is None else index.writing(timeout=timeout)


def _is_usable() -> bool:
    try:
        check()
        lag()
    except IndexUnusableError:
        return False
    return True


def _load(changes: list[tuple[int, int]]) -> tuple[list[IndexDocument], int, int]:
    """The documents of some changes, the last `seq` among them, and the number of changes."""
    db.session.rollback()  # an open transaction may be older than the changes
    latest = {incident_id: seq for seq, incident_id in changes}
    return documents_of(latest), changes[-1][0], len(changes)


def _batches_after(seq: int, size: int) -> Iterator[list[tuple[int, int]]]:
    """Yield the (seq, incident id) pairs of the changes after one, each batch in its own transaction."""
    while True:
        db.session.rollback()
        if batch := [(row[0], row[1]) for row in _CHANGES_AFTER.rows([seq, size])]:
            yield batch
        if len(batch) < size:
            return
        seq = batch[-1][0]
