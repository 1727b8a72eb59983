"""The knowledge bases that drafts are checked against: the seeds and a collection of incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.wild.cases import read_incidents
from bench.wild.evaluation import knowledge_base, open_collection
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.collections.changes import add_shipped
from kb.services.exchange.collections.reading import incident_files
from kb.services.exchange.collections.shipped import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


class Collection(NamedTuple):
    """Incidents that drafts may resemble: what they are, their slugs, and how to open them in a database."""

    description: str
    slugs: frozenset[str]
    open: Callable[[], AbstractContextManager[None]]


def load_collection(name: str) -> Collection:
    """The collection of this name: one that ships, or `invented`, the incidents of the benchmark `wild`."""
    if name == "invented":
        incidents = read_incidents()
        return Collection(
            f"{len(incidents)} invented incidents, each in one language",
            frozenset(incidents),
            lambda: open_collection(incidents),
        )
    slugs = frozenset(path.stem for path in incident_files(shipped_folder(name)))
    return Collection(
        f"{len(slugs)} incidents of the collection {name}, each in English and Hebrew",
        slugs,
        lambda: knowledge_base(lambda: add_shipped(OPERATOR, name)),
    )
