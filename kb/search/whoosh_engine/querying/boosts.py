"""Boosts: properties that raise an incident slightly above equally good matches."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from kb.domain.sorting import RECENCY, SEVERITY
from kb.search.whoosh_engine.format.arrays import nbytes

if TYPE_CHECKING:
    from datetime import date

    from kb.search.whoosh_engine.format.arrays import Array
    from kb.search.whoosh_engine.querying.snapshot import Snapshot
    from kb.search.whoosh_engine.querying.view import View

SEVERITY_BOOST = 0.04
"""The change of the relevance factor for each step of severity above or below 3."""

RECENCY_BOOST = 0.1
"""The relevance gain of an incident of today. It halves every RECENCY_HALF_LIFE days."""

RECENCY_HALF_LIFE = 5 * 365.25


def boost_factors(view: View, boosts: frozenset[str], today: date | None) -> dict[str, Array]:
    """Maps each boost to the relevance factor of each document."""
    makers = {SEVERITY: _severity_factor, RECENCY: _recency_factor}
    applied = [name for name in sorted(boosts) if name == SEVERITY or today is not None]
    masks = view.snapshot.masks
    return {
        name: masks.get_or_create((name, today), partial(makers[name], view.snapshot, today), nbytes)
        for name in applied
    }


def _severity_factor(snapshot: Snapshot, _today: date | None) -> Array:
    severity = np.where(snapshot.severity > 0, snapshot.severity, 3)
    factor: Array = 1 + SEVERITY_BOOST * (severity - 3)
    return factor


def _recency_factor(snapshot: Snapshot, today: date | None) -> Array:
    assert today is not None
    age = np.maximum(0, today.toordinal() - snapshot.last_day)
    factor: Array = 1 + RECENCY_BOOST * 0.5 ** (age / RECENCY_HALF_LIFE)
    factor[~snapshot.dated] = 1.0
    return factor
