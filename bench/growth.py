"""How the engine scales with the number of documents, in process: building, searching, single commits."""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from bench import corpus
from bench.folders import files_below, temporary_folder
from bench.report import format_number, log, milliseconds, table, write
from kb.search.engine import TEXT_WEIGHTS, IndexDocument
from kb.search.parser import parse
from kb.search.query import Group, SearchQuery
from kb.search.whoosh_engine import WhooshEngine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_QUERIES = 300
_COMMITS = 50


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    title = "how the search engine scales with the number of documents"
    parser = commands.add_parser("growth", help=title, description=__doc__)
    parser.add_argument(
        "--documents", type=int, nargs="+", default=[1000, 10_000, 100_000], help="numbers of incidents"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure the engine at each number of documents, and print one table; the exit code is 0."""
    rows = [_measure(count) for count in options.documents]
    header = ["documents", "index ms/doc", "MB on disk", "first p50", "first p99", "p50", "p99"]
    header += ["commit p50", "commit p99", "search after a commit", "open ms", "peak RSS MB"]
    write(table(header, rows))
    return 0


def _measure(count: int) -> list[object]:
    log(f"{count} documents")
    with temporary_folder() as temporary:
        folder = temporary / "index"
        engine = WhooshEngine(folder)
        documents = (_document(*numbered) for numbered in enumerate(corpus.incidents(count), 1))
        build_seconds = _build(engine, documents)
        queries = [
            SearchQuery(root=parse(text).root, today=date(2026, 1, 1)) for text in corpus.queries(_QUERIES)
        ]
        reader = WhooshEngine(folder)
        open_ms = milliseconds(reader.check)
        first_times = sorted(milliseconds(partial(reader.search, query)) for query in queries)
        # With the words swapped: other queries, whose postings are in the engine's cache.
        swapped = [replace(query, root=Group(should=query.root.should[::-1])) for query in queries]
        warm_times = sorted(milliseconds(partial(reader.search, query)) for query in swapped)
        engine.check()  # as in a server, where readers have opened the index before the first write
        commit_times, search_times = [], []
        for document_id in range(count + 1, count + 1 + _COMMITS):
            commit_times.append(_commit(engine, document_id))
            # As in another process: this search opens the new segment, and has none of its terms cached.
            search_times.append(milliseconds(partial(reader.search, queries[document_id % _QUERIES])))
        disk_bytes = sum(status.st_size for _, status in files_below(folder))
    figures = [build_seconds / count * 1e3, disk_bytes / 1e6, *_p50_p99(first_times), *_p50_p99(warm_times)]
    figures += [*_p50_p99(sorted(commit_times)), sorted(search_times)[len(search_times) // 2], open_ms]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [f"{count:,}", *(format_number(figure, 2) for figure in figures), format_number(peak, 0)]


def _build(engine: WhooshEngine, documents: Iterator[IndexDocument]) -> float:
    """Build the index; the seconds that it took, excluding those spent generating the documents."""
    generation_seconds = 0.0

    def batches() -> Iterator[tuple[list[IndexDocument], int]]:
        nonlocal generation_seconds
        while True:
            started = time.perf_counter()
            batch = [document for document, _ in zip(documents, range(1_000), strict=False)]
            generation_seconds += time.perf_counter() - started
            yield batch, 0
            if not batch:
                return

    started = time.perf_counter()
    with engine.writing(timeout=60):
        engine.rebuild("a database", batches())
    return time.perf_counter() - started - generation_seconds


def _commit(engine: WhooshEngine, document_id: int) -> float:
    document = _document(document_id, next(corpus.incidents(1, seed=document_id)))

    def commit() -> None:
        with engine.writing(timeout=60):
            engine.apply([document], (), document_id)

    return milliseconds(commit)


def _document(document_id: int, incident: dict[str, Any]) -> IndexDocument:
    texts: dict[str, tuple[tuple[str, str], ...]] = {
        name: (("en", text),) for name in TEXT_WEIGHTS if isinstance(text := incident.get(name), str)
    }
    texts["lessons"] = tuple(("en", lesson["text"]) for lesson in incident["lessons"])
    texts["sources"] = tuple(("en", source["title"]) for source in incident["sources"])
    texts["tags"] = tuple(("en", tag) for tag in incident["tags"])
    day = date.fromisoformat(incident["occurred_on"])
    return IndexDocument(
        id=document_id,
        texts=texts,
        terms={"category": (incident["category"],), "platform": tuple(incident["platforms"])},
        audiences=("public", "team:1"),
        organization_key=incident["organization"],
        languages=("en",),
        status="published",
        kind="incident",
        tags=tuple(incident["tags"]),
        severity=incident["severity"],
        first_day=day,
        last_day=day,
        stored=orjson.dumps(incident),
    )


def _p50_p99(sorted_times: list[float]) -> tuple[float, float]:
    return sorted_times[len(sorted_times) // 2], sorted_times[int(len(sorted_times) * 0.99)]
