"""Pairs of distinct incidents, in the form of an export with history.

A pair is on the line of the incident with the higher id, which is read after the other one.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from kb.domain.dates import iso
from kb.models import DistinctPair, Incident, db
from kb.services.core.system_actors import IMPORTER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def pair_records(ids: Sequence[int]) -> defaultdict[int, list[dict[str, Any]]]:
    """By id, the incidents with lower ids that were marked as distinct."""
    statement = select(DistinctPair).where(DistinctPair.other_id.in_(ids)).order_by(DistinctPair.incident_id)
    records: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for pair in db.session.scalars(statement):
        records[pair.other_id].append(
            {"incident": pair.incident_id, "author": pair.author, "at": iso(pair.at)}
        )
    return records


def insert_pairs(records: Sequence[Mapping[str, Any]]) -> None:
    """Store the pairs of some lines, if both incidents exist."""
    pairs = [
        {
            "incident_id": pair["incident"],
            "other_id": record["id"],
            "author": pair["author"],
            "principal": IMPORTER.principal,
            "at": pair["at"],
        }
        for record in records
        for pair in record["distinct_from"] or ()
    ]
    if pairs:
        known = set(db.session.scalars(select(Incident.id)))
        rows = [row for row in pairs if row["incident_id"] in known]
        if rows:
            db.session.connection().execute(insert(DistinctPair), rows)
