"""Load the columns from the database: all incidents first, then those that the change feed lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select

from kb.batches import batched
from kb.domain.incident import ImpactKind
from kb.domain.permissions import is_public
from kb.domain.taxonomy import NAMESPACES
from kb.models import Change, Impact, Incident, IncidentTerm, IncidentText, Response, Term
from kb.services.core.change_feed import POSITION
from kb.services.core.replica import prefer_replica
from kb.services.trends.column_queries import fact_columns, fetch_columns, fetch_numbers
from kb.services.trends.columns import KINDS, MOMENTS, STATUSES, UNKNOWN, UNKNOWN_TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from kb.services.trends.columns import Array, Columns
    from kb.services.trends.snapshot import Snapshot

_BATCH_SIZE = 500
"""How many incidents one statement reloads."""

_MAX_CHANGES = 20_000
"""Above this number of changes, reading everything again is faster."""

_MAX_UNUSED = 10_000
"""How many strings that no incident uses any longer may stay in memory."""


def refresh(columns: Columns, snapshot: Snapshot) -> bool:
    """Bring the columns up to the state of a snapshot. Returns whether all incidents were read again.

    All incidents are read from the replica if possible; if that is ahead of the snapshot, the snapshot is
    renewed.
    """
    loaded_seq = columns.seq if columns.database_id == snapshot.database_id else UNKNOWN
    if snapshot.seq == loaded_seq:
        return False
    columns.seq = UNKNOWN  # after a failure the next call reads everything
    full_reload = loaded_seq == UNKNOWN or not 0 < snapshot.seq - loaded_seq <= _MAX_CHANGES
    full_reload |= columns.max_unused_strings > _MAX_UNUSED
    if full_reload:
        loaded_seq = prefer_replica(lambda replica: _load_all(columns, replica or snapshot.connection))
        if loaded_seq > snapshot.seq:
            snapshot.renew()
    if loaded_seq < snapshot.seq:
        _load_changed(columns, snapshot.connection, loaded_seq)
    columns.commit(snapshot.database_id, snapshot.seq, read_change(snapshot.connection, snapshot.seq))
    return full_reload


def _load_all(columns: Columns, connection: Connection) -> int:
    """Read all incidents. Returns the `seq` of the state that the connection sees."""
    columns.clear()
    _load(columns, connection, None)
    return int(connection.execute(POSITION).one().seq)


def _load_changed(columns: Columns, connection: Connection, loaded_seq: int) -> None:
    changed = select(Change.incident_id).where(Change.seq > loaded_seq).distinct()
    ids = sorted(connection.scalars(changed))
    for batch in batched(ids, _BATCH_SIZE):
        _load(columns, connection, batch)


def read_change(connection: Connection, seq: int) -> list[str]:
    """The identity of change `seq`.

    After a restore from a backup, another change may have the same number.
    """
    statement = select(Change.incident_id, Change.version, Change.at).where(Change.seq == seq)
    return [str(value) for row in connection.execute(statement) for value in row]


def _load(columns: Columns, connection: Connection, ids: Sequence[int] | None) -> None:
    """Read some incidents, or all of them if `ids` is None."""
    _load_facts(columns, connection, ids)
    if ids is not None:
        columns.empty(columns.rows(ids))
    _load_terms(columns, connection, ids)
    _load_languages(columns, connection, ids)
    _load_losses(columns, connection, ids)


def _load_facts(columns: Columns, connection: Connection, ids: Sequence[int] | None) -> None:
    statement = select(*fact_columns(connection.engine))
    for owners, *fetched in fetch_columns(connection, statement, Incident.id, ids):
        team, status, visibility, kind, severity, first, last, *moments, keys, names = fetched
        facts = {
            "team": team,
            "status": [*map(STATUSES.index, status)],
            "public": [*map(is_public, status, visibility)],
            "kind": [*map(KINDS.index, kind)],
            "organization": [*map(columns.organizations.encode, keys)],
            "organization_name": [*map(columns.organization_names.encode, names)],
            "severity": [UNKNOWN if value is None else value for value in severity],
            "first_day": first,
            "last_day": last,
        }
        for name, moment in zip(MOMENTS, moments, strict=True):
            facts[name] = [UNKNOWN_TIME if value is None else value for value in moment]
        columns.put_facts(columns.add_rows(np.array(owners, np.int64)), facts)


def _load_terms(columns: Columns, connection: Connection, ids: Sequence[int] | None) -> None:
    terms = connection.execute(select(Term.id, Term.namespace))
    namespaces = {term: namespace for term, namespace in terms}
    links = select(IncidentTerm.incident_id, IncidentTerm.term_id, IncidentTerm.position)
    responses = select(Response.incident_id, Response.term_id, func.min(Response.position))
    responses = responses.group_by(Response.incident_id, Response.term_id)
    _put_terms(columns, fetch_numbers(connection, links, IncidentTerm.incident_id, ids), namespaces)
    _put_terms(columns, fetch_numbers(connection, responses, Response.incident_id, ids), namespaces)


def _put_terms(columns: Columns, links: Array, namespaces: dict[int, str]) -> None:
    """Fill slots from an array of shape (links, 3): incident, term, position."""
    if not len(links):
        return
    links = links[np.lexsort((links[:, 2], links[:, 0]))]
    namespace_of = np.full(max(namespaces) + 1, UNKNOWN)
    for term, namespace in namespaces.items():
        namespace_of[term] = NAMESPACES.index(namespace) if namespace in NAMESPACES else UNKNOWN
    numbers = namespace_of[links[:, 1]]
    for number, namespace in enumerate(NAMESPACES):
        chosen = links[numbers == number]
        if len(chosen):
            columns.put_slots(namespace, chosen[:, 0], chosen[:, 1])


def _load_languages(columns: Columns, connection: Connection, ids: Sequence[int] | None) -> None:
    texts = select(IncidentText.incident_id, IncidentText.language).order_by(IncidentText.incident_id)
    for owners, tags in fetch_columns(connection, texts, IncidentText.incident_id, ids):
        codes = np.array([*map(columns.languages.encode, tags)])
        columns.put_slots("language", np.array(owners), codes)


def _load_losses(columns: Columns, connection: Connection, ids: Sequence[int] | None) -> None:
    statement = select(Impact.incident_id, Impact.currency, Impact.alleged, Impact.amount).where(
        Impact.kind == ImpactKind.MARKET_VALUE, Impact.amount.is_not(None), Impact.currency.is_not(None)
    )
    for owners, *fetched in fetch_columns(connection, statement, Impact.incident_id, ids):
        rows: list[Any] = columns.rows(owners).tolist()
        for row, currency, alleged, amount in zip(rows, *fetched, strict=True):
            columns.add_loss(row, currency, alleged=bool(alleged), amount=float(amount))
