"""The folders of a benchmark, to which merges of index segments write."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

from bench.folders import files_below, temporary_folder
from kb.search.whoosh_engine import WhooshEngine
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path


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


def test_files_that_a_merge_removes_meanwhile_are_left_out(tmp_path: Path) -> None:
    for name in ("kept", "merge-1", "merge-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "segment").write_bytes(b"123")
    (tmp_path / "CURRENT").write_bytes(b"1")
    files = files_below(tmp_path)
    seen = [next(files)]  # the folders have been listed
    for name in ("merge-1", "merge-2"):
        shutil.rmtree(tmp_path / name)
    seen += files
    sizes = {path.relative_to(tmp_path).as_posix(): status.st_size for path, status in seen}
    assert sizes == {"CURRENT": 1, "kept/segment": 3}
