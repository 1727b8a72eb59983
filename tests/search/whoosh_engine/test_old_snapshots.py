"""What an index was, and what a write has built, is forgotten at once: each takes megabytes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.search.engine import IndexUnusableError
from kb.search.parser import parse
from kb.search.query import SearchQuery
from kb.search.whoosh_engine import WhooshEngine
from kb.search.whoosh_engine.format.layout import SegmentBuilder
from kb.search.whoosh_engine.querying.searcher import search
from kb.search.whoosh_engine.querying.snapshot import Snapshot
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE


@pytest.fixture(autouse=True)
def _no_collection_of_garbage() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def _write(engine: WhooshEngine, number: int) -> None:
    with engine.writing(timeout=PATIENCE):
        engine.apply([document(number, f"zebra giraffe {number}")], (), number)


def _read(engine: WhooshEngine) -> None:
    for audiences in (None, frozenset({"public"})):
        query = SearchQuery(root=parse("zebra girafe*").root, audiences=audiences, facets=("category",))
        engine.search(query)
        engine.suggest(["zeb"], query)


def test_a_snapshot_is_gone_when_a_later_one_has_been_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[weakref.ref[Snapshot]] = []
    create = Snapshot.__init__

    def remember(self: Snapshot, *arguments: object) -> None:
        opened.append(weakref.ref(self))
        create(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Snapshot, "__init__", remember)
    engine = WhooshEngine(tmp_path / "index")
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [([], 0)])
    for number in range(1, 6):
        _write(engine, number)
        _read(engine)
    assert len(opened) >= 5
    assert [snapshot() is None for snapshot in opened[:-1]] == [True] * (len(opened) - 1)


def test_what_a_write_has_built_is_gone_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[weakref.ref[SegmentBuilder]] = []
    create = SegmentBuilder.__init__

    def remember(self: SegmentBuilder) -> None:
        built.append(weakref.ref(self))
        create(self)

    monkeypatch.setattr(SegmentBuilder, "__init__", remember)
    engine = WhooshEngine(tmp_path / "index")
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [([], 0)])
    _write(engine, 1)
    assert len(built) >= 2
    assert [builder() for builder in built] == [None] * len(built)


def test_a_snapshot_is_gone_even_if_a_search_in_it_went_on_after_a_later_one_was_opened(
    tmp_path: Path,
) -> None:
    engine = WhooshEngine(tmp_path / "index")
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [([], 0)])
    query = SearchQuery(root=parse("zebra").root)
    _write(engine, 1)

    def search_after_another_has_read(snapshot: Snapshot) -> weakref.ref[Snapshot]:
        _write(engine, 2)
        _read(engine)
        search(snapshot, query, None)
        return weakref.ref(snapshot)

    assert engine._with_snapshot(search_after_another_has_read)() is None


def test_a_snapshot_is_gone_after_its_files_could_not_be_read(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index")
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [([document(1, "zebra")], 1)])
    _read(engine)
    snapshot = weakref.ref(engine._with_snapshot(lambda found: found))
    for path in tmp_path.glob("index/build-*/*.inv"):
        path.rename(path.with_suffix(".away"))
    with pytest.raises(IndexUnusableError):
        _read(engine)
    assert snapshot() is None


def test_a_snapshot_serves_until_the_next_commit_whatever_a_writer_does_in_the_folder(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index")
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [([document(1, "zebra")], 1)])
    before = engine._with_snapshot(lambda found: found)
    state = engine.state()
    (build,) = tmp_path.glob("index/build-*")
    (build / "of_a_commit_that_has_not_ended.inv").write_bytes(b"")
    assert engine.state() != state
    assert engine._with_snapshot(lambda found: found) is before
    _write(engine, 2)
    after = engine._with_snapshot(lambda found: found)
    assert (after.position.seq, after.generation) == (2, before.generation + 1)
