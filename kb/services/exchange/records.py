"""Store the lines of an export unchanged: with their ids, authors, times, reviews and history.

The other installation has other users. Their actions are stored under their names alone, which count in the
four-eyes rule, and belong to no account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import bindparam, delete, func, insert, literal, select, update
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from kb.domain.audit import AuditEvent
from kb.domain.dates import UNKNOWN_DATE
from kb.domain.incident import Operation, Status
from kb.domain.text import tag_key
from kb.models import (
    Collection,
    Comment,
    DistinctPair,
    FollowUp,
    Incident,
    Lesson,
    ReviewEvent,
    Revision,
    Team,
    db,
)
from kb.services.accounts.teams import add_team
from kb.services.core import audit
from kb.services.core.incident_lookup import DETAIL_OPTIONS
from kb.services.core.presenters import snapshot
from kb.services.core.row_locks import lock_incidents, lock_new_names
from kb.services.core.system_actors import IMPORTER
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.alias_records import replace_aliases
from kb.services.exchange.author_names import NAME
from kb.services.exchange.hiding import hide_incidents
from kb.services.exchange.pair_records import insert_pairs
from kb.services.incidents.facts import write_facts
from kb.services.incidents.lessons import write_lessons
from kb.services.incidents.texts import write_texts, write_translation
from kb.services.review.follow_ups import find_owner
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Table

    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.line_checks import Line

_BATCH_SIZE = 200


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
    are created. With `dry_run`, all is rolled back. The audit log records `noted` if anything changed.
    """
    with unit_of_work(bulk=True) as work:
        lock_new_names(*db.session.scalars(select(Team.id)))
        lock_incidents([*gone, *_named_ids(lines)])
        hide_incidents(work, gone)
        _free_names([_record(line)["id"] for line in lines])
        teams, collections = _find_teams(work, lines), _find_collections(lines)
        for start in range(0, len(lines), _BATCH_SIZE):
            batch = lines[start : start + _BATCH_SIZE]
            _write_batch(work, batch, teams, collections)
            db.session.expunge_all()
            progress(start + len(batch), len(lines))
        missing = _link_duplicates(lines)
        insert_pairs([_record(line) for line in lines])
        replace_aliases(
            (line.data["organization"], aliases)
            for line in lines
            if (aliases := _record(line)["organization_aliases"]) is not None
        )
        if dry_run:
            work.discard()  # before advancing the sequences, which PostgreSQL does not roll back
            return WrittenRecords(len(lines), missing)
        _advance_ids()
        if lines or gone:
            audit.log_event(work, IMPORTER, AuditEvent.IMPORT, kept=len(lines), hidden=len(gone), **noted)
    return WrittenRecords(len(lines), missing)


def _named_ids(lines: Iterable[Line]) -> Iterator[int]:
    """The ids of the incidents that lines replace or refer to."""
    for record in map(_record, lines):
        yield record["id"]
        if record["duplicate_of"]:
            yield record["duplicate_of"]
        yield from (pair["incident"] for pair in record["distinct_from"] or ())


def _find_teams(work: UnitOfWork, lines: Sequence[Line]) -> dict[str, int]:
    """The ids of the teams that the lines name, by key; teams are created or renamed as the lines say."""
    teams = {team.key: team for team in db.session.scalars(select(Team))}
    for key, name in ((_record(line)["team"], _record(line)["team_name"]) for line in lines):
        if key not in teams:
            teams[key] = add_team(work, IMPORTER, key, name)
        teams[key].name = name
    db.session.flush()
    return {key: team.id for key, team in teams.items()}


def _find_collections(lines: Sequence[Line]) -> dict[str, int]:
    """The ids of the lines' collections, by key, which are created or updated as the lines say."""
    rows = {row.key: row for row in db.session.scalars(select(Collection))}
    for key, head in ((_record(line)["collection"], _record(line)["collection_head"]) for line in lines):
        if head is not None:
            row = rows.setdefault(key, Collection(key=key))
            for name, value in head.items():
                setattr(row, name, value)
            db.session.add(row)
    db.session.flush()
    return {key: row.id for key, row in rows.items()}


def _free_names(ids: Sequence[int]) -> None:
    """Free the slugs and external ids of incidents to be replaced, since other lines may have them now."""
    table = cast("Table", Incident.__table__)
    for start in range(0, len(ids), _BATCH_SIZE):
        some = ids[start : start + _BATCH_SIZE]
        names = {"slug": literal("replaced-").op("||")(table.c.id), "external_id": None}
        db.session.connection().execute(update(table).where(table.c.id.in_(some)).values(names))


def _write_batch(
    work: UnitOfWork, batch: Sequence[Line], teams: Mapping[str, int], collections: Mapping[str, int]
) -> None:
    known = _emptied([_record(line)["id"] for line in batch])
    terms = TermLookup()
    # Keep references, so that they stay in the session: each incident loads its team.
    owners = {team.id: team for team in db.session.scalars(select(Team))}
    incidents = []
    with db.session.no_autoflush:
        for line in batch:
            record = _record(line)
            incident = known.get(record["id"]) or _new_incident(record)
            incident.collection_id = collections.get(record["collection"])
            _fill(incident, line, owners[teams[record["team"]]], terms)
            db.session.add(incident)
            incidents.append((incident, record))
    db.session.flush()
    _set_versions(incidents)
    for incident, record in incidents:
        _write_related(incident, record)
        # `public`, so that anyone who could read a duplicate, here or there, is still led to its original.
        work.announce(
            incident.id,
            incident.team_id,
            operation=Operation.UPDATED if incident.id in known else Operation.CREATED,
            version=record["version"],
            public=record["was_public"],
        )


