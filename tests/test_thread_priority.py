"""Threads that answer requests do not preempt the one that holds the write lock."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from kb.config import Settings
from kb.services.core.unit_of_work import unit_of_work
from kb.thread_priority import ahead_of_others, let_others_first
from tests.support.api import running

pytestmark = pytest.mark.skipif(
    not hasattr(os, "SCHED_BATCH") or os.sched_getscheduler(0) != os.SCHED_OTHER,
    reason="no batch policy on this system, or another one for all of this process",
)


def _in_a_thread(action: Callable[[], None]) -> list[int]:
    """The policies of a thread before, in a block that goes ahead, and after it, once it did that."""
    policies = []

    def run() -> None:
        action()
        policies.append(os.sched_getscheduler(0))
        with ahead_of_others():
            policies.append(os.sched_getscheduler(0))
        policies.append(os.sched_getscheduler(0))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return policies


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    yield from running(settings)


def test_a_thread_that_lets_others_first_goes_ahead_for_a_block() -> None:
    assert _in_a_thread(let_others_first) == [os.SCHED_BATCH, os.SCHED_OTHER, os.SCHED_BATCH]


def test_any_other_thread_stays_as_it_is() -> None:
    assert _in_a_thread(lambda: None) == [os.SCHED_OTHER] * 3


def test_it_lets_others_first_again_after_an_error() -> None:
    def fail() -> None:
        let_others_first()
        with pytest.raises(ZeroDivisionError), ahead_of_others():
            raise ZeroDivisionError

    assert _in_a_thread(fail) == [os.SCHED_BATCH, os.SCHED_OTHER, os.SCHED_BATCH]


def test_a_process_with_a_policy_of_its_own_keeps_it() -> None:
    def start_idle() -> None:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        let_others_first()

    assert _in_a_thread(start_idle) == [os.SCHED_IDLE] * 3


@pytest.mark.parametrize("call", ["sched_setscheduler", "sched_getscheduler"])
def test_a_thread_stays_as_it_is_where_the_system_refuses(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    def ask() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, call, refuse)
            let_others_first()

    assert _in_a_thread(ask) == [os.SCHED_OTHER] * 3


def test_a_thread_that_such_a_thread_starts_goes_ahead_as_well() -> None:
    inner: list[int] = []

    def start_another() -> None:
        let_others_first()
        inner.extend(_in_a_thread(lambda: None))

    _in_a_thread(start_another)
    assert inner == [os.SCHED_BATCH, os.SCHED_OTHER, os.SCHED_BATCH]


def test_only_its_write_transaction_goes_ahead(app: Flask) -> None:
    policies = []

    def write() -> None:
        let_others_first()
        with app.app_context():
            with unit_of_work():
                policies.append(os.sched_getscheduler(0))
            policies.append(os.sched_getscheduler(0))

    _in_a_thread(write)
    assert policies == [os.SCHED_OTHER, os.SCHED_BATCH]
