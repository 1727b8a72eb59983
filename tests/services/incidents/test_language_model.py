"""The model that detects languages, and the memory in which processes share it."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from kb.services.incidents.filing import language_model
from tests.services.incidents.test_language_detection import TEXTS


@pytest.fixture
def reserved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_model, "_reserved", None)
    language_model.reserve()


@pytest.fixture(scope="module")
def shipped() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _is_complete() -> bool:
    return language_model._reserved is not None and language_model._reserved[0] == language_model._COMPLETE


def test_shared_tables_give_the_answers_of_the_shipped_ones(
    reserved: None, shipped: LanguageIdentifier
) -> None:
    first, second = language_model.load(), language_model.load()
    assert _is_complete()
    for text in TEXTS.values():
        assert first.rank(text) == second.rank(text) == shipped.rank(text)


def test_what_one_process_has_loaded_another_does_not_load_again(
    reserved: None, shipped: LanguageIdentifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = os.fork()
    if child == 0:
        language_model.load()
        os._exit(0)
    assert os.waitpid(child, 0) == (child, 0)
    monkeypatch.setattr(LanguageIdentifier, "from_model_file", None)
    assert language_model.load().rank(TEXTS["fr"]) == shipped.rank(TEXTS["fr"])


def test_a_model_that_was_read_ahead_is_not_loaded_for_the_first_filing(
    reserved: None, shipped: LanguageIdentifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    language_model.read_ahead()
    assert _is_complete()
    monkeypatch.setattr(LanguageIdentifier, "from_model_file", None)
    assert language_model.load().rank(TEXTS["fr"]) == shipped.rank(TEXTS["fr"])


def test_one_process_reads_the_model_ahead_for_all(reserved: None, monkeypatch: pytest.MonkeyPatch) -> None:
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(language_model, "load", lambda: None)  # it is still reading
        language_model.read_ahead()
        os._exit(0)
    assert os.waitpid(child, 0) == (child, 0)
    language_model.read_ahead()
    assert not _is_complete()


def test_processes_that_do_not_share_a_model_do_not_read_one_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_model, "_reserved", None)
    monkeypatch.setattr(LanguageIdentifier, "from_model_file", None)
    language_model.read_ahead()
    assert language_model._reserved is None


@pytest.mark.skipif(sys.platform != "linux", reason="looks at memory in /proc")
def test_a_model_that_was_read_ahead_is_not_memory_of_the_process_that_read_it(reserved: None) -> None:
    before = _resident_mb()
    language_model.read_ahead()
    assert _resident_mb() - before < 8
    assert language_model._reserved is not None
    language_model._reserved.find(b"no such text")  # looks at all of it
    assert _resident_mb() - before > 8


def _resident_mb() -> int:
    """The shared memory that counts as this process's."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"RssShmem:\s+(\d+) kB", status)[0]) // 1_000


def test_a_process_that_dies_while_it_loads_leaves_the_model_to_the_next(
    reserved: None, shipped: LanguageIdentifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(model: LanguageIdentifier) -> Iterator[object]:
        yield model.nb_ptc
        raise ProcessLookupError

    with monkeypatch.context() as patch:
        patch.setattr(language_model, "_tables", half)
        with pytest.raises(ProcessLookupError):
            language_model.load()
    assert not _is_complete()
    assert language_model.load().rank(TEXTS["fr"]) == shipped.rank(TEXTS["fr"])


def test_a_model_that_is_too_large_is_not_shared(
    shipped: LanguageIdentifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language_model, "_RESERVED_BYTES", 1 << 20)
    monkeypatch.setattr(language_model, "_reserved", None)
    language_model.reserve()
    assert language_model.load().rank(TEXTS["fr"]) == shipped.rank(TEXTS["fr"])
    assert not _is_complete()


def test_threads_that_load_the_model_at_once_each_get_it(reserved: None) -> None:
    barrier = threading.Barrier(4)

    def load(_: int) -> Any:
        barrier.wait()
        return language_model.load().rank(TEXTS["fr"])

    with ThreadPoolExecutor(4) as pool:
        ranks = list(pool.map(load, range(4)))
    assert ranks == [ranks[0]] * 4