def _emptied(ids: Sequence[int]) -> dict[int, Incident]:
    """Load the existing incidents with these ids, and clear their content and related rows."""
    options = (*DETAIL_OPTIONS, selectinload(Incident.texts))
    statement = select(Incident).where(Incident.id.in_(ids)).options(*options)
    known = {incident.id: incident for incident in db.session.scalars(statement)}
    for model in (Revision, ReviewEvent, Comment, FollowUp):
        db.session.execute(delete(model).where(model.incident_id.in_(known)))
    db.session.execute(delete(DistinctPair).where(DistinctPair.other_id.in_(known)))
    for incident in known.values():
        incident.lessons, incident.sources, incident.responses, incident.impacts = [], [], [], []
        incident.term_links, incident.tag_links = [], []
        incident.texts.clear()
        incident.duplicate_of_id = None
    db.session.flush()
    return known


def _new_incident(record: Mapping[str, Any]) -> Incident:
    return Incident(id=record["id"], sources=[], responses=[], impacts=[], tag_links=[])


def _fill(incident: Incident, line: Line, team: Team, terms: TermLookup) -> None:
    """Write the content of a line, and its record's fields of the incident itself."""
    data, record = line.data, _record(line)
    incident.slug, incident.external_id = data["slug"], data["external_id"]
    incident.status, incident.language = Status(record["status"]), data["language"]
    incident.team, incident.team_id, incident.author = team, team.id, record["author"]
    for name in ("created_at", "updated_at", "published_at"):
        setattr(incident, name, record[name])
    if incident.occurred_on is None:
        incident.occurred_on, incident.occurred_until = UNKNOWN_DATE.first, UNKNOWN_DATE.last
        incident.occurred_precision = UNKNOWN_DATE.precision
    write_facts(incident, data, terms, check=False, spellings={tag_key(tag): tag for tag in data["tags"]})
    write_texts(incident, incident.language, data, version=record["text_version"])
    write_lessons(incident, incident.language, data["lessons"], version=record["text_version"])
    for language, translation in data["translations"].items():
        write_translation(incident, language, translation, version=1)
        incident.texts[language].version = record["translations"][language]["version"]
    for lesson, known in zip(incident.lessons, record["lessons"], strict=True):
        lesson.id = known["id"]


def _set_versions(incidents: Sequence[tuple[Incident, Mapping[str, Any]]]) -> None:
    """Set the versions of incidents to those of their records, since inserting has numbered them anew."""
    table = cast("Table", Incident.__table__)
    statement = update(table).where(table.c.id == bindparam("key")).values(version=bindparam("number"))
    rows = [{"key": incident.id, "number": record["version"]} for incident, record in incidents]
    db.session.connection().execute(statement, rows)
    for incident, record in incidents:
        set_committed_value(incident, "version", record["version"])


def _write_related(incident: Incident, record: Mapping[str, Any]) -> None:
    """Store the comments, review events, actions and revisions of an incident."""
    author = {"incident_id": incident.id, "principal": IMPORTER.principal}
    _insert(Comment, [{**author, "proposal_id": None, "version": 1, **row} for row in record["comments"]])
    _insert(
        ReviewEvent,
        [
            {**author, **row, "overridden": " ".join(row["overridden"]) or None}
            for row in record["review_events"]
        ],
    )
    _insert(FollowUp, [_action(incident, row) for row in record["actions"]])
    _insert(Revision, [_revision(incident, row) for row in record["revisions"] or [_imported(record)]])


def _action(incident: Incident, row: Mapping[str, Any]) -> dict[str, Any]:
    owner, owner_id = find_owner(incident, row["owner"])
    fields = {name: value for name, value in row.items() if name not in ("owner", "lesson")}
    return {
        **fields,
        "incident_id": incident.id,
        "lesson_id": row["lesson"],
        "owner": owner,
        "owner_id": owner_id,
        "version": 1,
    }


def _imported(record: Mapping[str, Any]) -> dict[str, Any]:
    """The only revision of an incident without history: the importer adds the text of its author."""
    return {
        "number": record["version"],
        "operation": Operation.CREATED,
        "author": IMPORTER.name,
        "words_of": [record["author"]],
        "comment": None,
        "at": record["updated_at"],
    }


def _revision(incident: Incident, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "incident_id": incident.id,
        "principal": None,  # as in revisions from before there were users: the name identifies the author
        **row,
        "snapshot": row.get("snapshot") or snapshot(incident),
        "words_of": [f"{NAME}{name}" for name in row["words_of"]] or None,
    }


def _insert(model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows with their own versions; the ORM would assign new ones."""
    if rows:
        db.session.connection().execute(insert(model.__table__), [dict(row) for row in rows])


def _link_duplicates(lines: Sequence[Line]) -> int:
    """Link duplicates to their originals; return how many originals are missing."""
    pairs = {_record(line)["id"]: original for line in lines if (original := _record(line)["duplicate_of"])}
    known = set(db.session.scalars(select(Incident.id).where(Incident.id.in_(pairs.values()))))
    rows = [{"key": key, "original": original} for key, original in pairs.items() if original in known]
    table = cast("Table", Incident.__table__)
    if rows:
        statement = update(table).where(table.c.id == bindparam("key"))
        db.session.connection().execute(statement.values(duplicate_of_id=bindparam("original")), rows)
    return len(pairs) - len(rows)


def _advance_ids() -> None:
    """Advance the sequences, so that new incidents and lessons get unused ids. SQLite does so by itself."""
    if db.engine.dialect.name == "sqlite":
        return
    for model in (Incident, Lesson):
        highest = db.session.scalar(select(func.max(model.id)))
        sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
        db.session.execute(select(func.setval(sequence, highest)))


def _record(line: Line) -> Mapping[str, Any]:
    assert line.record is not None, "the line was checked for another kind of import"
    return line.record
