"""Flask + SQLite FTS5: a stemming full-text table, ranked by weighted BM25."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from bench.peers import WEIGHTS, flask_app, folder, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flask import Flask

    from bench.peers import Search

FILE = "search.sqlite3"
_COLUMNS = ", ".join(WEIGHTS)

HITS = """
SELECT rowid AS id, title, snippet(document, -1, '<mark>', '</mark>', '…', 30) AS snippet
FROM document WHERE document MATCH :q ORDER BY rank LIMIT 10
"""
TOTAL = "SELECT count(*) FROM document WHERE document MATCH :q"


def build(folder: Path, documents: Sequence[dict[str, str]]) -> None:
    """Index the documents, and merge the index into one segment."""
    connection = sqlite3.connect(folder / FILE)
    weights = ", ".join(map(str, WEIGHTS.values()))
    placeholders = ", ".join("?" for _ in WEIGHTS)
    with connection:
        connection.execute(
            f"CREATE VIRTUAL TABLE document USING fts5({_COLUMNS}, tokenize='porter unicode61')"
        )
        connection.execute("INSERT INTO document(document, rank) VALUES ('rank', ?)", [f"bm25({weights})"])
        connection.executemany(
            f"INSERT INTO document(rowid, {_COLUMNS}) VALUES (?, {placeholders})",  # noqa: S608 (fixed names)
            ([number, *document.values()] for number, document in enumerate(documents)),
        )
        connection.execute("INSERT INTO document(document) VALUES ('optimize')")
    connection.close()


def match_any(query: str) -> str:
    """The FTS5 expression for documents with at least one of the words."""
    return " OR ".join(f'"{word}"' for word in words(query))


def open_search(folder: Path) -> Search:
    """A function that searches the index in a folder, with one connection per thread."""
    local = threading.local()

    def connection() -> sqlite3.Connection:
        thread_connection: sqlite3.Connection | None = getattr(local, "connection", None)
        if thread_connection is None:
            thread_connection = local.connection = sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)
            thread_connection.row_factory = sqlite3.Row
            thread_connection.execute("PRAGMA mmap_size = 1073741824")
        return thread_connection

    def search(query: str) -> dict[str, Any]:
        parameters = {"q": match_any(query)}
        hits = [dict(row) for row in connection().execute(HITS, parameters)]
        return {"total": connection().execute(TOTAL, parameters).fetchone()[0], "items": hits}

    return search


def create_app() -> Flask:
    """Create the application; the factory that the server's workers call."""
    return flask_app(open_search(folder()))
