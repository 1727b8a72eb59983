"""The embedded index on disk: commits, the lock, damage, killed writers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from kb.search import engine as engine_module
from kb.search.engine import IndexBusyError, IndexDocument, IndexUnusableError
from kb.search.parser import parse
from kb.search.query import SearchQuery
from kb.search.whoosh_engine import WhooshEngine
from kb.search.whoosh_engine.store import folder as folder_module
from kb.search.whoosh_engine.store import storage as storage_module
from tests.support.api import REPOSITORY
from tests.support.damage import DAMAGES, damage
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE


def ask(engine: WhooshEngine, text: str, **query: object) -> list[int]:
    fields: dict[str, object] = {
        "root": parse(text).root,
        "limit": 1_000,
        **query,
    }
    return [hit.id for hit in engine.search(SearchQuery(**fields)).hits]  # type: ignore[arg-type]


@pytest.fixture
def engine(tmp_path: Path) -> WhooshEngine:
    engine = WhooshEngine(tmp_path / "index")
    with engine.writing(timeout=PATIENCE):
        engine.rebuild("a database", [([document(1), document(2, "giraffe")], 10)])
    return engine


class TestWriting:
    def test_applied_documents_are_searchable_and_advance_the_position(self, engine: WhooshEngine) -> None:
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(3, "okapi"), document(1, "okapi")], [2], 12)
        assert engine.position().seq == 12
        assert ask(engine, "okapi") == [1, 3]
        assert ask(engine, "zebra") == ask(engine, "giraffe") == []

    def test_an_id_repeated_in_a_batch_is_one_document(self, engine: WhooshEngine) -> None:
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(3, "okapi"), document(3, "okapi again")], [], 11)
        assert ask(engine, "okapi") == [3]

    def test_a_failed_batch_leaves_nothing_behind_and_releases_the_lock(self, engine: WhooshEngine) -> None:
        broken = document(4, texts={"title": (("en", None),)})
        with pytest.raises(AttributeError), engine.writing(timeout=PATIENCE):
            engine.apply([document(3, "okapi"), broken], [], 11)
        assert engine.position().seq == 10
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(3, "okapi")], [], 11)
        assert ask(engine, "okapi") == [3]

    def test_single_documents_are_merged_into_few_segments(
        self, engine: WhooshEngine, tmp_path: Path
    ) -> None:
        for number in range(10, 110):
            with engine.writing(timeout=PATIENCE):
                engine.apply([document(number)], [], number + 1)
        assert len(ask(engine, "zebra")) == 101
        assert len(list(tmp_path.glob("index/build-*/*.inv"))) < 20

    def test_a_lost_position_file_is_recovered_from_the_index(
        self, engine: WhooshEngine, tmp_path: Path
    ) -> None:
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(3)], [], 11)
        (note,) = tmp_path.glob("index/build-*/POSITION")
        for content in ("", "1 99", "nonsense"):
            note.write_text(content, "ascii")
            assert engine.position().seq == 11
        note.unlink()
        assert engine.position().seq == 11

    def test_a_position_file_of_an_earlier_commit_is_not_believed(
        self, engine: WhooshEngine, tmp_path: Path
    ) -> None:
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(3)], [], 11)
        (note,) = tmp_path.glob("index/build-*/POSITION")
        earlier = note.read_text("ascii")
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(4)], [], 12)
        note.write_text(earlier, "ascii")
        assert engine.position().seq == 12

    def test_a_second_writer_waits_and_then_gives_up(self, engine: WhooshEngine, tmp_path: Path) -> None:
        other = WhooshEngine(tmp_path / "index")
        with engine.writing(timeout=PATIENCE), pytest.raises(IndexBusyError), other.writing(timeout=0.05):
            pass

    def test_a_failed_rebuild_keeps_the_old_index(self, engine: WhooshEngine, tmp_path: Path) -> None:
        def batches() -> Iterator[tuple[list[IndexDocument], int]]:
            yield [document(3)], 20
            raise RuntimeError

        with pytest.raises(RuntimeError), engine.writing(timeout=PATIENCE):
            engine.rebuild("a database", batches())
        assert (engine.position().seq, ask(engine, "giraffe")) == (10, [2])
        assert len(list((tmp_path / "index").glob("build-*"))) == 1


class TestLostPointer:
    """`CURRENT` is lost or damaged, and the build that it named is there."""

    @pytest.mark.parametrize("kind", DAMAGES)
    def test_the_build_that_is_there_is_used_again(
        self, engine: WhooshEngine, tmp_path: Path, kind: str
    ) -> None:
        build = engine.state()
        damage(tmp_path / "index" / "CURRENT", kind)
        with pytest.raises(IndexUnusableError):
            WhooshEngine(tmp_path / "index").position()
        with engine.writing(timeout=PATIENCE):
            assert engine.recover("a database")
        assert engine.state() == build
        assert (engine.position().seq, ask(engine, "giraffe")) == (10, [2])

    @pytest.mark.parametrize("case", ["another database", "another schema", "no copy", "two builds"])
    def test_a_build_that_cannot_be_relied_on_is_not_used(
        self, engine: WhooshEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
    ) -> None:
        (tmp_path / "index" / "CURRENT").unlink()
        (build,) = (tmp_path / "index").glob("build-*")
        if case == "another schema":
            monkeypatch.setattr(folder_module, "SCHEMA_VERSION", engine_module.SCHEMA_VERSION + 1)
        elif case == "no copy":
            damage(build / "BUILD", "flipped")
        elif case == "two builds":
            shutil.copytree(build, build.with_name("build-0"))
        database = "a database" if case != "another database" else "another"
        with engine.writing(timeout=PATIENCE):
            assert not engine.recover(database)
        assert not (tmp_path / "index" / "CURRENT").exists()

    def test_a_build_in_use_is_not_recovered(self, engine: WhooshEngine) -> None:
        with engine.writing(timeout=PATIENCE):
            assert not engine.recover("a database")

    @pytest.mark.parametrize("kind", DAMAGES)
    def test_a_lost_copy_is_made_again(self, engine: WhooshEngine, tmp_path: Path, kind: str) -> None:
        (copy,) = (tmp_path / "index").glob("build-*/BUILD")
        content = copy.read_bytes()
        damage(copy, kind)
        engine.optimize()
        assert copy.read_bytes() == content

    @pytest.mark.parametrize("kind", DAMAGES)
    def test_a_search_makes_it_again_before_the_pointer_is_lost_too(
        self, engine: WhooshEngine, tmp_path: Path, kind: str
    ) -> None:
        (copy,) = (tmp_path / "index").glob("build-*/BUILD")
        content, concepts = copy.read_bytes(), engine.concepts_digest()
        assert ask(engine, "giraffe") == [2]
        damage(copy, kind)
        assert ask(engine, "giraffe") == [2]
        assert copy.read_bytes() == content
        damage(tmp_path / "index" / "CURRENT", kind)
        with engine.writing(timeout=PATIENCE):
            assert engine.recover("a database")
        assert (engine.concepts_digest(), ask(engine, "giraffe")) == (concepts, [2])

    def test_a_search_does_not_wait_for_a_writer_to_make_it_again(
        self, engine: WhooshEngine, tmp_path: Path
    ) -> None:
        (copy,) = (tmp_path / "index").glob("build-*/BUILD")
        copy.unlink()
        with engine.writing(timeout=PATIENCE):
            assert ask(engine, "giraffe") == [2]
            assert not copy.exists()
        # The next commit is opened, and with it the copy is looked at.
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(3)], (), 11)
        assert ask(engine, "giraffe") == [2]
        assert copy.exists()


class TestLeftovers:
    """What a rebuild that was killed leaves."""

    @pytest.fixture
    def leftover(self, tmp_path: Path) -> Path:
        folder = tmp_path / "index" / "build-0"
        (folder / "MAIN.tmp").mkdir(parents=True)
        return folder

    def test_it_is_removed(self, engine: WhooshEngine, leftover: Path) -> None:
        engine.optimize()
        assert not leftover.exists()
        assert ask(engine, "giraffe") == [2]

    def test_it_stays_while_somebody_may_be_building(
        self, engine: WhooshEngine, leftover: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kb.search.whoosh_engine.store.merger._WRITE_LOCK_TIMEOUT", 0.1)
        with WhooshEngine(tmp_path / "index").writing(timeout=PATIENCE):
            engine.optimize()
        assert leftover.exists()


class TestReading:
    def test_the_audience_mask_hides_documents_from_other_readers(self, engine: WhooshEngine) -> None:
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(3, audiences=("team:7",))], [], 11)
        assert ask(engine, "zebra", audiences=frozenset({"public"})) == [1]
        assert ask(engine, "zebra", audiences=frozenset({"public", "team:7"})) == [1, 3]
        assert ask(engine, "zebra", audiences=frozenset()) == []

    def test_equal_scores_are_ordered_by_date_and_then_by_id(self, engine: WhooshEngine) -> None:
        later = document(4, first_day=date(2019, 1, 1), last_day=date(2019, 1, 1))
        with engine.writing(timeout=PATIENCE):
            engine.apply([document(5), later, document(3)], [], 11)
        assert ask(engine, "zebra") == [4, 1, 3, 5]

    def test_concurrent_readers_are_consistent_while_another_thread_writes(
        self, engine: WhooshEngine
    ) -> None:
        def read(_: int) -> set[int]:
            return set(ask(engine, "giraffe"))

        with ThreadPoolExecutor(6) as pool:
            answers = [pool.submit(read, n) for n in range(120)]
            for number in range(10, 30):
                with engine.writing(timeout=PATIENCE):
                    engine.apply([document(number)], [], number + 1)
            assert {frozenset(answer.result()) for answer in answers} == {frozenset({2})}
        assert len(ask(engine, "zebra")) == 21


class TestDamage:
    def test_a_missing_index_is_unusable(self, tmp_path: Path) -> None:
        with pytest.raises(IndexUnusableError):
            WhooshEngine(tmp_path / "nowhere").position()

    def test_an_index_of_another_schema_is_unusable(
        self, engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(folder_module, "SCHEMA_VERSION", engine_module.SCHEMA_VERSION + 1)
        with pytest.raises(IndexUnusableError):
            engine.position()

    def test_a_new_reader_detects_any_changed_or_removed_file(self, tmp_path: Path) -> None:
        whole = tmp_path / "whole"
        engine = WhooshEngine(whole)
        with engine.writing(timeout=PATIENCE):
            engine.rebuild("a database", [([document(1)], 1)])
        names = [path.relative_to(whole) for path in whole.glob("build-*/*") if path.stat().st_size]
        names = [name for name in names if name.name not in ("POSITION", "BUILD", "MAIN_WRITELOCK")]
        assert len(names) == 4
        for number, name in enumerate(names):
            for kind in ("flipped", "removed", "emptied"):
                folder = tmp_path / f"{number}-{kind}"
                shutil.copytree(whole, folder)
                damage(folder / name, kind)
                with pytest.raises(IndexUnusableError):
                    WhooshEngine(folder).position()

    @pytest.mark.parametrize("kind", ["flipped", "removed", "emptied"])
    @pytest.mark.parametrize("pattern", ["*.doc", "*.inv", "*.toc", "MANIFEST_*"])
    def test_a_search_detects_a_file_that_was_damaged_after_the_index_was_opened(
        self, engine: WhooshEngine, tmp_path: Path, pattern: str, kind: str
    ) -> None:
        assert ask(engine, "zebra") == [1]
        damage(next(tmp_path.glob(f"index/build-*/{pattern}")), kind)
        with pytest.raises(IndexUnusableError):
            ask(engine, "zebra")

    def test_a_merge_reads_no_file_again_that_the_engine_has_verified(
        self, engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engine.check()
        read: list[Path] = []
        digest = storage_module._digest

        def noted(path: Path) -> str:
            read.append(path)
            return digest(path)

        monkeypatch.setattr(storage_module, "_digest", noted)
        engine.optimize()
        assert read == []

    def test_a_merge_reads_a_file_that_was_damaged_after_the_engine_verified_it(
        self, engine: WhooshEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        engine.check()
        damage(next((tmp_path / "index").glob("build-*/*.inv")), "flipped")
        engine.optimize()
        assert "Segments were not merged" in caplog.text

    @pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs to give a file away")
    def test_an_index_owned_by_another_user_is_rejected(self, engine: WhooshEngine, tmp_path: Path) -> None:
        os.chown(next((tmp_path / "index").glob("build-*")), 65_534, 65_534)
        with pytest.raises(IndexUnusableError):
            WhooshEngine(tmp_path / "index").position()

    def test_only_the_owner_can_read_the_folder(self, engine: WhooshEngine, tmp_path: Path) -> None:
        for folder in (tmp_path / "index", *(tmp_path / "index").glob("build-*")):
            assert folder.stat().st_mode & 0o077 == 0


class TestKilledWriters:
    @pytest.mark.slow
    def test_a_writer_killed_at_any_moment_loses_no_commit(
        self, engine: WhooshEngine, tmp_path: Path
    ) -> None:
        """The writer prints each position after its commit; whatever was printed must be there."""
        for milliseconds in (20, 60, 110, 170, 240):
            begin = engine.position().seq
            writer = subprocess.Popen(
                [sys.executable, "-c", _ENDLESS_WRITER, str(tmp_path / "index"), str(begin)],
                stdout=subprocess.PIPE,
                text=True,
                cwd=REPOSITORY,
            )
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(milliseconds / 1_000)
            writer.kill()
            printed = [int(line) for line in writer.stdout.read().split()]
            writer.wait()
            position = engine.position().seq
            assert position >= max(printed, default=begin + 1)
            found = {hit for hit in ask(engine, "zebra") if hit > 100}
            assert found == {number + 100 for number in range(11, position + 1)}
            with engine.writing(timeout=PATIENCE):
                engine.apply([document(position + 101)], [], position + 1)
        leftovers = [path.name for path in tmp_path.glob("index/build-*/*") if ".toc." in path.name]
        assert leftovers == []


_ENDLESS_WRITER = """
import sys
from pathlib import Path
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE
from kb.search.whoosh_engine import WhooshEngine

engine, position = WhooshEngine(Path(sys.argv[1])), int(sys.argv[2])
while position < 10_000:
    position += 1
    with engine.writing(timeout=PATIENCE):
        engine.apply([document(position + 100)], [], position)
    print(position, flush=True)
"""
