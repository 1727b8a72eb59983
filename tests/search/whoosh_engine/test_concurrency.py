"""The embedded engine under threads and processes that read, write and merge at once."""

from __future__ import annotations

import itertools
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kb.search.engine import IndexDocument
from kb.search.parser import parse
from kb.search.query import SearchQuery
from kb.search.whoosh_engine import WhooshEngine
from kb.search.whoosh_engine.store.merger import Merger
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE

WORDS = ["zebra", "giraffe", "okapi", "lion", "tapir", "heron"]


THREADS, PROCESSES, READS, GENERATIONS = 4, 2, 20, 60
"""How many threads of how many processes read, how often each at least, and how many commits they see."""


def _read(folder: Path, stop: Any, read_enough: Any, problems: Any) -> None:
    """Search in several threads until `stop`; what was committed as one must be seen as one.

    Each thread releases `read_enough` after READS searches. Puts every contradiction, and None at the end.
    """
    engine = WhooshEngine(folder)

    def read(_: int) -> None:
        for count in itertools.count(1):
            page = engine.search(SearchQuery(root=parse("zebra").root, limit=100, correct=False))
            # Every commit writes ten documents with one title: all hits are of one generation.
            titles = {bytes(hit.stored) for hit in page.hits}
            if page.total != 10 or len(page.hits) != 10 or len(titles) != 1:
                problems.put((page.total, len(page.hits), sorted(titles)))
            if count == READS:
                read_enough.release()
            if stop.is_set() and count >= READS:
                return

    try:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(read, range(THREADS)))
    except BaseException as error:
        problems.put(repr(error))
        raise
    finally:
        problems.put(None)


@pytest.mark.slow
def test_threads_and_processes_read_consistently_while_one_writes_and_merges(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    engine = WhooshEngine(folder)

    def batch(generation: int) -> list[IndexDocument]:
        words = f"zebra {WORDS[generation % 6]}"
        return [document(number, words, stored=str(generation).encode()) for number in range(1, 11)]

    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [(batch(0), 0)])
    context = multiprocessing.get_context("spawn")
    stop, read_enough, problems = context.Event(), context.Semaphore(0), context.Queue()
    readers = [
        context.Process(target=_read, args=(folder, stop, read_enough, problems)) for _ in range(PROCESSES)
    ]
    for reader in readers:
        reader.start()
    waiting, generation = THREADS * PROCESSES, 0
    while (waiting or generation < GENERATIONS) and all(reader.is_alive() for reader in readers):
        generation += 1
        with engine.writing(timeout=PATIENCE):
            engine.apply([*batch(generation), document(1_000 + generation, "filler")], [], generation)
        if generation % 10 == 0:
            engine.optimize()
        while waiting and read_enough.acquire(block=False):
            waiting -= 1
    stop.set()
    found = []
    for _ in readers:
        while (problem := problems.get(timeout=PATIENCE)) is not None:
            found.append(problem)
    for reader in readers:
        reader.join(PATIENCE)
    assert found == []
    assert waiting == 0


def test_a_merge_keeps_concurrent_writes_and_deletions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = WhooshEngine(tmp_path / "index")
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [([], 0)])
    monkeypatch.setattr(engine, "_merge_in_background", lambda: None)
    for start in range(0, 640, 64):
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(1 + start + number) for number in range(64)], (), 1 + start)
    begun, may_end = threading.Event(), threading.Event()
    merger = Merger(tmp_path / "index")
    real = merger._commit

    def commit(*args: Any) -> bool:
        begun.set()
        assert may_end.wait(PATIENCE)
        return real(*args)

    monkeypatch.setattr(merger, "_commit", commit)
    before = engine.status()["segments"]
    with ThreadPoolExecutor(1) as pool:
        merging = pool.submit(merger.merge)
        assert begun.wait(PATIENCE)
        # The merge is holding nothing but its own work: it waits for the lock that this write takes.
        may_end.set()
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(5, "giraffe")], (), 1_000)
        with engine.writing(timeout=PATIENCE):
            engine.apply((), [7], 1_001)
        assert merging.result(PATIENCE)
    assert engine.status()["segments"] < before
    found = engine.search(SearchQuery(root=parse("giraffe").root, correct=False))
    assert [hit.id for hit in found.hits] == [5]
    total = engine.search(SearchQuery(root=parse("zebra").root)).total
    assert (total, engine.position().seq) == (638, 1_001)
    assert WhooshEngine(tmp_path / "index").position().seq == 1_001
