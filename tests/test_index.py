"""The search index: derived from the database, disposable, and honest about its state."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from conftest import Api, incident
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from kb.config import Settings
from kb.factory import create_app
from kb.models import Term, db
from kb.search import engine as engine_module
from kb.search.engine import IndexBusyError, IndexDocument, IndexUnusableError
from kb.search.parser import parse
from kb.search.query import SearchQuery
from kb.search.whoosh_engine import WhooshEngine
from kb.search.whoosh_engine.store import folder as whoosh_engine_module
from kb.services import index_sync


def document(number: int, title: str = "zebra", **changes: object) -> IndexDocument:
    fields: dict[str, object] = {
        "id": number,
        "texts": {"title": (("en", title),)},
        "terms": {"category": ("tone-deaf",)},
        "audiences": ("public",),
        "organization_key": "acme",
        "languages": ("en",),
        "status": "published",
        "kind": "incident",
        "tags": (),
        "severity": 3,
        "first_day": date(2018, 1, 1),
        "last_day": date(2018, 1, 31),
    }
    return IndexDocument(**{**fields, **changes})  # type: ignore[arg-type]


def ask(engine: WhooshEngine, text: str, **query: object) -> list[int]:
    wanted: dict[str, object] = {
        "root": parse(text).root,
        "limit": 1_000,
        **query,
    }
    return [hit.id for hit in engine.search(SearchQuery(**wanted)).hits]  # type: ignore[arg-type]


@pytest.fixture
def engine(tmp_path: Path) -> WhooshEngine:
    engine = WhooshEngine(tmp_path / "index")
    with engine.writing(timeout=1):
        engine.rebuild("a database", [([document(1), document(2, "giraffe")], 10)])
    return engine


class TestWriting:
    def test_what_is_applied_is_found_and_moves_the_position(self, engine: WhooshEngine) -> None:
        with engine.writing(timeout=1):
            engine.apply([document(3, "okapi"), document(1, "okapi")], [2], 12)
        assert engine.position().seq == 12
        assert ask(engine, "okapi") == [1, 3]
        assert ask(engine, "zebra") == ask(engine, "giraffe") == []

    def test_one_id_twice_in_a_batch_is_one_document(self, engine: WhooshEngine) -> None:
        with engine.writing(timeout=1):
            engine.apply([document(3, "okapi"), document(3, "okapi again")], [], 11)
        assert ask(engine, "okapi") == [3]

    def test_a_batch_that_fails_leaves_nothing_and_does_not_keep_the_lock(self, engine: WhooshEngine) -> None:
        broken = document(4, texts={"title": (("en", None),)})
        with pytest.raises(TypeError), engine.writing(timeout=1):
            engine.apply([document(3, "okapi"), broken], [], 11)
        assert engine.position().seq == 10
        with engine.writing(timeout=1):
            engine.apply([document(3, "okapi")], [], 11)
        assert ask(engine, "okapi") == [3]

    def test_single_documents_are_merged_into_few_segments(
        self, engine: WhooshEngine, tmp_path: Path
    ) -> None:
        for number in range(10, 110):
            with engine.writing(timeout=1):
                engine.apply([document(number)], [], number + 1)
        assert len(ask(engine, "zebra")) == 101
        assert len(list(tmp_path.glob("index/build-*/*.inv"))) < 20

    def test_a_lost_note_of_the_position_is_read_from_the_index(
        self, engine: WhooshEngine, tmp_path: Path
    ) -> None:
        with engine.writing(timeout=1):
            engine.apply([document(3)], [], 11)
        (note,) = tmp_path.glob("index/build-*/POSITION")
        for content in ("", "1 99", "nonsense"):
            note.write_text(content, "ascii")
            assert engine.position().seq == 11
        note.unlink()
        assert engine.position().seq == 11

    def test_a_second_writer_waits_and_then_gives_up(self, engine: WhooshEngine, tmp_path: Path) -> None:
        other = WhooshEngine(tmp_path / "index")
        with engine.writing(timeout=1), pytest.raises(IndexBusyError), other.writing(timeout=0.05):
            pass

    def test_a_rebuild_that_fails_leaves_the_old_index(self, engine: WhooshEngine, tmp_path: Path) -> None:
        def batches() -> Iterator[tuple[list[IndexDocument], int]]:
            yield [document(3)], 20
            raise RuntimeError

        with pytest.raises(RuntimeError), engine.writing(timeout=1):
            engine.rebuild("a database", batches())
        assert (engine.position().seq, ask(engine, "giraffe")) == (10, [2])
        assert len(list((tmp_path / "index").glob("build-*"))) == 1


class TestReading:
    def test_the_mask_of_audiences_hides_what_is_not_for_the_reader(self, engine: WhooshEngine) -> None:
        with engine.writing(timeout=1):
            engine.apply([document(3, audiences=("team:7",))], [], 11)
        assert ask(engine, "zebra", audiences=frozenset({"public"})) == [1]
        assert ask(engine, "zebra", audiences=frozenset({"public", "team:7"})) == [1, 3]
        assert ask(engine, "zebra", audiences=frozenset()) == []

    def test_equal_scores_come_the_latest_first_and_then_by_id(self, engine: WhooshEngine) -> None:
        later = {"first_day": date(2019, 1, 1), "last_day": date(2019, 1, 1)}
        with engine.writing(timeout=1):
            engine.apply([document(5), document(4, **later), document(3)], [], 11)
        assert ask(engine, "zebra") == [4, 1, 3, 5]

    def test_many_threads_read_rightly_while_another_writes(self, engine: WhooshEngine) -> None:
        def read(_: int) -> set[int]:
            return set(ask(engine, "giraffe"))

        with ThreadPoolExecutor(6) as pool:
            answers = [pool.submit(read, n) for n in range(120)]
            for number in range(10, 30):
                with engine.writing(timeout=5):
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
        monkeypatch.setattr(whoosh_engine_module, "SCHEMA_VERSION", engine_module.SCHEMA_VERSION + 1)
        with pytest.raises(IndexUnusableError):
            engine.position()

    def test_any_file_that_was_changed_or_removed_is_noticed_by_a_new_reader(self, tmp_path: Path) -> None:
        whole = tmp_path / "whole"
        engine = WhooshEngine(whole)
        with engine.writing(timeout=1):
            engine.rebuild("a database", [([document(1)], 1)])
        names = [path.relative_to(whole) for path in whole.glob("build-*/*") if path.stat().st_size]
        names = [name for name in names if name.name != "POSITION" and "LOCK" not in name.name]
        assert len(names) == 4
        for number, name in enumerate(names):
            for kind in ("flipped", "removed", "emptied"):
                folder = tmp_path / f"{number}-{kind}"
                shutil.copytree(whole, folder)
                damage(folder / name, kind)
                with pytest.raises(IndexUnusableError):
                    WhooshEngine(folder).position()

    @pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs to give a file away")
    def test_an_index_of_another_user_is_refused(self, engine: WhooshEngine, tmp_path: Path) -> None:
        os.chown(next((tmp_path / "index").glob("build-*")), 65_534, 65_534)
        with pytest.raises(IndexUnusableError):
            WhooshEngine(tmp_path / "index").position()

    def test_the_folder_is_readable_by_its_owner_only(self, engine: WhooshEngine, tmp_path: Path) -> None:
        for folder in (tmp_path / "index", *(tmp_path / "index").glob("build-*")):
            assert folder.stat().st_mode & 0o077 == 0


def damage(path: Path, kind: str) -> None:
    content = bytearray(path.read_bytes())
    if kind == "removed":
        path.unlink()
    elif kind == "emptied":
        path.write_bytes(b"")
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))


class TestHealing:
    @pytest.mark.parametrize("while_serving", [True, False])
    @pytest.mark.parametrize("kind", ["flipped", "removed", "emptied", "all", "build"])
    def test_a_damaged_index_heals_while_reading_by_id_goes_on(
        self, app: Flask, settings: Settings, as_role: Callable[..., Api], kind: str, while_serving: bool
    ) -> None:
        admin = as_role("site_admin")
        admin.file(title="Zebra", status="published")
        if kind == "all":
            shutil.rmtree(settings.index_dir)
        elif kind == "build":
            shutil.rmtree(next(settings.index_dir.glob("build-*")))
        else:
            damage(max(settings.index_dir.glob("build-*/*.inv"), key=lambda path: path.stat().st_size), kind)
        fresh = admin if while_serving else Api(create_app(settings).test_client(), admin.contract)
        assert fresh.get("/incidents/3").status_code == 200
        eventually(lambda: fresh.get("/search", q="zebra").status_code == 200)
        assert fresh.get("/search", q="zebra").get_json()["total"] == 1
        assert fresh.get("/health/ready").get_json()["status"] == "ready"

    def test_while_it_is_gone_search_says_so_and_a_write_is_kept(
        self, settings: Settings, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin = as_role("site_admin")
        admin.get("/health/live")
        for module in ("services.hits", "services.index_sync", "api.health"):
            monkeypatch.setattr(f"kb.{module}.mend_in_background", lambda: None)
        shutil.rmtree(settings.index_dir)
        response = admin.get("/search", q="placeholder")
        assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
        ready = admin.get("/health/ready")
        assert (ready.status_code, ready.get_json()["index"]["ok"]) == (503, False)
        filed = admin.post("/incidents", incident(title="Zebra", status="published"))
        assert (filed.status_code, filed.headers["Index-Status"]) == (201, "pending")
        monkeypatch.undo()
        eventually(lambda: admin.get("/search", q="zebra").status_code == 200)
        assert admin.get("/search", q="zebra").get_json()["total"] == 1

    def test_what_another_machine_wrote_is_taken_along_by_the_next_search(
        self, settings: Settings, as_role: Callable[..., Api], tmp_path: Path
    ) -> None:
        """Two machines share a database, and each has an index of its own."""
        here = as_role("site_admin")
        url = f"sqlite:///{settings.sqlite_path}"
        app = create_app(Settings(data_dir=tmp_path / "elsewhere", database_url=url))
        there = Api(app.test_client(), here.contract)
        eventually(lambda: there.get("/health/ready").status_code == 200)
        here.file(title="Zebra", status="published")
        eventually(lambda: there.get("/search", q="zebra").get_json()["total"] == 1)

    def test_a_failure_of_the_index_is_none_of_the_write(
        self, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin = as_role("site_admin")

        def fail(*_: object) -> None:
            raise OperationalError("statement", {}, Exception("gone"))

        monkeypatch.setattr(index_sync, "_changes_after", fail)
        filed = admin.post("/incidents", incident(title="Zebra", status="published"))
        assert (filed.status_code, filed.headers["Index-Status"]) == (201, "pending")
        monkeypatch.undo()
        eventually(lambda: admin.get("/search", q="zebra").get_json()["total"] == 1)

    def test_a_request_does_not_index_a_backlog_beyond_its_patience(
        self, app: Flask, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin = as_role("site_admin")
        monkeypatch.setattr(index_sync, "catch_up", lambda _: False)
        for number in range(3):
            admin.file(title=f"Zebra {number}", status="published")
        monkeypatch.setattr(index_sync, "_SHORT_BATCH", 1)
        with app.app_context():
            index_sync.sync(timeout=1, deadline=0)
            assert index_sync.lag() == 2

    def test_a_write_between_two_reads_of_a_request_does_not_make_the_index_look_foreign(
        self, app: Flask, as_role: Callable[..., Api]
    ) -> None:
        admin = as_role("site_admin")
        with app.app_context():
            db.session.scalars(select(Term)).all()  # the request's view of the database begins here
            with ThreadPoolExecutor(1) as pool:
                pool.submit(admin.file, title="Zebra").result()
            assert index_sync.lag() == 0

    def test_a_write_is_not_taken_for_found_by_an_index_of_another_database(
        self, app: Flask, settings: Settings, as_role: Callable[..., Api]
    ) -> None:
        admin = as_role("site_admin")
        engine = WhooshEngine(settings.index_dir)
        with engine.writing(timeout=1):
            engine.rebuild("another database", [([document(99)], 1_000)])
        filed = admin.post("/incidents", incident(title="Okapi", status="published"))
        # Looking for duplicates has noticed it, and may have had it mended by the time of the write.
        found = admin.get("/search", q="okapi").get_json()
        assert filed.headers["Index-Status"] == "pending" or found["total"] == 1
        eventually(lambda: admin.get("/search", q="okapi").status_code == 200)
        assert admin.get("/search", q="okapi").get_json()["total"] == 1

    def test_an_index_of_another_database_is_rebuilt(self, app: Flask, settings: Settings) -> None:
        engine = WhooshEngine(settings.index_dir)
        with engine.writing(timeout=1):
            engine.rebuild("another database", [([document(99)], 3)])
        with app.app_context():
            index_sync.ensure(timeout=5)
        assert engine.position().seq == 6
        assert ask(engine, "zebra") == []


class TestKilledWriters:
    @pytest.mark.slow
    def test_a_writer_killed_at_any_moment_loses_nothing_that_it_had_committed(
        self, engine: WhooshEngine, tmp_path: Path
    ) -> None:
        """The writer prints each position after its commit; whatever was printed must be there."""
        for milliseconds in (20, 60, 110, 170, 240):
            begin = engine.position().seq
            writer = subprocess.Popen(
                [sys.executable, "-c", _ENDLESS_WRITER, str(tmp_path / "index"), str(begin)],
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parent,
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
            with engine.writing(timeout=2):
                engine.apply([document(position + 101)], [], position + 1)
        leftovers = [path.name for path in tmp_path.glob("index/build-*/*") if ".toc." in path.name]
        assert leftovers == []


_ENDLESS_WRITER = """
import sys
from pathlib import Path
from test_index import document
from kb.search.whoosh_engine import WhooshEngine

