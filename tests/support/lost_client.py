"""A client of PostgreSQL whose machine is lost in the middle of a transaction: `python -m ...`.

Run it in a network namespace of its own (`unshare --net`), whose loopback it takes down: nothing then says to
the server that the client has gone. Prints the number of the counter after another client has added 10 to it,
past the network: 11 if the transaction of the lost one was undone.
"""

from __future__ import annotations

import subprocess

import psycopg
from sqlalchemy import create_engine

from kb.models.base import WRITE_ON_POSTGRES, engine_options
from tests.support.postgres import require_initdb, running_cluster
from tests.support.waiting import PATIENCE


def _network(state: str) -> None:
    subprocess.run(["ip", "link", "set", "lo", state], check=True)


if __name__ == "__main__":
    _network("up")
    with running_cluster(require_initdb()) as cluster:
        url = f"{cluster.url.replace('postgresql', 'postgresql+psycopg')}/postgres"
        engine = create_engine(url, **engine_options(url))
        with psycopg.connect(cluster.local_url) as other:
            other.execute("CREATE TABLE counter AS SELECT 1 AS seq")
        lost = engine.connect().execution_options(**WRITE_ON_POSTGRES)
        lost.exec_driver_sql("UPDATE counter SET seq = 2")
        _network("down")
        with psycopg.connect(cluster.local_url) as other:
            other.execute(f"SET lock_timeout = '{PATIENCE:.0f}s'")
            other.execute("UPDATE counter SET seq = seq + 10")
            print(*other.execute("SELECT seq FROM counter").fetchall()[0])  # noqa: T201
        _network("up")
