"""Datasette on the FTS5 database: a canned query, on Datasette's own server."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.peers import fts5

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_DATABASE = "search"
_SQL = fts5.HITS.replace(" AS snippet", f" AS snippet, ({fts5.TOTAL}) AS total")


def build(folder: Path, documents: Sequence[dict[str, str]]) -> None:
    """Index the documents, and write the canned query."""
    fts5.build(folder, documents)
    (folder / fts5.FILE).rename(folder / f"{_DATABASE}.db")
    queries = {"databases": {_DATABASE: {"queries": {"find": {"sql": _SQL}}}}}
    (folder / "metadata.json").write_text(json.dumps(queries))


def command(folder: Path, port: int) -> list[str]:
    """The command line of the server, which serves the database as immutable."""
    options = ["--immutable", str(folder / f"{_DATABASE}.db"), "--metadata", str(folder / "metadata.json")]
    return [
        sys.executable,
        "-m",
        "datasette",
        "serve",
        *options,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]


def path(query: str) -> str:
    """The path of the canned query for a text."""
    return f"/{_DATABASE}/find.json?_shape=objects&q={quote(fts5.match_any(query))}"
