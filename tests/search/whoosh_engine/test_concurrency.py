"""The embedded engine under threads and processes that read, write and merge at once."""

from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kb.search.engine import IndexDocument
from kb.search.parser import parse
from kb.search.query import SearchQuery
from kb.search.whoosh_engine import WhooshEngine
from tests.support.index_documents import document

WORDS = ["zebra", "giraffe", "okapi", "lion", "tapir", "heron"]


def _read_until(folder: Path, until: float, failures: Any) -> None:
    """Search in four threads; what was committed as one must be seen as one."""
    engine = WhooshEngine(folder)

    def read(_: int) -> int:
        count = 0
        while time.time() < until:
            page = engine.search(SearchQuery(root=parse("zebra").root, limit=100, correct=False))
            # Every commit writes ten documents with one title: all hits are of one generation.
            titles = {bytes(hit.stored) for hit in page.hits}
            if page.total != 10 or len(page.hits) != 10 or len(titles) != 1:
                failures.put((page.total, len(page.hits), sorted(titles)))
            count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(read, range(4)))
    failures.put(sum(counts))


@pytest.mark.slow
def test_threads_and_processes_read_consistently_while_one_writes_and_merges(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    engine = WhooshEngine(folder)

    def batch(generation: int) -> list[IndexDocument]:
        words = f"zebra {WORDS[generation % 6]}"
        return [document(number, words, stored=str(generation).encode()) for number in range(1, 11)]

    with engine.writing(timeout=1):
        engine.rebuild("a database", [(batch(0), 0)])
    context = multiprocessing.get_context("spawn")
    failures = context.Queue()
    until = time.time() + 8
    readers = [context.Process(target=_read_until, args=(folder, until, failures)) for _ in range(2)]
    for reader in readers:
        reader.start()
    generation = 0
    while time.time() < until:
        generation += 1
        with engine.writing(timeout=5):
            engine.apply([*batch(generation), document(1_000 + generation, "filler")], [], generation)
        if generation % 10 == 0:
            engine.optimize()
    found = [failures.get(timeout=30) for _ in readers]
    for reader in readers:
        reader.join(30)
    rest = []
    while not failures.empty():
        rest.append(failures.get())
    everything = found + rest
    assert all(isinstance(entry, int) for entry in everything), everything[:5]
    assert sum(everything) > 100
    assert generation > 20


def test_a_merge_keeps_concurrent_writes_and_deletions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = WhooshEngine(tmp_path / "index")
    with engine.writing(timeout=1):
        engine.rebuild("a database", [([], 0)])
    monkeypatch.setattr(engine, "_merge_in_background", lambda: None)
    for start in range(0, 640, 64):
        with engine.writing(timeout=5):
            engine.apply([document(1 + start + number) for number in range(64)], (), 1 + start)
    begun, may_end = threading.Event(), threading.Event()
    real = engine._commit_merge

    def commit(*args: Any) -> bool:
        begun.set()
        assert may_end.wait(10)
        return real(*args)

    monkeypatch.setattr(engine, "_commit_merge", commit)
    before = engine.status()["segments"]
    with ThreadPoolExecutor(1) as pool:
        merging = pool.submit(engine.merge)
        assert begun.wait(10)
        # The merge is holding nothing but its own work: it waits for the lock that this write takes.
        may_end.set()
        with engine.writing(timeout=5):
            engine.apply([document(5, "giraffe")], (), 1_000)
        with engine.writing(timeout=5):
            engine.apply((), [7], 1_001)
        assert merging.result(30)
    assert engine.status()["segments"] < before
    found = engine.search(SearchQuery(root=parse("giraffe").root, correct=False))
    assert [hit.id for hit in found.hits] == [5]
    total = engine.search(SearchQuery(root=parse("zebra").root)).total
    assert (total, engine.position().seq) == (638, 1_001)
    assert WhooshEngine(tmp_path / "index").position().seq == 1_001
