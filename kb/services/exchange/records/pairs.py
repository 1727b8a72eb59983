"""Pairs of distinct incidents, in the form of an export with history.

A pair is on the line of the incident with the higher id, which is read after the other one.
"""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.dates import iso
from kb.models import DistinctPair, db
from kb.services.core.system_actors import IMPORTER

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence


def pair_records(ids: Sequence[int]) -> defaultdict[int, list[dict[str, Any]]]:
    """By id, the incidents with lower ids that were marked as distinct."""
    statement = select(DistinctPair).where(DistinctPair.other_id.in_(ids)).order_by(DistinctPair.incident_id)
    records: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for pair in db.session.scalars(statement):
        records[pair.other_id].append(
            {"incident": pair.incident_id, "author": pair.author, "at": iso(pair.at)}
        )
    return records


def pair_rows(record: Mapping[str, Any], known: Container[int]) -> list[dict[str, Any]]:
    """The rows for the pairs of a line, of incidents that are among the known ones."""
    pairs = [
        {
            "incident_id": pair["incident"],
            "other_id": record["id"],
            "author": pair["author"],
            "principal": IMPORTER.principal,
            "at": pair["at"],
        }
        for pair in record["distinct_from"] or ()
        if pair["incident"] in known
    ]
    return sorted(pairs, key=itemgetter("incident_id"))
