"""Prepare the lines of an import before the transaction that writes them, to keep it short.

Most lines of a file add new incidents, or repeat, change or publish stored ones. All that is made beforehand;
the rest is written line by line.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from kb.batches import batched
from kb.domain.incident import Status
from kb.errors import KBError
from kb.models import Incident, Lesson, Team, db
from kb.models.base import MAX_INTEGER, MAX_LISTED_VALUES, utc_now
from kb.models.bulk_insert import reserve_ids
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.core.row_locks import lock_incidents, lock_new_names
from kb.services.core.staged_changes import StagedChanges, load_detached
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.line_checks import error_context
from kb.services.incidents.content.tags import learn_spellings
from kb.services.incidents.filing.prepared import PreparedIncidents, can_prepare
from kb.services.incidents.filing.upsert import update_stored
from kb.services.review.four_eyes import must_propose
from kb.services.review.obstacles import open_comments_on
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kb.domain.permissions import Actor
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.line_checks import Line

BATCH_SIZE = 200
"""How many lines are processed between two calls of `progress`."""


class AddedLine(NamedTuple):
    """A line that became a new incident."""

    line: Line
    incident_id: int


class _KnownLine(NamedTuple):
    """A line whose incident is stored, whether it changes the incident, and the state that it was based on.

    The state is the version and, for a line that takes a step, the number of open comments, which may block
    the step without raising the version. `slug` is the new slug, if the line changes it.
    """

    line: Line
    incident_id: int
    is_change: bool
    version: int
    open_comments: int | None
    slug: str | None


class StagedOutcome(NamedTuple):
    """The lines left to be written one by one, and how many lines have changed an incident, or nothing."""

    left: list[Line]
    updated: int
    unchanged: int


class StagedLines:
    """The lines of a file for a team, grouped by the work that they need; see `write`."""

    def __init__(self, actor: Actor, team_id: int, lines: Sequence[Line]) -> None:
        self._actor = actor
        self._team_id = team_id
        # By identity, since line numbers repeat across files.
        self._positions = {id(line): position for position, line in enumerate(lines)}
        self._new: PreparedIncidents | None = None
        self._spellings: dict[str, str] = {}
        self._slugs = {slug for line in lines if (slug := line.data.get("slug")) is not None}
        self._changes = StagedChanges()
        self._known: list[_KnownLine] = []
        self._rest: list[Line] = []
        self.added: list[AddedLine] = []

    def write(self, work: UnitOfWork) -> StagedOutcome:
        """Insert the new incidents, and write the changes of incidents that have not changed since."""
        lock_new_names(self._team_id)
        lock_incidents(self._stored_ids())
        if self._new is not None:
            self._new.insert(work)
        current, moved = self._split()
        changed = [each.incident_id for each in current if each.is_change]
        self._changes.execute(work, changed)
        rest = sorted([*self._rest, *(each.line for each in moved)], key=self.position_of)
        return StagedOutcome(rest, len(changed), len(current) - len(changed))

    def _split(self) -> tuple[list[_KnownLine], list[_KnownLine]]:
        """The lines whose incidents are still in the state in which they were changed, and the others."""
        versions, comments, taken = self._versions(), self._open_comments(), self._taken_slugs()
        current: list[_KnownLine] = []
        moved: list[_KnownLine] = []
        for each in self._known:
            is_current = (
                versions.get(each.incident_id) == each.version
                and each.open_comments in (None, comments.get(each.incident_id, 0))
                and each.slug not in taken
            )
            (current if is_current else moved).append(each)
        return current, moved

    def _stored_ids(self) -> Iterator[int]:
        """The ids of the incidents that lines change, including those written one by one."""
        yield from (each.incident_id for each in self._known)
        for batch in batched(self._rest, BATCH_SIZE):
            yield from self._ids(batch)

    def position_of(self, line: Line) -> int:
        """The position of a line within the import."""
        return self._positions[id(line)]

    def _versions(self) -> dict[int, int]:
        """The versions of this team's incidents, by id, if any line depends on them."""
        if not self._known:
            return {}
        statement = select(Incident.id, Incident.version).where(Incident.team_id == self._team_id)
        return {row.id: row.version for row in db.session.execute(statement)}

    def _open_comments(self) -> dict[int, int]:
        """The numbers of open comments on incidents of lines that take a step, by id, where there are any."""
        ids = [each.incident_id for each in self._known if each.open_comments is not None]
        comments: dict[int, int] = {}
        for batch in batched(ids, MAX_LISTED_VALUES):
            comments |= open_comments_on(batch)
        return comments

    def _taken_slugs(self) -> set[str]:
        """The slugs of changed incidents that other incidents of the team have taken in the meantime."""
        slugs = [each.slug for each in self._known if each.slug is not None]
        taken: set[str] = set()
        for batch in batched(slugs, MAX_LISTED_VALUES):
            named = select(Incident.slug).where(Incident.team_id == self._team_id, Incident.slug.in_(batch))
            taken.update(db.session.scalars(named))
        return taken

    def stage_new(self, lines: Sequence[Line], progress: Callable[[int], object], *, dry_run: bool) -> None:
        """Make the rows of new incidents. Reserves their ids, unless it is a dry run."""
        if not lines:
            return
        count = sum(len(line.data["lessons"]) for line in lines)
        ids, lesson_ids = _unused_ids(len(lines), count) if dry_run else reserved_ids(len(lines), count)
        terms, next_lesson = TermLookup(attached=False), iter(lesson_ids)
        team = db.session.get_one(Team, self._team_id)
        self._new = PreparedIncidents(self._actor, team, utc_now(), terms, spellings=self._spellings)
        next_id = iter(ids)
        for batch in batched(lines, BATCH_SIZE):
            self._new.learn_tags([line.data for line in batch])
            for line in batch:
                incident_id = next(next_id)
                with error_context(line):
                    self._new.add(line.data, incident_id, next_lesson)
                self.added.append(AddedLine(line, incident_id))
            self._new.convert()
            progress(len(batch))

    def stage_changes(
        self, lines: Sequence[Line], progress: Callable[[int], object], *, dry_run: bool
    ) -> None:
        """Change the incidents that lines name, in memory, or find that a line changes nothing.

        In a dry run, new lessons get no ids, so changes that add lessons are not written.
        """
        for batch in batched(lines, BATCH_SIZE):
            learn_spellings(self._spellings, self._team_id, [line.data for line in batch])
            terms, ids = TermLookup(attached=False), self._ids(batch)
            comments = open_comments_on(ids)
            stored = {incident.external_id: incident for incident in load_detached(ids)}
            for line in batch:
                incident = stored.get(line.data["external_id"])
                known = None
                if incident is not None:
                    known = self._stage_change(line, incident, terms, comments.get(incident.id, 0))
                if known is None:
                    self._rest.append(line)
                else:
                    self._known.append(known)
            db.session.rollback()
            progress(len(batch))
        if not dry_run:
            self._changes.number_lessons()

    def _ids(self, lines: Iterable[Line]) -> Sequence[int]:
        """The ids of the incidents that lines name."""
        names = [line.data["external_id"] for line in lines]
        statement = select(Incident.id).where(
            Incident.team_id == self._team_id, Incident.external_id.in_(names)
        )
        return db.session.scalars(statement).all()

    def _stage_change(
        self, line: Line, incident: Incident, terms: TermLookup, open_comments: int
    ) -> _KnownLine | None:
        """Change a detached incident as a line says; None if the line must be written in the transaction.

        That applies to changes that become proposals, which write more than the incident, and to changes that
        raise an error: the transaction raises it again.
        """
        if must_propose(self._actor, incident):
            return None
        takes_step = incident.status is Status.DRAFT and line.data["status"] != Status.DRAFT
        incident_id, version, slug = incident.id, incident.version, incident.slug

        def change(work: UnitOfWork) -> bool:
            terms.errors.clear()
            return update_stored(
                work,
                self._actor,
                incident,
                line.data,
                terms,
                spellings=self._spellings,
                taken_slugs=self._slugs,
            )

        try:
            is_change = self._changes.add(incident, change)
        except KBError:
            return None
        new_slug = incident.slug if is_change and incident.slug != slug else None
        if new_slug is not None:
            self._slugs.add(new_slug)
        comments = open_comments if takes_step else None
        return _KnownLine(line, incident_id, is_change, version, comments, new_slug)

    def defer(self, lines: Iterable[Line]) -> None:
        """Leave lines to be written one by one."""
        self._rest += lines


