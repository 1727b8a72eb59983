"""Which worker closes connections, by the requests that each has in progress."""

from __future__ import annotations

import os
import signal

import pytest

from kb.web.worker_loads import WorkerLoad, WorkerLoads


class Clock:
    """A clock that only moves when it is told to. Workers that are `alive` store it meanwhile."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.alive: list[WorkerLoad] = []

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for load in self.alive:
            load.beat()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _workers(clock: Clock, *counts: int) -> list[WorkerLoad]:
    """Workers that have had so many requests in progress for some time."""
    loads = WorkerLoads(len(counts), clock=clock)
    clock.alive = [loads.of(worker) for worker in range(len(counts))]
    for load, count in zip(clock.alive, counts, strict=True):
        _begin(load, count)
    clock.advance(10)
    return clock.alive


def _begin(load: WorkerLoad, count: int) -> None:
    for _ in range(count):
        load.begin()


def _closed(load: WorkerLoad, clock: Clock, *, seconds: int) -> int:
    """How many connections a worker closes that is asked a hundred times a second."""
    closed = 0
    for _ in range(seconds * 100):
        closed += load.should_close_connection()
        clock.advance(0.01)
    return closed


def test_the_busiest_worker_closes_two_connections_a_second_and_the_others_none(clock: Clock) -> None:
    idle, busy, busiest = _workers(clock, 0, 4, 6)
    assert 19 <= _closed(busiest, clock, seconds=10) <= 20
    assert _closed(busy, clock, seconds=10) == _closed(idle, clock, seconds=10) == 0


def test_a_difference_of_one_request_is_even_enough(clock: Clock) -> None:
    busier, _ = _workers(clock, 5, 4)
    assert _closed(busier, clock, seconds=10) == 0


def test_a_burst_of_requests_closes_nothing(clock: Clock) -> None:
    load, _ = _workers(clock, 0, 0)
    _begin(load, 6)
    for _ in range(6):
        assert not load.should_close_connection()
        clock.advance(0.01)
        load.end()
    assert _closed(load, clock, seconds=10) == 0


def test_a_single_worker_closes_nothing(clock: Clock) -> None:
    (load,) = _workers(clock, 30)
    assert _closed(load, clock, seconds=10) == 0


def test_no_client_is_sent_to_a_worker_that_hangs(clock: Clock) -> None:
    busy, hanging = _workers(clock, 6, 0)
    clock.alive.remove(hanging)
    clock.advance(10)
    assert _closed(busy, clock, seconds=10) == 0


def test_a_worker_that_replaces_a_killed_one_begins_without_requests(clock: Clock) -> None:
    loads = WorkerLoads(2, clock=clock)
    killed, other = loads.of(0), loads.of(1)
    _begin(killed, 30)
    clock.alive = [loads.of(0), other]
    _begin(other, 3)
    clock.advance(10)
    assert other.should_close_connection()


def test_a_worker_that_ends_after_its_successor_began_leaves_the_count_right(clock: Clock) -> None:
    loads = WorkerLoads(2, clock=clock)
    old, other = loads.of(0), loads.of(1)
    _begin(old, 3)
    clock.alive = [loads.of(0), other]
    _begin(clock.alive[0], 5)
    for _ in range(3):
        old.end()
    _begin(other, 5)
    clock.advance(10)
    assert not other.should_close_connection()
    assert not clock.alive[0].should_close_connection()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are not forked here")
def test_forked_processes_share_their_loads(clock: Clock) -> None:
    loads = WorkerLoads(2, clock=clock)
    load = loads.of(0)
    _begin(load, 5)
    if (child := os.fork()) == 0:
        try:
            _begin(loads.of(1), 5)
            os._exit(0)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == 0
    clock.now += 1
    assert not load.should_close_connection()
