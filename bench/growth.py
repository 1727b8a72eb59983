"""How the engine does, in process, as documents become more: building, searching, single commits."""

from __future__ import annotations

import resource
import tempfile
import time
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from bench.corpus import incidents, queries
from bench.report import number, say, table, write
from kb.search.engine import TEXT_WEIGHTS, IndexDocument
from kb.search.parser import parse
from kb.search.query import Group, SearchQuery
from kb.search.whoosh_engine import WhooshEngine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

_QUERIES = 300
_COMMITS = 50


def main(options: argparse.Namespace) -> int:
    """Measure each size in turn, and print one table."""
    rows = [_measure(count) for count in options.documents]
    header = ["documents", "index ms/doc", "MB on disk", "first p50", "first p99", "p50", "p99"]
    header += ["commit p50", "commit p99", "search after a commit", "open ms", "peak RSS MB"]
    write(table(header, rows))
    return 0


def _measure(count: int) -> list[object]:
    say(f"{count} documents")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "index"
        engine = WhooshEngine(folder)
        documents = (_document(place, item) for place, item in enumerate(incidents(count), 1))
        spent = _build(engine, documents)
        asked = [SearchQuery(root=parse(text).root, today=date(2026, 1, 1)) for text in queries(_QUERIES)]
        fresh = WhooshEngine(folder)
        opened = _milliseconds(fresh.check)
        first = sorted(_milliseconds(partial(fresh.search, query)) for query in asked)
        # Other queries of the same words.
        turned = [replace(query, root=Group(should=query.root.should[::-1])) for query in asked]
        later = sorted(_milliseconds(partial(fresh.search, query)) for query in turned)
        engine.check()  # as in a server, whose readers have opened the index before anybody writes
        commits, after = [], []
        for place in range(count + 1, count + 1 + _COMMITS):
            commits.append(_commit(engine, place))
            # What a reader in another process waits for: it opens the new state, and knows no term yet.
            after.append(_milliseconds(partial(fresh.search, asked[place % _QUERIES])))
        disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    figures = [spent / count * 1e3, disk / 1e6, *_p50_p99(first), *_p50_p99(later)]
    figures += [*_p50_p99(sorted(commits)), sorted(after)[len(after) // 2], opened]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [f"{count:,}", *(number(figure, 2) for figure in figures), number(peak, 0)]


def _build(engine: WhooshEngine, documents: Iterator[IndexDocument]) -> float:
    """Seconds that the engine took, without those that making the documents took."""
    waited = 0.0

    def batches() -> Iterator[tuple[list[IndexDocument], int]]:
        nonlocal waited
        while True:
            started = time.perf_counter()
            batch = [document for document, _ in zip(documents, range(1_000), strict=False)]
            waited += time.perf_counter() - started
            yield batch, 0
            if not batch:
                return

    started = time.perf_counter()
    with engine.writing(timeout=60):
        engine.rebuild("a database", batches())
    return time.perf_counter() - started - waited


def _commit(engine: WhooshEngine, place: int) -> float:
    document = _document(place, next(incidents(1, seed=place)))

    def commit() -> None:
        with engine.writing(timeout=60):
            engine.apply([document], (), place)

    return _milliseconds(commit)


def _document(place: int, item: dict[str, Any]) -> IndexDocument:
    texts: dict[str, tuple[tuple[str, str], ...]] = {
        name: (("en", item[name]),) for name in TEXT_WEIGHTS if name in item and name != "tags"
    }
    texts["lessons"] = tuple(("en", lesson["text"]) for lesson in item["lessons"])
    texts["tags"] = tuple(("en", tag) for tag in item["tags"])
    day = date.fromisoformat(item["occurred_on"])
    return IndexDocument(
        id=place,
        texts=texts,
        terms={"category": (item["category"],), "platform": tuple(item["platforms"])},
        audiences=("public", "team:1"),
        organization_key=item["organization"],
        languages=("en",),
        status="published",
        kind="incident",
        tags=tuple(item["tags"]),
        severity=item["severity"],
        first_day=day,
        last_day=day,
        stored=orjson.dumps(item),
    )


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


def _p50_p99(times: list[float]) -> tuple[float, float]:
    return times[len(times) // 2], times[int(len(times) * 0.99)]
