"""Work on all processors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from kb.models import Term, db
from kb.services.infrastructure import processes
from kb.services.infrastructure.processes import in_processes
from kb.services.operations import bootstrap
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, there are no copies")


@pytest.fixture(autouse=True)
def _many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processors, and a process that may be copied although tests run in threads."""
    monkeypatch.setattr(processes, "_processors", lambda: 2)
    monkeypatch.setattr(processes, "_may_be_copied", lambda: True)


def test_results_come_in_order_and_from_copies(app: Flask) -> None:
    with app.app_context():
        results = list(in_processes(lambda number: (number, os.getpid()), range(20)))
    assert [number for number, _ in results] == [*range(20)]
    assert results[0][1] == os.getpid()
    assert os.getpid() not in {process for _, process in results[1:]}


def test_copies_read_the_database(any_app: Flask) -> None:
    with any_app.app_context():
        bootstrap.prepare_if_needed()

        def count(_chunk: int) -> int:
            return db.session.scalar(select(func.count(Term.id))) or 0

        counts = list(in_processes(count, range(6)))
        assert set(counts) == {count(0)} != {0}
        db.session.remove()


def test_an_error_ends_the_work(app: Flask) -> None:
    def refuse(number: int) -> int:
        if number == 3:
            raise ValueError(number)
        return number

    with app.app_context(), pytest.raises(ValueError, match="3"):
        list(in_processes(refuse, range(20)))


def test_where_there_is_one_processor_nothing_is_copied(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_processors", lambda: 1)
    with app.app_context():
        assert {*in_processes(lambda _: os.getpid(), range(5))} == {os.getpid()}


_PROGRAM = """
import os, sys, time
from kb.config import Settings
from kb.factory import create_app
from kb.services.infrastructure import processes
processes._processors = lambda: 2
def task(number):
    if number:
        os.write(1, f"{os.getpid()}\\n".encode())  # whole: others write beside it
        time.sleep(600)
with create_app(Settings.from_environment()).app_context():
    list(processes.in_processes(task, range(5)))
"""


@pytest.mark.slow  # starts a process, which copies itself
def test_copies_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    environment = {**os.environ, "KB_DATA_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    copies = [int(parent.stdout.readline()) for _ in range(2)]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    eventually(lambda: not any(Path(f"/proc/{each}/cmdline").exists() for each in copies))
