"""Store the lines of an export unchanged: with their ids, authors, times, reviews and history.

The other installation has other users. Their actions are stored under their names alone, which count in the
four-eyes rule, and belong to no account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, func, literal, select, update

from kb.batches import batched
from kb.domain.audit import AuditEvent
from kb.domain.incident import Operation, Status, Visibility
from kb.domain.permissions import is_public
from kb.models import Collection, Incident, Lesson, Team, db
from kb.models.base import MAX_LISTED_VALUES
from kb.services.accounts.teams import add_team
from kb.services.core import audit
from kb.services.core.row_locks import lock_incidents, lock_new_names
from kb.services.core.system_actors import IMPORTER
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.records.aliases import StagedAliases
from kb.services.exchange.records.checks import require_mirror
from kb.services.exchange.records.staged import StagedRecords, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.line_checks import Line

_INCIDENTS = Incident.__table__
_SHOWN = [_INCIDENTS.c[name] for name in ("id", "team_id", "status", "visibility", "version")]
_HIDE = (
    update(_INCIDENTS)
    .where(_INCIDENTS.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        status=Status.WITHDRAWN,
        visibility=Visibility.TEAM,
        slug=literal("gone-").op("||")(_INCIDENTS.c.id),
        external_id=None,
        version=_INCIDENTS.c.version + 1,
    )
)


class WrittenRecords(NamedTuple):
    """The number of incidents stored, and of duplicates among them whose original is missing."""

    incidents: int
    missing_originals: int


def write_records(
    lines: Sequence[Line],
    progress: Callable[[int, int], object],
    *,
    gone: Sequence[int],
    dry_run: bool,
    noted: Mapping[str, Any],
) -> WrittenRecords:
    """Store checked lines of an export in one transaction: all of them, or none.

    An incident with the id of a line is replaced by the line, and those in `gone` are hidden. Missing teams
    are created. Nearly all of the work is done before the transaction, so that others can write meanwhile;
    `progress` is called with the number of lines that are ready and the total. With `dry_run`, all is rolled
    back. The audit log records `noted` if anything changed. Raises Conflict if people have worked here, or
    others have written the same incidents, since the lines were checked.
    """
    staged = StagedRecords(lines, progress)
    aliases = StagedAliases(
        (line.data["organization"], names)
        for line in lines
        if (names := record_of(line)["organization_aliases"]) is not None
    )
    replaced = {record_of(line)["id"] for line in lines}
    hidden = [incident_id for incident_id in gone if incident_id not in replaced]
    with unit_of_work(bulk=True) as work:
        lock_new_names(*db.session.scalars(select(Team.id)))
        aliases.lock()
        lock_incidents([*hidden, *staged.named_ids()])
        require_mirror()
        _write_teams(work, lines, staged.team_ids)
        _write_collections(lines, staged.collection_ids)
        _hide_incidents(work, hidden)
        staged.execute(work)
        aliases.replace()
        if dry_run:
            work.discard()  # before advancing the sequences, which PostgreSQL does not roll back
        else:
            _advance_ids()
            if lines or gone:
                audit.log_event(work, IMPORTER, AuditEvent.IMPORT, kept=len(lines), hidden=len(gone), **noted)
    return WrittenRecords(len(lines), staged.missing_originals)


def _hide_incidents(work: UnitOfWork, ids: Sequence[int]) -> None:
    """Withdraw the given incidents that exist here, restrict them to their team, and free their names.

    They are not deleted, since the change feed still refers to them, and a later line may restore them.
    """
    for batch in batched(ids, MAX_LISTED_VALUES):
        connection = db.session.connection()
        rows = connection.execute(select(*_SHOWN).where(_INCIDENTS.c.id.in_(batch))).all()
        connection.execute(_HIDE, {"ids": [row.id for row in rows]})
        for row in rows:
            work.announce(
                row.id,
                row.team_id,
                operation=Operation.WITHDRAWN,
                version=row.version + 1,
                public=is_public(row.status, row.visibility),
            )


def _write_teams(work: UnitOfWork, lines: Sequence[Line], ids: Mapping[str, int]) -> None:
    """Create or rename teams as the lines say; new ones get the given ids."""
    stored = {team.key: team for team in db.session.scalars(select(Team))}
    names = {record["team"]: record["team_name"] for record in map(record_of, lines)}
    for key, name in names.items():
        if key in stored:
            stored[key].name = name
        else:
            add_team(work, IMPORTER, key, name, team_id=ids[key])
    db.session.flush()


def _write_collections(lines: Sequence[Line], ids: Mapping[str, int]) -> None:
    """Create or update collections as the lines say; new ones get the given ids."""
    stored = {row.key: row for row in db.session.scalars(select(Collection))}
    heads = {record["collection"]: record["collection_head"] for record in map(record_of, lines)}
    for key, head in heads.items():
        if head is not None:
            row = stored.get(key) or Collection(id=ids[key], key=key)
            for name, value in head.items():
                setattr(row, name, value)
            db.session.add(row)
    db.session.flush()


def _advance_ids() -> None:
    """Advance the sequences, so that new incidents and lessons get unused ids. SQLite does so by itself."""
    if db.engine.dialect.name == "sqlite":
        return
    for model in (Incident, Lesson):
        highest = db.session.scalar(select(func.max(model.id)))
        sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
        db.session.execute(select(func.setval(sequence, highest)))
