"""Writers gather for the index: one commit serves all that are on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from kb import pauses
from kb.search.whoosh_engine import WhooshEngine
from kb.services.core import change_feed
from kb.services.search import index_writers, sync
from kb.services.search.index_writers import IndexWriters
from tests.support.api import Api
from tests.support.waiting import PATIENCE


@pytest.fixture
def writers(monkeypatch: pytest.MonkeyPatch) -> IndexWriters:
    monkeypatch.setattr(index_writers, "_GATHERING_SECONDS", PATIENCE)
    return IndexWriters()


@pytest.mark.parametrize(("most", "rests"), [(-1, 1), (PATIENCE, 0)])
def test_others_run_between_a_long_write_and_its_part_in_the_index(
    admin: Api, monkeypatch: pytest.MonkeyPatch, most: float, rests: int
) -> None:
    steps: list[str] = []
    apply = WhooshEngine.apply

    def noted(*arguments: Any) -> None:
        steps.append("indexed")
        apply(*arguments)

    monkeypatch.setattr(WhooshEngine, "apply", noted)
    monkeypatch.setattr(pauses, "PIECE_SECONDS", most)
    monkeypatch.setattr(pauses, "rest", lambda: steps.append("rest"))
    admin.file(title="The quokka affair")
    assert steps == ["rest"] * rests + ["indexed"]


def test_a_writer_waits_for_those_on_the_way_until_they_arrive_or_fail(writers: IndexWriters) -> None:
    begun, may_arrive, may_fail = threading.Barrier(3), threading.Event(), threading.Event()
    events: list[str] = []

    def arrive() -> None:
        with writers.coming():
            begun.wait(PATIENCE)
            assert may_arrive.wait(PATIENCE)
            events.append("arrived")
            writers.arrive()
            assert may_fail.wait(PATIENCE)

    def fail() -> None:
        with writers.coming():
            begun.wait(PATIENCE)
            assert may_fail.wait(PATIENCE)
            events.append("failed")
            raise ValueError

    with ThreadPoolExecutor(3) as pool:
        arriving, failing = pool.submit(arrive), pool.submit(fail)
        begun.wait(PATIENCE)
        gathering = pool.submit(writers.gather, lambda: events.append("looked") or False)  # type: ignore[func-returns-value]
        may_arrive.set()
        while "arrived" not in events or "looked" not in events:
            time.sleep(0.01)
        assert not gathering.done()
        may_fail.set()
        gathering.result(PATIENCE)
        arriving.result(PATIENCE)
        assert isinstance(failing.exception(PATIENCE), ValueError)
    assert {"arrived", "failed"} <= {*events}


def test_a_writer_waits_for_nobody_where_nobody_is_on_the_way(writers: IndexWriters) -> None:
    looked: list[bool] = []
    with writers.coming(), writers.coming():
        writers.arrive()
        writers.gather(lambda: bool(looked.append(True)))  # type: ignore[func-returns-value]
    assert looked == []


def test_a_writer_waits_no_longer_once_another_process_has_done_the_work(writers: IndexWriters) -> None:
    looked: list[bool] = []

    def is_done() -> bool:
        looked.append(True)
        return len(looked) == 3

    with writers.coming():
        writers.gather(is_done)
    assert len(looked) == 3


def test_changes_after_the_needed_one_are_left_to_their_writers(
    app: Flask, as_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = as_role("site_admin")
    admin.file(title="Zebra", status="published")
    with app.app_context():
        indexed = change_feed.position().seq
        assert sync.lag() == 0
    with monkeypatch.context() as patch:
        patch.setattr(sync, "catch_up", lambda _: False)
        admin.file(title="Okapi", status="published")
    commits: list[int] = []
    apply = WhooshEngine.apply

    def counted(self: WhooshEngine, documents: list[object], deletions: tuple[int, ...], seq: int) -> None:
        commits.append(seq)
        apply(self, documents, deletions, seq)  # type: ignore[arg-type]

    monkeypatch.setattr(WhooshEngine, "apply", counted)
    with app.app_context():
        sync.sync(timeout=PATIENCE, needed=indexed)
        assert commits == []
        sync.sync(timeout=PATIENCE, needed=indexed + 1)
        assert commits == [indexed + 1]
        assert sync.lag() == 0
