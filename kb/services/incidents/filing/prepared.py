"""Prepare the rows of new incidents before the transaction: of a single one, or of thousands in an import.

On SQLite nobody else can write during the transaction, which then only inserts.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import repeat
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from kb.batches import batched
from kb.domain.incident import Operation, Status
from kb.domain.permissions import is_public
from kb.domain.text import tag_key
from kb.models import INCIDENT_MODELS, Incident, IncidentTag, Lesson, ReviewEvent, Revision, db
from kb.models.base import utc_now
from kb.models.bulk_insert import BulkInsert, next_ids
from kb.pauses import no_pause
from kb.services.core.presenters import detail_in, snapshot
from kb.services.core.system_actors import is_operator
from kb.services.incidents.content.passed_check import check_id_in
from kb.services.incidents.content.slugs import free_in_team, require_free, slug_base
from kb.services.incidents.content.tags import first_spellings, learn_spellings
from kb.services.incidents.filing.unstored import FIRST, Owner, UnstoredIncident, is_self_contained
from kb.services.review.concerns import require_acknowledged, text_concerns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from kb.domain.permissions import Actor
    from kb.models import Team
    from kb.pauses import Pause
    from kb.services.accounts.teams import FilingTeam
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.review.concerns import Reason
    from kb.services.taxonomy.lookup import TermLookup

_MODELS = (*INCIDENT_MODELS, Revision, ReviewEvent)
"""The models of a new incident's rows, ordered so that rows refer only to earlier ones."""

_ROWS_AT_ONCE = 2_000
"""How many rows are inserted between two pauses."""

_LATE = frozenset(
    {
        "id", "incident_id", "lesson_id", "slug", "passed_check_id",
        "created_at", "updated_at", "published_at", "at", "snapshot",
    }
)  # fmt: skip
"""The columns whose values are known only in the transaction. Rows of tags are made there as a whole."""

_NUMBERED = (Incident, Lesson)
"""The models whose ids are assigned before the insert, since other rows refer to them."""


def can_prepare(data: Mapping[str, Any]) -> bool:
    """Whether a new incident of an import can be made from its input alone; else it is written one by one."""
    return is_self_contained(data) and data.get("passed_check") is None and bool(data.get("slug"))


