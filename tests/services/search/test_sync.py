"""The search index: derived from the database, disposable, and honest about its state."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from kb.config import Settings
from kb.factory import create_app
from kb.models import Change, Term, db
from kb.models.base import utc_now
from kb.search.engine import IndexDocument, SearchEngine
from kb.search.parser import parse
from kb.search.query import SearchQuery
from kb.search.whoosh_engine import WhooshEngine
from kb.services.infrastructure import processes
from kb.services.infrastructure.runtime import engine
from kb.services.search import sync
from kb.services.search.prepared_documents import documents_of
from kb.services.search.verification import verify
from tests.support.api import Api
from tests.support.damage import damage
from tests.support.incidents import incident
from tests.support.index_documents import document
from tests.support.waiting import PATIENCE, eventually


def ask(engine: SearchEngine, text: str, **query: object) -> list[int]:
    fields: dict[str, object] = {
        "root": parse(text).root,
        "limit": 1_000,
        **query,
    }
    return [hit.id for hit in engine.search(SearchQuery(**fields)).hits]  # type: ignore[arg-type]


class TestHealing:
    @pytest.mark.parametrize("while_serving", [True, False])
    @pytest.mark.parametrize("kind", ["flipped", "removed", "emptied", "all", "build"])
    def test_a_damaged_index_is_repaired_while_reads_by_id_continue(
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

    def test_a_missing_index_is_reported_and_a_write_is_not_lost(
        self, settings: Settings, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin = as_role("site_admin")
        admin.get("/health/live")
        for module in ("services.search.visible_hits", "services.search.sync", "api.health"):
            monkeypatch.setattr(f"kb.{module}.repair_in_background", lambda: None)
        shutil.rmtree(settings.index_dir)
        response = admin.get("/search", q="placeholder")
        assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
        ready = admin.get("/health/ready")
        assert (ready.status_code, ready.get_json()["index"]["ok"]) == (503, False)
        assert ready.headers["Retry-After"] == "2"
        filed = admin.post("/incidents", incident(title="Zebra", status="published"))
        assert (filed.status_code, filed.headers["Index-Status"]) == (201, "pending")
        monkeypatch.undo()
        eventually(lambda: admin.get("/search", q="zebra").status_code == 200)
        assert admin.get("/search", q="zebra").get_json()["total"] == 1

    def test_the_next_search_includes_writes_of_another_machine(
        self, settings: Settings, as_role: Callable[..., Api], tmp_path: Path
    ) -> None:
        """Two machines share a database, and each has its own index."""
        here = as_role("site_admin")
        url = f"sqlite:///{settings.sqlite_path}"
        app = create_app(Settings(data_dir=tmp_path / "elsewhere", database_url=url))
        there = Api(app.test_client(), here.contract)
        eventually(lambda: there.get("/health/ready").status_code == 200)
        here.file(title="Zebra", status="published")
        eventually(lambda: there.get("/search", q="zebra").get_json()["total"] == 1)

    def test_a_change_is_found_although_the_clock_was_set_back(
        self, app: Flask, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin = as_role("site_admin")
        with monkeypatch.context() as patch:
            patch.setattr(sync, "catch_up", lambda _: False)
            admin.file(title="Zebra", status="published")
        with app.app_context():
            db.session.execute(update(Change).values(at=utc_now() + timedelta(hours=1)))
            db.session.commit()
        eventually(lambda: admin.get("/search", q="zebra").get_json()["total"] == 1)

    def test_an_index_failure_does_not_fail_the_write(
        self, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin = as_role("site_admin")

        def fail(*_: object) -> None:
            raise OperationalError("statement", {}, Exception("gone"))

        monkeypatch.setattr(sync, "documents_of", fail)
        filed = admin.post("/incidents", incident(title="Zebra", status="published"))
        assert (filed.status_code, filed.headers["Index-Status"]) == (201, "pending")
        monkeypatch.undo()
        eventually(lambda: admin.get("/search", q="zebra").get_json()["total"] == 1)

    def test_a_request_stops_indexing_a_backlog_at_its_deadline(
        self, app: Flask, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin = as_role("site_admin")
        monkeypatch.setattr(sync, "catch_up", lambda _: False)
        # Filing looks for duplicates, and a search would repair the index that lags behind for so long.
        monkeypatch.setattr(sync, "_GRACE_PERIOD", timedelta(days=1))
        for number in range(3):
            admin.file(title=f"Zebra {number}", status="published")
        monkeypatch.setattr(sync, "REQUEST_BATCH_SIZE", 1)
        with app.app_context():
            sync.sync(timeout=PATIENCE, deadline=0)
            assert sync.lag() == 2

    def test_many_changes_are_indexed_on_all_processors(
        self, app: Flask, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin = as_role("site_admin")
        monkeypatch.setattr(processes, "_processors", lambda: 2)
        monkeypatch.setattr(processes, "_may_be_copied", lambda: True)
        monkeypatch.setattr(sync, "BATCH_SIZE", 2)
        with monkeypatch.context() as without_index:
            without_index.setattr(sync, "catch_up", lambda _: False)
            without_index.setattr(sync, "_GRACE_PERIOD", timedelta(days=1))
            for number in range(7):
                admin.file(title=f"Zebra {number}", status="published")
        with app.app_context():
            assert sync.lag() >= 7
            sync.ensure_current(timeout=PATIENCE)
            assert sync.lag() == 0
            assert verify(timeout=PATIENCE).equal
        assert admin.get("/search", q="zebra").get_json()["total"] == 7

    def test_large_incidents_of_a_bulk_write_are_indexed_one_at_a_time(
        self, app: Flask, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin = as_role("site_admin")
        texts = dict.fromkeys(("summary", "cause", "outcome"), "zebra " * 3_000)
        with monkeypatch.context() as without_index:
            without_index.setattr(sync, "catch_up", lambda _: False)
            without_index.setattr(sync, "_GRACE_PERIOD", timedelta(days=1))
            for number in range(3):
                admin.file(title=f"Zebra {number}", **texts, status="published")
        pieces: list[int] = []
        with app.app_context():
            seq = sync.lag() + engine().position().seq

            def pause(*_progress: int) -> None:
                pieces.append(len(ask(engine(), "zebra")))

            assert sync.catch_up(seq, pause)
            assert sync.lag() == 0
            assert verify(timeout=PATIENCE).equal
        assert pieces == [0, 1, 2, 3]

    def test_a_concurrent_write_does_not_make_the_index_look_foreign(
        self, app: Flask, as_role: Callable[..., Api]
    ) -> None:
        admin = as_role("site_admin")
        with app.app_context():
            db.session.scalars(select(Term)).all()  # the request's snapshot of the database begins here
            with ThreadPoolExecutor(1) as pool:
                pool.submit(admin.file, title="Zebra").result()
            assert sync.lag() == 0

    def test_writers_that_wait_for_the_index_share_one_commit(
        self, app: Flask, settings: Settings, admin: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin.get("/health/ready")
        batches: list[int] = []

        def counted(changes: dict[int, int]) -> list[IndexDocument]:
            batches.append(len(changes))
            return documents_of(changes)

        monkeypatch.setattr(sync, "documents_of", counted)

        def file(number: int) -> str:
            api = Api(app.test_client(), admin.contract, admin.token)
            return api.post("/incidents", incident(title=f"Zebra {number}")).headers.get("Index-Status", "")

        with ThreadPoolExecutor(6) as pool:
            with WhooshEngine(settings.index_dir).writing(timeout=PATIENCE):
                filed = [pool.submit(file, number) for number in range(6)]
                with app.app_context():
                    eventually(lambda: sync.lag() == 6)
            assert [each.result() for each in filed] == ["current"] * 6
        assert batches == [6]

    def test_a_writer_does_not_wait_while_another_indexes_a_bulk_write(
        self, app: Flask, settings: Settings, admin: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admin.get("/health/ready")
        monkeypatch.setattr(sync, "_MAX_BACKLOG", 2)
        with WhooshEngine(settings.index_dir).writing(timeout=PATIENCE):
            with monkeypatch.context() as patch:
                patch.setattr(sync, "catch_up", lambda _: False)
                for number in range(3):
                    admin.file(title=f"Zebra {number}")
            filed = admin.post("/incidents", incident(title="Okapi", status="published"))
            assert filed.headers["Index-Status"] == "pending"
        eventually(lambda: admin.get("/search", q="okapi").get_json()["total"] == 1)

    def test_an_index_of_another_database_does_not_confirm_a_write(
        self, app: Flask, settings: Settings, as_role: Callable[..., Api]
    ) -> None:
        admin = as_role("site_admin")
        engine = WhooshEngine(settings.index_dir)
        with engine.writing(timeout=PATIENCE):
            engine.rebuild("another database", [([document(99)], 1_000)])
        # Looking for duplicates notices the wrong index, and must not have it repaired before the write.
        with sync._repairing:
            filed = admin.post("/incidents", incident(title="Okapi", status="published"))
        assert filed.headers["Index-Status"] == "pending"
        eventually(lambda: admin.get("/search", q="okapi").get_json().get("total") == 1)

    def test_a_lost_pointer_takes_no_rebuild(
        self, app: Flask, admin: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sync, "_build", lambda *_: pytest.fail("the index is rebuilt"))
        with monkeypatch.context() as patch:
            patch.setattr(sync, "catch_up", lambda _: False)
            admin.file(title="Zebra", status="published")
        (settings.index_dir / "CURRENT").unlink()
        with app.app_context():
            sync.ensure_current(timeout=PATIENCE)
            assert verify(timeout=PATIENCE).equal
        assert admin.get("/search", q="zebra").get_json()["total"] == 1

    def test_a_lost_pointer_to_a_damaged_build_takes_one(self, app: Flask, settings: Settings) -> None:
        (settings.index_dir / "CURRENT").unlink()
        damage(next(settings.index_dir.glob("build-*/*.inv")), "flipped")
        with app.app_context():
            sync.ensure_current(timeout=PATIENCE)
            assert verify(timeout=PATIENCE).equal

    def test_an_index_of_another_database_is_rebuilt(self, app: Flask, settings: Settings) -> None:
        engine = WhooshEngine(settings.index_dir)
        with engine.writing(timeout=PATIENCE):
            engine.rebuild("another database", [([document(99)], 3)])
        with app.app_context():
            sync.ensure_current(timeout=PATIENCE)
        assert engine.position().seq == 6
        assert ask(engine, "zebra") == []


class IndexEqualsDatabase(RuleBasedStateMachine):
    """Search always agrees with the database, whatever is written and whatever happens to the index."""

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
            sync.ensure_current(timeout=PATIENCE)

    @rule()
    def rebuild(self) -> None:
        with self.app.app_context():
            sync.rebuild(timeout=PATIENCE)

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
