"""Prepare changes of stored incidents before the transaction that writes them.

The code that changes an incident in a transaction changes a detached one in memory. The resulting statements
are kept, and executed later if nobody else has changed the incident meanwhile (docs/decisions/0100).
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import select

from kb.models import INCIDENT_MODELS, Incident, Lesson, db
from kb.models.bulk_insert import reserve_ids
from kb.models.row_changes import Rows, converted, deletion, differences, execute_changes, insertion
from kb.models.session import session_scope
from kb.pauses import no_pause
from kb.services.core.incident_lookup import WHOLE_OPTIONS
from kb.services.core.unit_of_work import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sqlalchemy import Table

    from kb.models.base import Model
    from kb.models.row_changes import ConvertedChange, RowChange
    from kb.pauses import Pause

_Result = TypeVar("_Result")

_TABLES = [model.__table__ for model in INCIDENT_MODELS]
_LESSONS = Lesson.__table__


def load_detached(ids: Collection[int]) -> list[Incident]:
    """Load incidents with all their relations, detached, in a transaction that has ended on return."""
    db.session.rollback()  # return its connection to the pool: a request holds one at a time
    with session_scope(object()):
        try:
            statement = select(Incident).where(Incident.id.in_(ids)).order_by(Incident.id)
            return list(db.session.scalars(statement.options(*WHOLE_OPTIONS)))
        finally:
            db.session.remove()


class StagedWork(UnitOfWork):
    """A unit of work for one detached incident. It writes nothing, but keeps the rows to be written.

    An incident that `is_new` has no rows yet. Lessons that `store` finds without ids get provisional ones
    from `numbers`, which are negative.
    """

    def __init__(self, incident: Incident, numbers: Iterator[int], *, is_new: bool) -> None:
        super().__init__()
        self._incident, self._numbers = incident, numbers
        self._before = Rows(() if is_new else _parts(incident))
        self._related: list[RowChange] = []

    def store(self, incident: Incident) -> None:
        """Make the incident its next version."""
        incident.version += 1
        for lesson in incident.lessons:
            if lesson.id is None:
                lesson.id = next(self._numbers)

    def insert(self, table: Table, row: Mapping[str, Any]) -> None:
        """Keep a row to be inserted."""
        self._related.append(insertion(table, row))

    def delete(self, table: Table, row: Mapping[str, Any]) -> None:
        """Keep a row beside the incident's own to be deleted."""
        self._related.append(deletion(table, row))

    def row_changes(self) -> list[RowChange]:
        """The rows to be written, in any order."""
        return [*differences(self._before, Rows(_parts(self._incident)), _TABLES), *self._related]


class _Staged(NamedTuple):
    """The rows that a change writes, and its entries in the feed."""

    rows: list[ConvertedChange]
    feed: list[dict[str, object]]


class StagedChanges:
    """Changes of incidents, by id, ready to be executed. Call `number_lessons` after the last `add`."""

    def __init__(self) -> None:
        self._ready: dict[int, _Staged] = {}
        self._unnumbered: dict[int, tuple[list[RowChange], list[dict[str, object]]]] = {}
        self._numbers = count(-1, -1)

    def add(
        self, incident: Incident, change: Callable[[StagedWork], _Result], *, is_new: bool = False
    ) -> _Result:
        """Let `change` change a detached incident, and keep the rows to be written. Returns its result.

        An incident that `is_new` has an id, and is inserted. Keeps nothing if `change` raises an error. The
        rows must not depend on other incidents, as a new slug does.
        """
        work = StagedWork(incident, self._numbers, is_new=is_new)
        result = change(work)
        if work.changes:
            rows = work.row_changes()
            if _provisional_ids(rows):
                self._unnumbered[incident.id] = rows, work.changes
            else:
                self._ready[incident.id] = _Staged(converted(rows, db.engine.dialect), work.changes)
        return result

    def number_lessons(self) -> None:
        """Give new lessons their ids, which are reserved in a short transaction."""
        provisional = [number for rows, _ in self._unnumbered.values() for number in _provisional_ids(rows)]
        if provisional:
            with unit_of_work():
                reserved = reserve_ids(db.session.connection(), _LESSONS, len(provisional))
            ids = dict(zip(provisional, reserved, strict=True))
            for incident_id, (rows, feed) in self._unnumbered.items():
                numbered = [_numbered(change, ids) for change in rows]
                self._ready[incident_id] = _Staged(converted(numbered, db.engine.dialect), feed)
        self._unnumbered.clear()

    def execute(self, work: UnitOfWork, ids: Collection[int], pause: Pause = no_pause) -> None:
        """Execute the changes of some incidents that still have the versions with which they were loaded.

        The incidents are locked (`lock_incidents`). `pause` is called after some thousand rows.
        """
        staged = [self._ready[incident_id] for incident_id in ids if incident_id in self._ready]
        rows = (row for each in staged for row in each.rows)
        execute_changes(db.session.connection(), rows, _TABLES, pause)
        work.changes += [{**change, "at": work.at} for each in staged for change in each.feed]


def versions_of(ids: Sequence[int]) -> dict[int, int]:
    """The versions of incidents, by id. Whatever changes an incident or its parts raises its version."""
    statement = select(Incident.id, Incident.version).where(Incident.id.in_(ids))
    return {row.id: row.version for row in db.session.execute(statement)}


def _parts(incident: Incident) -> Iterator[Model]:
    """An incident and all that belongs to it, which refers to it by id, even before it is stored."""
    yield incident
    owned: list[Any] = [
        *incident.texts.values(), *incident.term_links, *incident.tag_links, *incident.lessons,
        *incident.sources, *incident.responses, *incident.impacts,
    ]  # fmt: skip
    for part in owned:
        if part.incident_id is None:
            part.incident_id = incident.id
        yield part
    for lesson in incident.lessons:
        for text in lesson.texts.values():
            if text.lesson_id is None:
                text.lesson_id = lesson.id
            yield text


def _provisional_ids(rows: Sequence[RowChange]) -> list[int]:
    """The ids of new lessons."""
    return [change.row["id"] for change in rows if change.table is _LESSONS and change.row["id"] < 0]


def _numbered(change: RowChange, ids: Mapping[int, int]) -> RowChange:
    """A change of a row with the ids of lessons in place of provisional ones."""
    row = dict(change.row)
    for name in ("lesson_id", "id"):
        if name in row:
            row[name] = ids.get(row[name], row[name])
    if (state := row.get("snapshot")) is not None:
        for texts in (state, *state["translations"].values()):
            for lesson in texts["lessons"]:
                lesson["id"] = ids.get(lesson["id"], lesson["id"])
    return change._replace(row=row)
