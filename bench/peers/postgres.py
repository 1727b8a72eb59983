"""Flask + PostgreSQL's full-text search: a weighted tsvector column under a GIN index."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from bench.peers import SNIPPET_FIELDS, WEIGHTS, flask_app, folder, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flask import Flask

    from bench.peers import Search

URL_FILE = "url"
"""The file in an application's folder that contains the URL of its database."""

_LABELS = {3.0: "A", 2.5: "B", 2.0: "C", 1.5: "C", 1.0: "D"}
"""The weights as PostgreSQL's labels, of which there are only four."""

_VECTOR = " || ".join(
    f"setweight(to_tsvector('english', {field}), '{_LABELS[weight]}')" for field, weight in WEIGHTS.items()
)
_CREATE = f"""
CREATE TABLE document (
    id integer PRIMARY KEY, {", ".join(f"{field} text NOT NULL" for field in WEIGHTS)},
    words tsvector GENERATED ALWAYS AS ({_VECTOR}) STORED
)
"""
_COPY = f"COPY document (id, {', '.join(WEIGHTS)}) FROM STDIN"

# The window function counts in the same scan, and only the ten rows of the page are highlighted. `ts_rank`
# ranks by word frequency; `ts_rank_cd`, which ranks by proximity, is far worse at finding known documents
# with OR queries.
_SEARCH = f"""
WITH top AS (
    SELECT id, title, {" || ' ' || ".join(SNIPPET_FIELDS)} AS body, query, count(*) OVER () AS total,
        ts_rank('{{0.33, 0.6, 0.83, 1.0}}', words, query) AS score
    FROM document, websearch_to_tsquery('english', %s) AS query
    WHERE words @@ query ORDER BY score DESC, id LIMIT 10
)
SELECT id, title, total,
    ts_headline('english', body, query, 'StartSel=<mark>, StopSel=</mark>, MaxWords=30') AS snippet
FROM top ORDER BY score DESC, id
"""  # noqa: S608 (the names are fixed)


def build(folder: Path, documents: Sequence[dict[str, str]]) -> None:
    """Load the documents, build the index, and update the planner's statistics."""
    url = (folder / URL_FILE).read_text()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_CREATE)
        with connection.cursor().copy(_COPY) as copy:
            for number, document in enumerate(documents):
                copy.write_row([number, *document.values()])
        connection.execute("CREATE INDEX ON document USING gin (words)")
        connection.execute("VACUUM ANALYZE document")


def open_search(folder: Path) -> Search:
    """A function that searches the database whose URL is in a folder, with one connection per thread."""
    url = (folder / URL_FILE).read_text()
    local = threading.local()

    def search(text: str) -> dict[str, Any]:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)
            local.connection.execute("SET jit = off")
        items = local.connection.execute(_SEARCH, [" or ".join(words(text))]).fetchall()
        return {"total": items[0]["total"] if items else 0, "items": items}

    return search


def disk_bytes(folder: Path) -> int:
    """The bytes that the table and its indexes occupy."""
    with psycopg.connect((folder / URL_FILE).read_text()) as connection:
        row = connection.execute("SELECT pg_total_relation_size('document')").fetchone()
    return row[0] if row else 0


def create_app() -> Flask:
    """Create the application; the factory that the server's workers call."""
    return flask_app(open_search(folder()))
