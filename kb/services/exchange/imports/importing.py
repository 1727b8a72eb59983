"""Import incidents from the entries of files: all are checked before the first is written."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import chain, groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.batches import batched
from kb.domain.audit import AuditEvent
from kb.errors import EmptyInput
from kb.models import Team, db
from kb.services.accounts.teams import MAIN_TEAM, find_team
from kb.services.core import audit
from kb.services.core.system_actors import IMPORTER
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.line_checks import LineChecker, error_context, skipped_lines
from kb.services.exchange.records.checks import RecordChecker, is_record, is_untouched, require_mirror
from kb.services.exchange.records.writing import write_records
from kb.services.exchange.staged_lines import BATCH_SIZE, AddedLine, load_named, stage
from kb.services.incidents.filing.adding import NewIncidents
from kb.services.incidents.filing.upsert import UpsertOutcome, upsert_incident
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kb.domain.language import LanguageSource
    from kb.domain.permissions import Actor
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.entries import Entry
    from kb.services.exchange.line_checks import CheckedFile, Line


class ImportReport(NamedTuple):
    """The lines that an import added, and the numbers of lines that updated incidents or changed nothing.

    `kept` counts incidents stored with their ids, authors, times and reviews. `missing_originals` counts the
    duplicates among them whose original was not in the file, `hidden` the incidents that an export no longer
    shows its reader.
    """

    added: list[AddedLine]
    updated: int
    unchanged: int
    kept: int = 0
    missing_originals: int = 0
    hidden: int = 0

    def languages(self, source: LanguageSource) -> dict[str, int]:
        """The number of added lines in each language, among lines whose language comes from `source`."""
        counts = Counter(line.data["language"] for line, _ in self.added if line.language_source is source)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def check_entries(entries: Iterable[Entry], team: str | None, *, mirror: bool = False) -> CheckedFile:
    """Check the entries of files against the schema, the taxonomy and the database. Writes nothing.

    Lines of an export keep their ids, authors, times and reviews if no team is named, and people have done
    nothing in this knowledge base yet. With `mirror`, so do lines of later exports of the same knowledge
    base. Raises InvalidInput for an unknown team, MalformedInput for a file of another format or without
    entries, and Conflict if `mirror` is impossible because people have worked here.
    """
    if mirror:
        require_mirror()
    owner = find_team(team or MAIN_TEAM)
    try:
        entries = iter(entries)
        first = next(entries)
    except EmptyInput:
        if mirror:  # nothing has changed
            return RecordChecker(owner).result()
        raise
    keeps_records = mirror or (team is None and is_record(first.value) and is_untouched())
    checker = RecordChecker(owner) if keeps_records else LineChecker(owner)
    checker.check_all(chain([first], entries))
    return checker.result()


def write_checked(
    checked: CheckedFile,
    team: str | None,
    progress: Callable[[int, int], object],
    *,
    dry_run: bool = False,
    origin: Mapping[str, Any] = MappingProxyType({}),
) -> ImportReport:
    """Write the valid lines of a checked file in one transaction: all of them, or none.

    `progress` is called with the number of lines written so far and the total. With `dry_run`, all is rolled
    back. The audit log records `origin`: where the file is from, and who imports it.
    """
    noted = {**origin, "digest": checked.digest, "skipped": skipped_lines(checked)}
    if not checked.keeps_records:
        return write_lines(checked.lines, team or MAIN_TEAM, progress, dry_run=dry_run, noted=noted)
    written = write_records(checked.lines, progress, gone=checked.gone, dry_run=dry_run, noted=noted)
    return ImportReport([], 0, 0, written.incidents, written.missing_originals, len(checked.gone))


def write_lines(
    lines: list[Line],
    team: str,
    progress: Callable[[int, int], object],
    *,
    dry_run: bool = False,
    noted: Mapping[str, Any] = MappingProxyType({}),
    actor: Actor = IMPORTER,
    finish: Callable[[ImportReport], object] = lambda _: None,
) -> ImportReport:
    """Write checked lines, all or none, with `actor` as their author.

    Most of the work is done before the transaction, so that others can write meanwhile. `progress` is called
    with the number of lines that are ready and the total. With `dry_run`, all is rolled back, and the ids in
    the report belong to no incident; otherwise `finish` is called at the end of the transaction, and an error
    in it rolls back. The audit log records `noted`, such as the files' digest.
    """
    team_id = find_team(team).id
    staged = stage(actor, lines, team_id, progress, dry_run=dry_run)
    with unit_of_work(bulk=True) as work:
        staged_outcome = staged.write(work)
        rest = _write_each(work, actor, staged_outcome.left, team_id)
        report = ImportReport(
            added=sorted([*staged.added, *rest.added], key=lambda added: staged.position_of(added.line)),
            updated=staged_outcome.updated + rest.outcomes[UpsertOutcome.UPDATED],
            unchanged=staged_outcome.unchanged + rest.outcomes[UpsertOutcome.UNCHANGED],
        )
        audit.log_event(
            work,
            actor,
            AuditEvent.IMPORT,
            team_id=team_id,
            added=len(report.added),
            updated=report.updated,
            unchanged=report.unchanged,
            **noted,
        )
        if dry_run:
            work.discard()
        else:
            finish(report)
    progress(len(lines), len(lines))
    return report


class _WrittenLines(NamedTuple):
    """The incidents added, and other outcomes, of writing lines one by one."""

    added: list[AddedLine]
    outcomes: Counter[UpsertOutcome]


def _write_each(work: UnitOfWork, actor: Actor, lines: Sequence[Line], team_id: int) -> _WrittenLines:
    """Write lines one by one: new incidents that refer to others, and changes."""
    rest = _WrittenLines([], Counter())
    for batch in batched(lines, BATCH_SIZE):
        # Keep references, so that they stay in the session: each incident loads its team.
        kept = db.session.get_one(Team, team_id), load_named(team_id, batch)
        stored, terms = {*kept[1]}, TermLookup()
        for is_new, group in groupby(batch, partial(_is_new, stored)):
            if is_new:
                rest.added.extend(_add_lines(work, actor, list(group), terms, team_id))
            else:
                rest.outcomes.update(_update_line(work, actor, line, terms, team_id) for line in group)
        db.session.flush()
        db.session.expunge_all()
    return rest


def _is_new(stored: set[str | None], line: Line) -> bool:
    """Whether a line adds a new incident; if so, it is counted as stored from now on."""
    external_id = line.data["external_id"]
    if external_id is None:
        return True
    is_new = external_id not in stored
    stored.add(external_id)
    return is_new


def _add_lines(
    work: UnitOfWork, actor: Actor, lines: Sequence[Line], terms: TermLookup, team_id: int
) -> list[AddedLine]:
    batch = NewIncidents(work, actor, team_id, [line.data for line in lines])
    incidents = []
    for line in lines:
        with error_context(line):
            incidents.append(batch.add(line.data, terms))
    batch.record()
    return [AddedLine(line, incident.id) for line, incident in zip(lines, incidents, strict=True)]


def _update_line(
    work: UnitOfWork, actor: Actor, line: Line, terms: TermLookup, team_id: int
) -> UpsertOutcome:
    with error_context(line):
        return upsert_incident(work, actor, line.data, terms, team_id)
