"""The latency of trends, compared with a plain GROUP BY and with a Datasette facet."""

from __future__ import annotations

import json
import random
import secrets
import sqlite3
import statistics
import sys
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from bench.folders import temporary_folder
from bench.report import environment, format_number, log, milliseconds, table, write
from bench.servers import Server, free_port

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

QUERIES = (
    "group_by=category&interval=month&from=2018&to=2024",
    "group_by=category&interval=year",
    "interval=week&from=2020&to=2022",
    "group_by=organization&top=20&interval=year",
    "group_by=failure_mode&interval=quarter&from=2015",
    "group_by=category,platform",
    "group_by=platform,severity&interval=year",
    "metric=severity_mean&group_by=platform&interval=quarter&from=2015",
    "metric=severity_max&group_by=language&interval=month&from=2020",
    "metric=minutes_to_remove_median&group_by=category&interval=year",
    "metric=minutes_to_remove_p90&group_by=industry&interval=quarter&from=2018",
    "metric=market_value_lost&group_by=category&interval=year",
    "group_by=category&interval=month&from=2023&to=2024&compare=previous_period",
    "date_field=published_at&group_by=category&interval=month&from=2020&tz=Asia/Jerusalem",
    "group_by=kind&category=tone-deaf&platform=twitter&interval=month&from=2018",
    "group_by=team&severity_min=4&interval=quarter&from=2010",
    "group_by=category&tag=campaign-7&interval=year",
)

_GROUP_BY = """
    SELECT strftime('%Y-%m', i.occurred_on), t.key, count(*) FROM incident i
    JOIN incident_term l ON l.incident_id = i.id JOIN term t ON t.id = l.term_id
    WHERE t.namespace = 'category' AND i.status = 'published' AND i.visibility = 'organization'
      AND i.occurred_precision <> 'year' AND i.occurred_on BETWEEN '2018-01-01' AND '2024-12-31'
    GROUP BY 1, 2
"""
"""The first query as plain SQL: without empty buckets, labels, differences or links."""

