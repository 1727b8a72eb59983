"""Which worker closes connections, by the requests that each has in progress."""

from __future__ import annotations

import os

import pytest

from kb.web.worker_loads import WorkerLoad, WorkerLoads


class Clock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _begin(load: WorkerLoad, count: int) -> None:
    for _ in range(count):
        load.begin()


def _closed(load: WorkerLoad, clock: Clock, *, seconds: int) -> int:
    """How many connections a worker closes that is asked a hundred times a second."""
    closed = 0
    for _ in range(seconds * 100):
        closed += load.should_close_connection()
        clock.now += 0.01
    return closed


def test_the_busiest_worker_closes_two_connections_a_second_and_the_others_none(clock: Clock) -> None:
    loads = WorkerLoads(3, clock=clock)
    busy, idle, busier = loads.of(0), loads.of(1), loads.of(2)
    _begin(busy, 1)
    _begin(busier, 6)
    clock.now += 10
    assert 19 <= _closed(busier, clock, seconds=10) <= 20
    assert _closed(busy, clock, seconds=10) == _closed(idle, clock, seconds=10) == 0


def test_a_difference_of_one_request_is_even_enough(clock: Clock) -> None:
    loads = WorkerLoads(2, clock=clock)
    one, other = loads.of(0), loads.of(1)
    _begin(one, 5)
    _begin(other, 4)
    assert _closed(one, clock, seconds=10) == 0


def test_a_burst_of_requests_closes_nothing(clock: Clock) -> None:
    loads = WorkerLoads(2, clock=clock)
    load, _ = loads.of(0), loads.of(1)
    _begin(load, 6)
    for _ in range(6):
        assert not load.should_close_connection()
        clock.now += 0.01
        load.end()
    assert _closed(load, clock, seconds=10) == 0


def test_a_single_worker_closes_nothing(clock: Clock) -> None:
    load = WorkerLoads(1, clock=clock).of(0)
    _begin(load, 30)
    assert _closed(load, clock, seconds=10) == 0


def test_a_worker_that_replaces_a_killed_one_begins_without_requests(clock: Clock) -> None:
    loads = WorkerLoads(2, clock=clock)
    killed, other = loads.of(0), loads.of(1)
    _begin(killed, 30)
    clock.now += 10
    loads.of(0)
    _begin(other, 3)
    clock.now += 10
    assert other.should_close_connection()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are not forked here")
def test_forked_processes_share_their_loads(clock: Clock) -> None:
    loads = WorkerLoads(2, clock=clock)
    load = loads.of(0)
    _begin(load, 5)
    clock.now += 10
    if (child := os.fork()) == 0:
        _begin(loads.of(1), 5)
        os._exit(0)
    os.waitpid(child, 0)
    clock.now += 10
    assert not load.should_close_connection()
