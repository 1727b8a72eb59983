"""Prometheus metrics of a running service: its requests, and the state of each worker.

The processes of `kb serve` share them through files in `FOLDER_VARIABLE` (the multiprocess mode of
prometheus-client), so any of them can answer for all.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.services.operations.metrics import process_metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
    from prometheus_client.metrics_core import Metric

    from kb.services.operations.metrics import ProcessMetric

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that names the folder. It must be set before the first metric is created."""

_FOLDER_PREFIX = "kb-metrics-"

_MEMORY = Path("/dev/shm")  # noqa: S108 (only used for a private folder in it)
"""A file system in memory: writing to a mapped file on a full disk would kill a worker."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""The bucket bounds of the latency histogram."""

_REFRESH_SECONDS = 5.0
"""How stale the state of a worker may be while it answers requests."""

_refreshed_at, _lock = 0.0, threading.Lock()


class _Metrics(NamedTuple):
    """The metrics of this process; gauges and totals by name."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    state: Mapping[str, Gauge]
    totals: Mapping[str, Counter]


_STATE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "resident_bytes": ("Memory that the worker has, in bytes.", ()),
    "cache_bytes": ("What the worker keeps to answer again, in bytes.", ()),
    "database_connections": ("Connections to a database, in use and idle.", ("database", "state")),
    "database_connections_max": ("Connections to a database that may be open.", ("database",)),
}
"""The gauges of each worker, which are summed over all workers: help text and labels."""

_TOTALS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "replica_reads": ("Reads that a replica of the database has answered.", ()),
    "replica_fallbacks": ("Reads that the database answered instead of its replica.", ("reason",)),
}
"""The counters of each worker since its start: help text and labels."""

_counted: dict[tuple[str, tuple[str, ...]], float] = {}
"""The value of each total that this process has already passed on."""


@cache
def _own_metrics() -> _Metrics:
    """Create the metrics of this process on first use: the environment variable is set by then."""
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram  # noqa: PLC0415

    registry = CollectorRegistry()
    return _Metrics(
        registry,
        Counter(
            "kb_http_requests",
            "Requests that were answered.",
            ("endpoint", "method", "status"),
            registry=registry,
        ),
        Histogram(
            "kb_http_request_seconds",
            "Seconds until the answer, without the time that the body took to arrive.",
            ("endpoint",),
            buckets=_SECONDS,
            registry=registry,
        ),
        {
            name: Gauge(f"kb_worker_{name}", text, labels, multiprocess_mode="livesum", registry=registry)
            for name, (text, labels) in _STATE.items()
        },
        {
            name: Counter(f"kb_{name}", text, labels, registry=registry)
            for name, (text, labels) in _TOTALS.items()
        },
    )


@contextmanager
def shared_folder() -> Iterator[None]:
    """Create the folder in which workers share their metrics, and remove it at the end.

    Without one, each worker reports only its own. Folders of servers that were killed are removed, too.
    """
    if FOLDER_VARIABLE in os.environ:
        yield
        return
    root = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for left in root.glob(f"{_FOLDER_PREFIX}*"):
        pid = left.name.removeprefix(_FOLDER_PREFIX)
        if pid.isdigit() and not is_running(int(pid)):
            rmtree(left, ignore_errors=True)
    folder = root / f"{_FOLDER_PREFIX}{os.getpid()}"
    with suppress(OSError):
        rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(FOLDER_VARIABLE, None)
        rmtree(folder, ignore_errors=True)


def observe_request(endpoint: str, method: str, status: int, seconds: float) -> None:
    """Count a request and record its duration. `endpoint` is the name of a view."""
    metrics = _own_metrics()
    metrics.requests.labels(endpoint, method, str(status)).inc()
    metrics.seconds.labels(endpoint).observe(seconds)


def refresh_state() -> None:
    """Update the gauges and counters of this worker, unless that was done within `_REFRESH_SECONDS`."""
    global _refreshed_at  # noqa: PLW0603
    now = time.monotonic()
    with _lock:
        if now - _refreshed_at < _REFRESH_SECONDS:
            return
        _refreshed_at = now
        for measured in process_metrics():
            _export(measured)


def _export(measured: ProcessMetric) -> None:
    metrics: Mapping[str, Any] = _own_metrics().state if measured.name in _STATE else _own_metrics().totals
    metric = metrics[measured.name]
    if measured.labels:
        metric = metric.labels(*measured.labels)
    if measured.name in _STATE:
        metric.set(measured.value)
        return
    key = measured.name, measured.labels
    # A smaller value comes from a second application of this process, which begins at 0.
    metric.inc(max(0.0, measured.value - _counted.get(key, 0.0)))
    _counted[key] = measured.value


def exposition(site: Iterable[tuple[str, str, float]], accept: str) -> tuple[bytes, str]:
    """Return all metrics in the format that `accept` prefers, and its content type.

    `site` are metrics of the whole site, each with its name, help text and value.
    """
    from prometheus_client import CollectorRegistry  # noqa: PLC0415
    from prometheus_client.exposition import choose_encoder  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    if folder := os.environ.get(FOLDER_VARIABLE):
        _forget_ended(Path(folder))
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    else:
        registry.register(_own_metrics().registry)
    registry.register(_Site(site))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Site:
    """Collects metrics of the whole site, which are read on each scrape and not kept in shared files."""

    def __init__(self, metrics: Iterable[tuple[str, str, float]]) -> None:
        self._metrics = [*metrics]

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily  # noqa: PLC0415

        for name, text, value in self._metrics:
            yield GaugeMetricFamily(f"kb_{name}", text, value)


def _forget_ended(folder: Path) -> None:
    """Remove the gauges of ended workers from the sums; their counters stay."""
    for file in folder.glob("gauge_live*_*.db"):
        if not is_running(int(file.stem.rpartition("_")[2])):
            file.unlink(missing_ok=True)


def is_running(pid: int) -> bool:
    """Whether a process with this ID exists, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
