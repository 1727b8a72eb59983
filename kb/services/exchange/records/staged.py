"""Prepare the lines of an export that keep their ids, before the transaction that writes them.

Each line's incident is filled in memory, and the difference to the stored one is kept as rows
(docs/decisions/0100).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, literal, select, update

from kb.batches import batched
from kb.domain.dates import UNKNOWN_DATE
from kb.domain.incident import Operation, Status
from kb.domain.text import tag_key
from kb.errors import Conflict
from kb.messages import Message
from kb.models import Collection, Incident, Team, db
from kb.models.base import MAX_LISTED_VALUES
from kb.models.bulk_insert import reserve_ids
from kb.services.core.staged_changes import StagedChanges, load_detached, versions_of
from kb.services.core.unit_of_work import unit_of_work
from kb.services.exchange.records.related import StoredRows
from kb.services.incidents.content.facts import write_facts
from kb.services.incidents.content.lessons import write_lessons
from kb.services.incidents.content.texts import write_texts, write_translation
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kb.services.core.staged_changes import StagedWork
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.exchange.line_checks import Line

_BATCH_SIZE = 200

_EVIDENCE = ("sources", "responses", "impacts")

_REPLACED = "replaced-"
"""The prefix of temporary slugs, for incidents that get other names in the same transaction."""

_INCIDENTS = Incident.__table__
_FREE_NAMES = (
    update(_INCIDENTS)
    .where(_INCIDENTS.c.id.in_(bindparam("ids", expanding=True)))
    .values(slug=literal(_REPLACED).op("||")(_INCIDENTS.c.id), external_id=None)
)
_LINK = (
    update(_INCIDENTS)
    .where(_INCIDENTS.c.id == bindparam("duplicate"))
    .values(duplicate_of_id=bindparam("original"))
)


class _Context(NamedTuple):
    """The context for filling a batch of incidents, besides their lines."""

    teams: Mapping[str, Team]
    collections: Mapping[str, Collection]
    terms: TermLookup
    related: StoredRows


class StagedRecords:
    """The incidents of some lines, ready to be written.

    `team_ids` and `collection_ids` are by key, and include new ones, which the transaction must add before it
    calls `execute`. `missing_originals` counts the duplicates whose original is neither here nor in a line.
    """

    def __init__(self, lines: Sequence[Line], progress: Callable[[int, int], object]) -> None:
        """Prepare lines. `progress` is called with the number of prepared lines and the total."""
        self._records = [record_of(line) for line in lines]
        self.team_ids = _ids_by_key(Team, {record["team"] for record in self._records})
        self.collection_ids = _ids_by_key(
            Collection, {each["collection"] for each in self._records if each["collection_head"] is not None}
        )
        self._stored = set(db.session.scalars(select(Incident.id)))
        self._known = self._stored.union(record["id"] for record in self._records)
        self._changes = StagedChanges()
        self._versions: dict[int, int] = {}
        self._renamed: list[int] = []
        self._linked: list[dict[str, int]] = []
        self.missing_originals = 0
        for start in range(0, len(lines), _BATCH_SIZE):
            batch = lines[start : start + _BATCH_SIZE]
            self._stage(batch)
            db.session.rollback()
            progress(start + len(batch), len(lines))

    def named_ids(self) -> Iterator[int]:
        """The ids of the incidents that lines replace or refer to."""
        for record in self._records:
            yield record["id"]
            if record["duplicate_of"]:
                yield record["duplicate_of"]
            yield from (pair["incident"] for pair in record["distinct_from"] or ())

    def execute(self, work: UnitOfWork) -> None:
        """Write the incidents within a transaction that has locked them.

        Raises Conflict if one of them was written since it was made ready.
        """
        ids = [record["id"] for record in self._records]
        versions: dict[int, int] = {}
        for batch in batched(ids, MAX_LISTED_VALUES):
            versions |= versions_of(batch)
        if versions != self._versions:
            raise Conflict(
                Message("This conflicts with what somebody else stored in the meantime. Try again.")
            )
        connection = db.session.connection()
        for batch in batched(self._renamed, MAX_LISTED_VALUES):
            connection.execute(_FREE_NAMES, {"ids": batch})
        self._changes.execute(work, ids)
        if self._linked:
            connection.execute(_LINK, self._linked)

    def _stage(self, batch: Sequence[Line]) -> None:
        ids = [record_of(line)["id"] for line in batch]
        stored = {incident.id: incident for incident in load_detached(ids)}
        context = _Context(
            {key: Team(id=team_id, key=key) for key, team_id in self.team_ids.items()},
            {key: Collection(id=each, key=key) for key, each in self.collection_ids.items()},
            TermLookup(attached=False),
            StoredRows(ids),
        )
        for line in batch:
            known = stored.get(record_of(line)["id"])
            if known is not None:
                self._versions[known.id] = known.version
                self._free_names(known, line)
            incident = known or _new_incident(line)
            change = partial(self._replace, incident=incident, line=line, context=context)
            self._changes.add(incident, change, is_new=known is None)

    def _free_names(self, incident: Incident, line: Line) -> None:
        """Free the slug and the external id of a stored incident that gets others, since other lines may use
        them.

        They are replaced before its change is recorded, so that the change writes both.
        """
        team_id = self.team_ids[record_of(line)["team"]]
        names = (team_id, line.data["slug"], line.data["external_id"])
        if (incident.team_id, incident.slug, incident.external_id) != names:
            incident.slug, incident.external_id = f"{_REPLACED}{incident.id}", None
            self._renamed.append(incident.id)

    def _replace(self, work: StagedWork, incident: Incident, line: Line, context: _Context) -> None:
        """Overwrite an incident and its rows with the content of a line."""
        record, is_known = record_of(line), incident.id in self._versions
        _fill(incident, line, context)
        original = record["duplicate_of"] or None
        if original is not None and original not in self._known:
            self.missing_originals += 1
            original = None
        incident.duplicate_of_id = original
        context.related.replace(work, incident, record, self._known)
        if original is not None and original not in self._stored:
            # A row cannot refer to a row that is inserted later.
            incident.duplicate_of_id = None
            self._linked.append({"duplicate": incident.id, "original": original})
        # `public`, so that anyone who could read a duplicate, here or there, is still led to its original.
        work.announce(
            incident.id,
            incident.team_id,
            operation=Operation.UPDATED if is_known else Operation.CREATED,
            version=record["version"],
            public=record["was_public"],
        )


def record_of(line: Line) -> Mapping[str, Any]:
    """What a line of an export has beyond the content of its incident."""
    assert line.record is not None, "the line was checked for another kind of import"
    return line.record


def _ids_by_key(model: type[Team | Collection], keys: set[str]) -> dict[str, int]:
    """The ids of all teams or collections, by key, with new ids for the given keys that are not stored.

    On SQLite, somebody else may take the latter before the transaction, which then fails with a Conflict.
    """
    ids: dict[str, int] = {row.key: row.id for row in db.session.execute(select(model.key, model.id))}
    new = sorted(keys - ids.keys())
    if db.engine.dialect.name == "sqlite":
        first = max(ids.values(), default=0) + 1
        return ids | dict(zip(new, range(first, first + len(new)), strict=True))
    if new:
        with unit_of_work():
            reserved = reserve_ids(db.session.connection(), model.__table__, len(new))
        ids |= dict(zip(new, reserved, strict=True))
    return ids


def _new_incident(line: Line) -> Incident:
    return Incident(id=record_of(line)["id"], sources=[], responses=[], impacts=[], tag_links=[])


def _fill(incident: Incident, line: Line, context: _Context) -> None:
    """Write the content of a line, and the fields of the incident itself in its record, into a detached
    incident."""
    data, record = line.data, record_of(line)
    for name in ("lessons", "term_links", "tag_links", *(each for each in _EVIDENCE if each not in data)):
        setattr(incident, name, [])
    incident.texts.clear()
    incident.slug, incident.external_id = data["slug"], data["external_id"]
    incident.status, incident.language = Status(record["status"]), data["language"]
    incident.team = context.teams[record["team"]]
    incident.team_id, incident.author = incident.team.id, record["author"]
    incident.collection = context.collections.get(record["collection"])
    incident.collection_id = None if incident.collection is None else incident.collection.id
    for name in ("version", "created_at", "updated_at", "published_at"):
        setattr(incident, name, record[name])
    if incident.occurred_on is None:
        incident.occurred_on, incident.occurred_until = UNKNOWN_DATE.first, UNKNOWN_DATE.last
        incident.occurred_precision = UNKNOWN_DATE.precision
    context.terms.errors.clear()
    spellings = {tag_key(tag): tag for tag in data["tags"]}
    write_facts(incident, data, context.terms, check=False, spellings=spellings)
    write_texts(incident, incident.language, data, version=record["text_version"])
    write_lessons(incident, incident.language, data["lessons"], version=record["text_version"])
    for language, translation in data["translations"].items():
        write_translation(incident, language, translation, version=1)
        incident.texts[language].version = record["translations"][language]["version"]
    for lesson, known in zip(incident.lessons, record["lessons"], strict=True):
        lesson.id = known["id"]