def stage(
    actor: Actor,
    lines: Sequence[Line],
    team_id: int,
    progress: Callable[[int, int], object],
    *,
    dry_run: bool,
) -> StagedLines:
    """Prepare an author's lines for writing. Writes nothing, but may reserve ids.

    `progress` is called with the number of prepared lines and the number of all lines that can be prepared.
    """
    stored = set(db.session.scalars(select(Incident.external_id).where(Incident.team_id == team_id)))
    times = Counter(line.data["external_id"] for line in lines)
    new, known, rest, seen = [], [], [], set[str | None]()
    for line in lines:
        name = line.data["external_id"]
        is_new = name is None or (name not in stored and name not in seen)
        if is_new and can_prepare(line.data):
            new.append(line)
        elif name in stored and times[name] == 1:
            known.append(line)
        else:
            rest.append(line)
        seen.add(name)
    total, reached = len(new) + len(known), 0

    def report(count: int) -> None:
        nonlocal reached
        reached += count
        progress(reached, total)

    staged = StagedLines(actor, team_id, lines)
    staged.defer(rest)
    staged.stage_new(new, report, dry_run=dry_run)
    staged.stage_changes(known, report, dry_run=dry_run)
    return staged


def load_named(team_id: int, lines: Iterable[Line]) -> dict[str | None, Incident]:
    """The incidents of a team that some lines name, by external id, with the relations a change reads."""
    names = [name for line in lines if (name := line.data["external_id"]) is not None]
    statement = select(Incident).where(Incident.team_id == team_id, Incident.external_id.in_(names))
    return {row.external_id: row for row in db.session.scalars(statement.options(*DETAIL_OPTIONS))}


def reserved_ids(incidents: int, lessons: int) -> tuple[Sequence[int], Sequence[int]]:
    """Reserve ids for new incidents and their lessons, in a separate transaction."""
    with unit_of_work():
        connection = db.session.connection()
        return (
            reserve_ids(connection, Incident.__table__, incidents),
            reserve_ids(connection, Lesson.__table__, lessons),
        )


def _unused_ids(incidents: int, lessons: int) -> tuple[Sequence[int], Sequence[int]]:
    """The highest possible ids, so that a dry run takes none away, not even for a moment."""
    end = MAX_INTEGER + 1
    return range(end - incidents, end), range(end - lessons, end)
