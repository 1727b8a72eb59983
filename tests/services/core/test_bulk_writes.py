"""Whoever writes to SQLite waits for a long write of another process, instead of failing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from flask import Flask

from kb.config import Settings
from kb.errors import Unavailable
from kb.models import Team, db
from kb.services.core.unit_of_work import unit_of_work
from kb.services.infrastructure.bulk_writes import bulk_write, is_bulk_write_running

pytestmark = pytest.mark.usefixtures("inside_app")

_SHORT = 0.05


@contextmanager
def _locked(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Hold the write lock from a connection of another program's own."""
    with closing(
        sqlite3.connect(settings.sqlite_path, isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def _write(name: str) -> None:
    with unit_of_work(wait=_SHORT):
        db.session.add(Team(key=name, name=name))


def _exists(name: str) -> bool:
    return db.session.query(Team).filter_by(key=name).count() == 1


def test_a_write_waits_for_a_bulk_write_beyond_its_own_patience(settings: Settings) -> None:
    with bulk_write(), _locked(settings) as other:
        timer = threading.Timer(8 * _SHORT, lambda: other.execute("ROLLBACK"))
        timer.start()
        _write("north")
        timer.join()
    assert _exists("north")


def test_a_thread_waits_for_the_bulk_write_of_another_one(app: Flask) -> None:
    begun, end = threading.Event(), threading.Event()

    def write_much() -> None:
        with app.app_context(), unit_of_work(bulk=True):
            begun.set()
            end.wait()

    thread = threading.Thread(target=write_much)
    thread.start()
    begun.wait()
    timer = threading.Timer(8 * _SHORT, end.set)
    timer.start()
    _write("north")
    thread.join()
    timer.join()
    assert _exists("north")


def test_a_write_that_is_not_bulk_makes_nobody_wait_longer(settings: Settings) -> None:
    with _locked(settings), pytest.raises(Unavailable):
        _write("north")
    assert not _exists("north")


def test_what_must_not_wait_does_not_wait_for_a_bulk_write(settings: Settings) -> None:
    impatient = unit_of_work(wait=_SHORT, persistent=False)
    with bulk_write(), _locked(settings), pytest.raises(Unavailable), impatient:
        pass


def test_a_bulk_write_is_known_while_it_goes_on() -> None:
    with unit_of_work(bulk=True):
        assert is_bulk_write_running()
    assert not is_bulk_write_running()