class PreparedIncidents:
    """New incidents of a team: their rows, ready to be inserted.

    If they belong to a `collection`, their revisions name its key, though the rows do not refer to it yet.
    `spellings` has the known tags, and gains new ones.
    """

    def __init__(
        self,
        actor: Actor,
        team: Owner | Team,
        at: datetime,
        terms: TermLookup,
        *,
        collection: str | None = None,
        spellings: dict[str, str] | None = None,
    ) -> None:
        self._actor = actor
        self._team = Owner(team.id, team.key)
        self._at = at
        self._terms = terms
        self._collection = None if collection is None else SimpleNamespace(key=collection)
        self._spellings = {} if spellings is None else spellings
        self._rows: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
        self._ready: dict[Any, list[Any]] = defaultdict(list)
        self._added: list[tuple[int, bool]] = []

    def learn_tags(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        """Look up the spellings of tags, before incidents with these tags are added."""
        learn_spellings(self._spellings, self._team.id, inputs)

    def add(self, data: Mapping[str, Any], incident_id: int, lesson_ids: Iterator[int]) -> None:
        """Add an incident that `can_prepare`. Raises InvalidInput without adding anything."""
        incident = UnstoredIncident(self._actor, self._team, data, self._terms)
        incident.collection = self._collection
        incident.spell_tags(data.get("tags", ()), self._spellings)
        incident.number(incident_id, lesson_ids, self._at)
        for model, rows in incident.rows().items():
            self._rows[model].extend(rows)
        self._added.append((incident_id, is_public(incident.status, incident.visibility)))

    def convert(self) -> None:
        """Convert added rows for the database, which take less memory."""
        for model, insert in _inserts(db.engine.dialect.name).items():
            self._ready[model] += insert.converted(self._rows.pop(model, ()))

    def insert(self, work: UnitOfWork, pause: Pause = no_pause, *, collection_id: int | None = None) -> None:
        """Insert the converted rows, as incidents of a collection if an id is given, and announce them.

        `pause` is called after some thousand rows.
        """
        connection = db.session.connection()
        if collection_id is not None:
            index = _inserts(db.engine.dialect.name)[Incident].index_of("collection_id")
            self._ready[Incident] = [
                (*row[:index], collection_id, *row[index + 1 :]) for row in self._ready[Incident]
            ]
        for model, insert in _inserts(db.engine.dialect.name).items():
            for batch in batched(self._ready[model], _ROWS_AT_ONCE):
                insert.execute(connection, batch)
                pause()
        for incident_id, public in self._added:
            work.announce(
                incident_id, self._team.id, operation=Operation.CREATED, version=FIRST, public=public
            )


class PreparedIncident:
    """A single new incident; data that depends on others is looked up when it is stored."""

    def __init__(
        self, actor: Actor, team: FilingTeam | Team, data: Mapping[str, Any], terms: TermLookup
    ) -> None:
        """Make one from an input that `is_self_contained`. Raises InvalidInput."""
        self.incident = UnstoredIncident(actor, Owner(team.id, team.key), data, terms)
        self._actor = actor
        self._data = data
        self._slug_base = None if data.get("slug") else slug_base(data)
        self._tag_keys = {tag_key(tag) for tag in data.get("tags", ())}
        self.incident.number(None, repeat(None), utc_now())
        self._snapshot = snapshot(self.incident.as_incident())
        self._concerns = [] if self.incident.status is Status.DRAFT else self._find_concerns()
        rows = self.incident.rows(self._snapshot)
        self._converted = {
            model: insert.converted(rows[model]) for model, insert in _inserts(db.engine.dialect.name).items()
        }

    def _find_concerns(self) -> list[Reason]:
        """The concerns that its author must acknowledge. Long texts take a while: not in a transaction."""
        return [] if is_operator(self._actor) else text_concerns(self._snapshot)

    def store(self, work: UnitOfWork) -> dict[str, Any]:
        """Insert the incident, announce it in the feed, and return its detail.

        Raises Conflict for a taken slug, or for an unacknowledged concern of a published incident, and
        InvalidInput for a check that the actor may not see.
        """
        incident, data, connection = self.incident, self._data, db.session.connection()
        if self._slug_base is None:
            require_free(incident.slug, incident.team_id, connection)
        else:
            incident.slug = free_in_team(self._slug_base, incident.team_id, connection=connection)
        incident.passed_check_id = check_id_in(self._actor, data)
        spellings = first_spellings(incident.team_id, self._tag_keys, connection)
        incident.spell_tags(data.get("tags", ()), spellings)
        counts = {Incident.__table__: 1, Lesson.__table__: len(incident.lessons)}
        (incident_id,), lesson_ids = next_ids(connection, counts)
        incident.number(incident_id, iter(lesson_ids), work.at)
        incident.complete(self._snapshot)
        rows = incident.rows(self._snapshot)
        for model, insert in _inserts(connection.dialect.name).items():
            if model is IncidentTag:
                ready = insert.converted(rows[model])
            else:
                ready = insert.completed(self._converted[model], rows[model], _LATE)
            insert.execute(connection, ready)
        require_acknowledged(
            work, self._actor, incident.as_incident(), self._concerns, data.get("acknowledge", ())
        )
        public = is_public(incident.status, incident.visibility)
        work.announce(
            incident_id, incident.team_id, operation=Operation.CREATED, version=FIRST, public=public
        )
        return detail_in(self._snapshot)


@cache
def _inserts(_dialect: str) -> dict[Any, BulkInsert]:
    """The statements that insert incidents, for the application's kind of database."""
    return {model: BulkInsert(model.__table__, [*_columns(model)]) for model in _MODELS}


def _columns(model: Any) -> list[str]:
    """The columns of a row; the database assigns ids that nothing refers to."""
    return [column.name for column in model.__table__.columns if model in _NUMBERED or column.name != "id"]