engine, position = WhooshEngine(Path(sys.argv[1])), int(sys.argv[2])
while position < 10_000:
    position += 1
    with engine.writing(timeout=5):
        engine.apply([document(position + 100)], [], position)
    print(position, flush=True)
"""


class IndexEqualsDatabase(RuleBasedStateMachine):
    """Whatever is written, and whatever happens to the index, search shows what the database holds."""

    app: Flask
    api: Api
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[int, str] = {}

    words = st.sampled_from(["zebra", "giraffe", "okapi", "זברה"])

    @rule(word=words)
    def file(self, word: str) -> None:
        self.expected[self.api.file(title=word, status="published")["id"]] = word

    @precondition(lambda self: self.expected)
    @rule(word=words, data=st.data())
    def rename(self, word: str, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.expected)))
        assert self.api.patch(f"/incidents/{number}", {"title": word}, If_Match="*").status_code == 200
        self.expected[number] = word

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.expected)))
        assert self.api.delete(f"/incidents/{number}", If_Match="*").status_code == 204
        del self.expected[number]

    @rule()
    def lose_the_index(self) -> None:
        shutil.rmtree(self.folder)
        with self.app.app_context():
            index_sync.ensure(timeout=5)

    @rule()
    def rebuild(self) -> None:
        with self.app.app_context():
            index_sync.rebuild(timeout=5)

    @invariant()
    def search_shows_what_the_database_holds(self) -> None:
        for word in ("zebra", "giraffe", "okapi", "זברה"):
            page = self.api.get("/search", q=word, limit=100).get_json()
            found = {item["incident"]["id"] for item in page["items"]}
            assert found == {number for number, title in self.expected.items() if title == word}
            assert page["total"] == len(found)

    def teardown(self) -> None:
        for number in self.expected:
            self.api.delete(f"/incidents/{number}", If_Match="*")


@pytest.mark.slow
def test_the_index_equals_the_database(app: Flask, admin: Api, settings: Settings) -> None:
    IndexEqualsDatabase.app, IndexEqualsDatabase.api = app, admin
    IndexEqualsDatabase.folder = settings.index_dir
    case = IndexEqualsDatabase.TestCase
    case.settings = hypothesis_settings(
        max_examples=6, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
    )
    case().runTest()


def eventually(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.05)
