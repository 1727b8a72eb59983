"""Which connections of the pool a process uses: each has a page cache of its own, of two megabytes."""

from __future__ import annotations

from contextlib import ExitStack

from flask import Flask

from kb.models import db


def test_after_a_peak_a_single_reader_uses_one_connection_again_and_again(any_app: Flask) -> None:
    with any_app.app_context():
        with ExitStack() as peak:
            for _ in range(4):
                peak.enter_context(db.engine.connect())
        used = []
        for _ in range(4):
            with db.engine.connect() as connection:
                used.append(connection.connection.dbapi_connection)
    assert used[1:] == used[:-1]
