"""Figures for whoever operates the service: how far the index has come, and what a process uses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kb.domain.permissions import Action
from kb.models import db
from kb.search.cache import cached_bytes
from kb.search.engine import IndexUnusableError
from kb.services.core import change_feed
from kb.services.core.authorization import require
from kb.services.infrastructure.runtime import engine

if TYPE_CHECKING:
    from kb.domain.permissions import Actor

_STATM = Path("/proc/self/statm")


def site_figures(actor: Actor) -> list[tuple[str, str, float]]:
    """Figures of the whole site, each with its name and what it means.

    An index that is missing or being rebuilt has no figures; `index_usable` says so.
    """
    require(actor, Action.READ_FIGURES)
    seq = change_feed.position().seq
    figures: list[tuple[str, str, float]] = [("change_seq", "Number of the latest change.", seq)]
    try:
        status = engine().status()
    except IndexUnusableError:
        return [*figures, ("index_usable", "1 if the index can be searched, else 0.", 0)]
    return [
        *figures,
        ("index_usable", "1 if the index can be searched, else 0.", 1),
        ("index_lag", "Changes that the index lacks.", max(0, seq - status["seq"])),
        ("index_documents", "Incidents in the index.", status["documents"]),
        ("index_segments", "Segments of the index.", status["segments"]),
        ("index_bytes", "Size of the index on disk, in bytes.", status["bytes"]),
    ]


def process_figures() -> dict[str, float]:
    """What this process uses: `resident_bytes` (on Linux only), `cache_bytes`, `database_connections`."""
    figures = {"cache_bytes": float(cached_bytes())}
    if _STATM.exists():
        pages = int(_STATM.read_text().split()[1])
        figures["resident_bytes"] = float(pages * os.sysconf("SC_PAGE_SIZE"))
    if (in_use := getattr(db.engine.pool, "checkedout", None)) is not None:
        figures["database_connections"] = float(in_use())
    return figures
