"""The temporary folder of a benchmark, to which merges of index segments write."""

from __future__ import annotations

import threading

from bench.folders import temporary_folder
from kb.search.whoosh_engine import WhooshEngine
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE


def test_a_temporary_folder_is_removed_once_its_index_is_merged() -> None:
    with temporary_folder() as folder:
        engine = WhooshEngine(folder / "index")
        with engine.writing(timeout=PATIENCE):
            engine.rebuild("a database", [([], 0)])
        for start in range(0, 640, 64):
            with engine.writing(timeout=PATIENCE):
                engine.apply([document(1 + start + number) for number in range(64)], (), 1 + start)
    assert not folder.exists()
    assert "merge-index" not in {thread.name for thread in threading.enumerate()}
