"""Incidents as rows of a table: every field is a number, a text, or a list of texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kb.services.core.presenters import detail

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from kb.models import Incident


def table_row(incident: Incident, languages: Sequence[str], originals: Collection[int]) -> dict[str, Any]:
    """The detail of an incident as a row, with the minutes that its response took.

    Lessons and sources are their texts and addresses. `originals` are the incidents that may be named as
    originals of duplicates.
    """
    fields = detail(incident, languages)
    return {
        **fields,
        "extra": None if fields["extra"] is None else json.dumps(fields["extra"], ensure_ascii=False),
        "lessons": [lesson["text"] for lesson in fields["lessons"]],
        "sources": [source["url"] or source["title"] for source in fields["sources"]],
        "responses": [_dated(response) for response in fields["responses"]],
        "impacts": [_amount(impact) for impact in fields["impacts"]],
        "duplicate_of": incident.duplicate_of_id if incident.duplicate_of_id in originals else None,
        "minutes_to_acknowledge": _minutes(incident.posted_at, incident.acknowledged_at),
        "minutes_to_remove": _minutes(incident.posted_at, incident.removed_at),
    }


def _dated(response: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (response["kind"], response["at"])))


def _amount(impact: Mapping[str, Any]) -> str:
    amount = None if impact["amount"] is None else f"{impact['amount']:.2f}".removesuffix(".00")
    alleged = "(alleged)" if impact["alleged"] else None
    return " ".join(filter(None, (impact["kind"], amount, impact["currency"], alleged)))


def _minutes(posted: datetime | None, ended: datetime | None) -> float | None:
    """The minutes between two moments, truncated to seconds, as trends and views count them."""
    if posted is None or ended is None:
        return None
    return (ended.replace(microsecond=0) - posted.replace(microsecond=0)).total_seconds() / 60
