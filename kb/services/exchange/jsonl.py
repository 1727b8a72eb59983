"""Importing incidents from JSON Lines or a JSON array: every line is checked before the first is written."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from functools import partial
from itertools import chain, groupby
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.errors import Conflict, InvalidInput
from kb.messages import Message, joined, message_of
from kb.models import Incident, Team, db
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core import audit
from kb.services.core.system_actors import IMPORTER
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.line_checks import LineChecker
from kb.services.exchange.reading import read_entries
from kb.services.exchange.record_checks import RecordChecker, is_mirror, is_record, is_untouched
from kb.services.exchange.records import write_records
from kb.services.incidents.adding import NewIncidents
from kb.services.incidents.upsert import UpsertOutcome, upsert_incident
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kb.domain.language import LanguageSource
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.line_checks import CheckedFile, Line

_BATCH_SIZE = 200
"""How many incidents are written together. The session is then emptied, so that memory use stays level."""


class AddedLine(NamedTuple):
    """A line that became a new incident."""

    line: Line
    incident_id: int


class ImportReport(NamedTuple):
    """The lines that an import added, and how many it used for updates, or left because nothing differs.

    `kept` counts the incidents that were stored with their ids, authors, times and reviews, and
    `missing_originals` the duplicates among them whose original was not in the file; `hidden` the incidents
    that an export no longer shows its reader.
    """

    added: list[AddedLine]
    updated: int
    unchanged: int
    kept: int = 0
    missing_originals: int = 0
    hidden: int = 0

    def languages(self, source: LanguageSource) -> dict[str, int]:
        """How many of the lines added are in each language, as far as that is known from a source."""
        counts = Counter(line.data["language"] for line, _ in self.added if line.language_source is source)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def check_lines(lines: Iterable[bytes], team: str | None = None, *, mirror: bool = False) -> CheckedFile:
    """Check the lines of a file by the schema, the taxonomy and what is stored. Writes nothing.

    Lines of an export are to be stored with their ids, authors, times and reviews if no team is named, and
    people have done nothing in this knowledge base yet. With `mirror`, so are those of later exports of the
    same knowledge base. Raises InvalidInput for an unknown team, MalformedInput for a file of another format
    or without entries, and Conflict where people have worked and nothing can be mirrored.
    """
    if mirror and not is_mirror():
        raise Conflict(
            Message("People have worked in this knowledge base. Only one in which nobody works is a mirror.")
        )
    owner = find_team(team or MAIN_TEAM)
    lines = iter(lines)
    start = next(lines, None)
    if mirror and start is None:  # nothing has changed
        return RecordChecker(owner).result()
    entries = read_entries(lines if start is None else chain([start], lines))
    first = next(entries)
    keeps_records = mirror or (team is None and is_record(first.value) and is_untouched())
    checker = RecordChecker(owner) if keeps_records else LineChecker(owner)
    for entry in chain([first], entries):
        checker.check(entry)
    return checker.result()


def write_checked(
    checked: CheckedFile, team: str | None, progress: Callable[[int, int], object], *, dry_run: bool = False
) -> ImportReport:
    """Write the valid lines of a checked file in one transaction: all of them, or none.

    `progress` is called with the number of lines written so far and the number of all. With `dry_run`, all is
    done, and undone.
    """
    if not checked.keeps_records:
        return write_lines(checked.lines, team or MAIN_TEAM, progress, dry_run=dry_run)
    written = write_records(checked.lines, progress, gone=checked.gone, dry_run=dry_run)
    return ImportReport([], 0, 0, written.incidents, written.missing_originals, len(checked.gone))


def write_lines(
    lines: list[Line], team: str, progress: Callable[[int, int], object], *, dry_run: bool = False
) -> ImportReport:
    """Write checked lines in one transaction: all of them, or none.

    `progress` is called with the number of lines written so far and the number of all. With `dry_run`, all is
    done, and undone: the ids of the report are of no incident.
    """
    owner_id = find_team(team).id
    outcomes: Counter[UpsertOutcome] = Counter()
    added: list[AddedLine] = []
    with unit_of_work() as work:
        stored = _stored_ids(owner_id)
        for start in range(0, len(lines), _BATCH_SIZE):
            batch = lines[start : start + _BATCH_SIZE]
            # Referenced, so that the team stays in the session: each incident asks for it.
            owner, terms = db.session.get_one(Team, owner_id), TermLookup()
            for is_new, group in groupby(batch, partial(_is_new, stored)):
                if is_new:
                    added += _add_lines(work, list(group), terms, owner.id)
                else:
                    outcomes.update(_update_line(work, line, terms, owner.id) for line in group)
            db.session.flush()
            db.session.expunge_all()
            progress(start + len(batch), len(lines))
        report = ImportReport(
            added=added,
            updated=outcomes[UpsertOutcome.UPDATED],
            unchanged=outcomes[UpsertOutcome.UNCHANGED],
        )
        audit.log_event(
            work, IMPORTER, AuditEvent.IMPORT, team_id=owner_id, added=len(added), updated=report.updated
        )
        if dry_run:
            work.discard()
    return report


def _stored_ids(team_id: int) -> set[str]:
    """The external ids of a team's incidents."""
    statement = select(Incident.external_id).where(Incident.team_id == team_id)
    return {external_id for external_id in db.session.scalars(statement) if external_id is not None}


def _is_new(stored: set[str], line: Line) -> bool:
    """Whether a line brings an incident that is not stored, and is then counted as stored."""
    external_id = line.data["external_id"]
    if external_id is None:
        return True
    is_new = external_id not in stored
    stored.add(external_id)
    return is_new


def _add_lines(work: UnitOfWork, lines: Sequence[Line], terms: TermLookup, team_id: int) -> list[AddedLine]:
    batch = NewIncidents(work, IMPORTER, team_id, [line.data for line in lines])
    incidents = []
    for line in lines:
        with _naming(line):
            incidents.append(batch.add(line.data, terms))
    batch.record()
    return [AddedLine(line, incident.id) for line, incident in zip(lines, incidents, strict=True)]


def _update_line(work: UnitOfWork, line: Line, terms: TermLookup, team_id: int) -> UpsertOutcome:
    with _naming(line):
        return upsert_incident(work, IMPORTER, line.data, terms, team_id).outcome


@contextmanager
def _naming(line: Line) -> Iterator[None]:
    """Name a line in the errors that writing it raises."""
    try:
        yield
    except (InvalidInput, Conflict) as error:
        named = [joined([each.pointer, each.detail], ": ") for each in error.errors]
        reason = joined(named, "; ") if named else message_of(error)
        raise Conflict(
            Message("line {number}: {reason}", number=line.number, reason=reason), error.errors
        ) from error
