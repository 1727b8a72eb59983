"""Asking the real search service, and scoring where it ranks the expected incident."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.folders import temporary_folder
from bench.report import log
from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.services.accounts.authentication import anonymous
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.exchange.entries import read_entries
from kb.services.exchange.imports import importing
from kb.services.operations import bootstrap
from kb.services.search import sync
from kb.services.search.finding import SearchRequest
from kb.services.search.search import search

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

PAGE_SIZE = 10


class Answer(NamedTuple):
    """What a search answered: the slugs of the first hits, and what it did to the query.

    `corrected` is whether other words were searched than those that were asked.
    """

    hits: tuple[str, ...]
    interpreted: str
    did_you_mean: str | None
    corrected: bool

    def rank(self, expected: Collection[str]) -> int | None:
        """The position of the first of some incidents, from 1; None if the first page has none of them."""
        return next((place for place, slug in enumerate(self.hits, start=1) if slug in expected), None)


class Score(NamedTuple):
    """How well a set of searches found the expected incidents; the rates are shares of the searches."""

    total: int
    hit_at_1: float
    hit_at_5: float
    mrr: float
    nothing_found: float


@contextmanager
def open_collection(incidents: Mapping[str, dict[str, Any]]) -> Iterator[None]:
    """An application context whose knowledge base holds the incidents, beside the seeds."""
    log(f"Importing {len(incidents)} incidents")
    with knowledge_base(lambda: _import(incidents)):
        yield


@contextmanager
def knowledge_base(fill: Callable[[], object]) -> Iterator[None]:
    """An application context whose knowledge base holds the seeds, and what `fill` adds."""
    with temporary_folder() as folder:
        app = create_app(Settings(data_dir=folder))
        with app.app_context():
            bootstrap.prepare()
            fill()
            sync.ensure_current(timeout=60)
            try:
                yield
            finally:
                db.engine.dispose()


def ask(text: str, *, correct: bool = True) -> Answer:
    """Search for a text as an anonymous reader does."""
    request = SearchRequest(text=text, correct=correct, highlight="none", limit=PAGE_SIZE)
    page = search(anonymous(), request).as_dict()
    return Answer(
        hits=tuple(item["incident"]["slug"] for item in page["items"]),
        interpreted=page["interpreted"],
        did_you_mean=page["did_you_mean"],
        corrected=page["corrected"],
    )


def score(answers: Sequence[tuple[Answer, Collection[str]]]) -> Score:
    """The score of some answers, each with the slugs of the incidents that are right."""
    ranks = [answer.rank(expected) for answer, expected in answers]
    total = len(ranks)

    def share(number: float) -> float:
        return number / total if total else 0.0

    return Score(
        total=total,
        hit_at_1=share(sum(rank == 1 for rank in ranks)),
        hit_at_5=share(sum(rank is not None and rank <= 5 for rank in ranks)),
        mrr=share(sum(1 / rank for rank in ranks if rank is not None)),
        nothing_found=share(sum(not answer.hits for answer, _ in answers)),
    )


def _import(incidents: Mapping[str, dict[str, Any]]) -> None:
    lines = (json.dumps(incident).encode() for incident in incidents.values())
    checked = importing.check_entries(read_entries(lines), MAIN_TEAM)
    if checked.errors:
        raise RuntimeError("\n".join(map(str, checked.errors)))
    importing.write_lines(checked.lines, MAIN_TEAM, lambda *_: None)