_REPEATS = 3


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser(
        "trends", help="speed of trends as the number of incidents grows", description=__doc__
    )
    parser.add_argument(
        "--documents",
        type=int,
        nargs="+",
        default=[10_000, 100_000, 1_000_000],
        help="numbers of incidents",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Populate a database of each size, time the queries, and print one table; the exit code is 0."""
    rows = [_measure(count) for count in options.documents]
    header = ["incidents", "p50 ms", "p95 ms", "slowest ms", "p95 after a write", "304 ms", "loading s"]
    header += ["columns MB", "GROUP BY ms", "Datasette facet ms", "× GROUP BY"]
    write(f"{len(QUERIES)} queries, {_REPEATS} times each, in process, JSON included.")
    write(f"GROUP BY and the facet are of the first query only.\n{environment()}\n")
    write(table(header, rows))
    return 0


def _measure(count: int) -> list[object]:
    from kb.config import Settings  # noqa: PLC0415 (imports the whole service)
    from kb.factory import create_app  # noqa: PLC0415
    from kb.services.operations import bootstrap  # noqa: PLC0415
    from kb.services.trends.column_cache import columns_of  # noqa: PLC0415
    from kb.services.trends.snapshot import open_snapshot  # noqa: PLC0415

    log(f"{count} incidents")
    with temporary_folder() as folder:
        app = create_app(Settings(data_dir=folder))
        with app.app_context():
            bootstrap.prepare()
        path = folder / "kb.sqlite3"
        with closing(sqlite3.connect(path)) as connection:
            populate(connection, count)
        client = app.test_client()
        load_seconds = milliseconds(lambda: _get(client, QUERIES[0])) / 1e3
        times = sorted(milliseconds(partial(_get, client, query)) for query in QUERIES * _REPEATS)
        first_query_ms = statistics.median(milliseconds(lambda: _get(client, QUERIES[0])) for _ in range(5))
        etag = client.get(f"/api/v1/trends?{QUERIES[0]}").headers["ETag"]
        not_modified_ms = milliseconds(
            lambda: client.get(f"/api/v1/trends?{QUERIES[0]}", headers={"If-None-Match": etag})
        )
        times_after_write = []
        with closing(sqlite3.connect(path)) as connection:
            for write_index, query in enumerate(QUERIES * _REPEATS):
                _update_incident(connection, 7 + write_index)
                times_after_write.append(milliseconds(partial(_get, client, query)))
            group_by_ms = statistics.median(
                milliseconds(lambda: connection.execute(_GROUP_BY).fetchall()) for _ in range(3)
            )
        facet_ms = _datasette_facet(path)
        with app.app_context(), open_snapshot(()) as snapshot, columns_of(snapshot) as columns:
            arrays = [*columns.facts.values(), *columns.slots.values(), *columns.losses]
            column_mb = sum(array.nbytes for array in arrays) / 1e6
    figures = [times[len(times) // 2], times[int(len(times) * 0.95)], times[-1]]
    figures += [
        sorted(times_after_write)[int(len(times_after_write) * 0.95)],
        not_modified_ms,
        load_seconds,
        column_mb,
        group_by_ms,
    ]
    cells = [format_number(figure, 1) for figure in figures]
    return [f"{count:,}", *cells, format_number(facet_ms, 1), format_number(group_by_ms / first_query_ms, 1)]


def _get(client: FlaskClient, query: str) -> None:
    response = client.get(f"/api/v1/trends?{query}")
    assert response.status_code == 200, response.text


def _datasette_facet(path: Path) -> float | None:
    """Milliseconds of the first query as a Datasette facet, or None if Datasette is not installed."""
    try:
        import datasette  # noqa: F401, PLC0415
    except ImportError:
        return None
    port = free_port()
    command = [sys.executable, "-m", "datasette", str(path), "--port", str(port)]
    for setting in ("facet_time_limit_ms", "sql_time_limit_ms"):
        command += ["--setting", setting, "600000"]
    server = Server(command, port, path.parent / "datasette.log", {})
    query = "status=published&visibility=organization&occurred_on__gte=2018-01-01&occurred_on__lte=2024-12-31"
    url = f"/kb/v_incidents.json?{query}&_facet=category&_size=0&_nocount=1"
    try:
        server.wait_until_ready("/-/versions.json")

        def get() -> None:
            with urlopen(f"http://127.0.0.1:{port}{url}", timeout=600) as response:
                assert json.load(response)["facet_results"]

        return statistics.median(milliseconds(get) for _ in range(3))
    finally:
        server.close()


def populate(connection: sqlite3.Connection, count: int) -> None:
    """Insert incidents with plain SQL: through the service, it would take hours."""
    rng = random.Random(1)  # noqa: S311 (nothing secret)
    terms: dict[str, list[int]] = {}
    for term_id, namespace in connection.execute("SELECT id, namespace FROM term ORDER BY id"):
        terms.setdefault(namespace, []).append(term_id)
    first = connection.execute("SELECT max(id) + 1 FROM incident").fetchone()[0]
    team = connection.execute("SELECT min(id) FROM team").fetchone()[0]
    ids = range(first, first + count)
    placeholders = ", ".join("?" * len(_COLUMNS))
    connection.executemany(
        f"INSERT INTO incident ({', '.join(_COLUMNS)}) VALUES ({placeholders})",  # noqa: S608 (no part of it is input)
        (_incident(rng, incident_id, team, terms) for incident_id in ids),
    )
    connection.executemany(
        "INSERT INTO incident_text VALUES (?, ?, 1, 'A title', 'A summary', '', '', '', '', '', '', 'a')",
        (
            (incident_id, language)
            for incident_id in ids
            for language in (["en"] if incident_id % 5 else ["en", "he"])
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO incident_term VALUES (?, ?, ?)",
        (link for incident_id in ids for link in _term_links(rng, incident_id, terms)),
    )
    connection.execute(
        "INSERT OR IGNORE INTO incident_term SELECT id, category_id, 0 FROM incident WHERE id >= ?", (first,)
    )
    connection.executemany(
        "INSERT INTO impact (incident_id, position, kind, amount, currency, alleged) "
        "VALUES (?, 0, ?, ?, ?, ?)",
        (
            (incident_id, "market_value", rng.randrange(10**8), "USD", incident_id % 2)
            for incident_id in ids
            if incident_id % 50 == 0
        ),
    )
    connection.executemany(
        "INSERT INTO incident_tag (incident_id, key, tag) VALUES (?1, ?2, ?2)",
        ((incident_id, f"campaign-{incident_id % 1_000}") for incident_id in ids),
    )
    connection.execute("UPDATE change_counter SET seq = seq + ?", (count,))
    connection.commit()
    connection.execute("ANALYZE")
    connection.commit()


_COLUMNS = (
    "id", "slug", "kind", "status", "visibility", "language", "organization", "organization_key",
    "occurred_on", "occurred_until", "occurred_precision", "posted_at", "removed_at", "severity",
    "category_id", "team_id", "author", "created_at", "updated_at", "published_at", "version",
)  # fmt: skip


def _incident(
    rng: random.Random, incident_id: int, team: int, terms: dict[str, list[int]]
) -> tuple[Any, ...]:
    day = date(2008, 1, 1) + timedelta(rng.randrange(6_500))
    last, precision = day, "day"
    if incident_id % 10 == 0:
        day, last, precision = day.replace(month=1, day=1), day.replace(month=12, day=31), "year"
    posted = f"{day} 10:00:00.000000" if incident_id % 3 else None
    removed = (
        f"{day + timedelta(rng.randrange(3))} 12:{incident_id % 60:02}:00.000000" if incident_id % 2 else None
    )
    organization = f"Organization {int(rng.paretovariate(1)) % 5_000}"
    timestamp = datetime.fromordinal(day.toordinal()).isoformat(" ") + ".000000"
    severity = rng.choice([None, 1, 2, 3, 4, 5])
    return (
        incident_id, f"{incident_id}-{secrets.token_hex(4)}",
        "incident" if incident_id % 7 else "near_miss", "published",
        "organization", "en", organization, organization.lower().replace(" ", "-"), str(day), str(last),
        precision, posted, removed, severity, rng.choice(terms["category"]), team, "bench", timestamp,
        timestamp, timestamp, 1,
    )  # fmt: skip


def _term_links(
    rng: random.Random, incident_id: int, terms: dict[str, list[int]]
) -> Iterator[tuple[int, int, int]]:
    position = 1
    for namespace, max_terms in (
        ("category", 1),
        ("platform", 2),
        ("failure_mode", 2),
        ("theme", 1),
        ("industry", 1),
    ):
        for term in rng.sample(terms[namespace], rng.randint(0, max_terms)):
            yield incident_id, term, position
            position += 1


def _update_incident(connection: sqlite3.Connection, incident_id: int) -> None:
    """Update an incident, with the changes to the database that trends depend on."""
    connection.execute("UPDATE incident SET severity = 3, version = version + 1 WHERE id = ?", (incident_id,))
    connection.execute("UPDATE change_counter SET seq = seq + 1")
    connection.execute(
        "INSERT INTO change SELECT seq, ?, 1, 'update', 2, 1, '2026-01-01 00:00:00.000000' "
        "FROM change_counter",
        (incident_id,),
    )
    connection.commit()
