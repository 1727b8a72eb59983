"""The stacks that are compared: how each indexes the same documents, serves searches, and is measured."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote_plus

from bench.cluster import Cluster, find_initdb
from bench.peers import FOLDER, datasette_peer, texts
from bench.servers import Server, clean_environment, descendants, disk_bytes, free_port

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WORKERS = 2


class Stack:
    """A way to serve searches over HTTP: build its index, start its server, send it requests, close it."""

    title: ClassVar[str]
    required_modules: ClassVar[tuple[str, ...]] = ()
    server: Server

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes: dict[str, float] = {}
        folder.mkdir()

    @classmethod
    def unavailable_reason(cls) -> str | None:
        """Why the stack cannot run on this machine, or None if it can."""
        absent = [name for name in cls.required_modules if importlib.util.find_spec(name) is None]
        return f"not installed: {', '.join(absent)}" if absent else None

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Index the incidents, and return the seconds that it took."""
        raise NotImplementedError

    def command(self, port: int) -> list[str]:
        """The command line of its server on a port."""
        raise NotImplementedError

    def path(self, query: str) -> str:
        """The path and query string that search for a text."""
        return f"/search?q={quote_plus(query)}"

    def ready_path(self) -> str:
        """The path that responds with 200 once the server is ready."""
        return self.path("ready")

    def total(self, body: Any) -> int:
        """The number of matching documents in a response's JSON."""
        return int(body["total"])

    def start(self) -> None:
        """Start the server, and wait until it is ready."""
        port = free_port()
        self.server = Server(self.command(port), port, self.folder / "log", {FOLDER: str(self.folder)})
        self.server.wait_until_ready(self.ready_path())

    def disk_bytes(self) -> int:
        """The bytes that the index occupies on disk."""
        return disk_bytes(self.folder)

    def processes(self) -> list[int]:
        """The IDs of all its processes."""
        return self.server.processes()

    def close(self) -> None:
        """Stop the server."""
        if hasattr(self, "server"):
            self.server.close()


class FlaskStack(Stack):
    """One of the applications in `bench/peers`, on the same server and settings as this service."""

    module: ClassVar[str]

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Index the incidents, and return the seconds that it took, excluding the import of the library."""
        peer = importlib.import_module(f"bench.peers.{self.module}")
        documents = [texts(incident) for incident in incidents]
        started = time.perf_counter()
        peer.build(self.folder, documents)
        return time.perf_counter() - started

    def command(self, port: int) -> list[str]:
        """The command line of a Granian server of the application."""
        from kb.server.worker import THREADS  # noqa: PLC0415 (imports the whole service)

        options = {
            "--interface": "wsgi",
            "--host": "127.0.0.1",
            "--port": port,
            "--workers": WORKERS,
            "--blocking-threads": THREADS,
            "--log-level": "error",
        }
        flags = [str(part) for option in options.items() for part in option]
        return [
            sys.executable,
            "-m",
            "granian",
            *flags,
            "--factory",
            f"bench.peers.{self.module}:create_app",
        ]


class Empty(FlaskStack):
    """The baseline: an endpoint that does nothing."""

    title = "empty Flask endpoint"
    module = "empty"

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:  # noqa: ARG002
        """Index nothing."""
        return 0.0

    def total(self, body: Any) -> int:  # noqa: ARG002
        """Zero: nothing is indexed."""
        return 0

    def disk_bytes(self) -> int:
        """Zero: there is no index."""
        return 0


class Fts5(FlaskStack):
    """SQLite's full-text search."""

    title = "Flask + SQLite FTS5"
    module = "fts5"


class Tantivy(FlaskStack):
    """Tantivy, a search engine in Rust."""

    title = "Flask + tantivy-py"
    module = "tantivy_peer"
    required_modules = ("tantivy",)


class Whoosh(FlaskStack):
    """The library that this service builds on, used as in its tutorials."""

    title = "Flask + Whoosh, as in tutorials"
    module = "whoosh_tutorial"
    required_modules = ("whoosh",)


class Postgres(FlaskStack):
    """PostgreSQL's full-text search, on a throwaway database server."""

    title = "Flask + PostgreSQL full text"
    module = "postgres"
    required_modules = ("psycopg",)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._cluster = Cluster()

    @classmethod
    def unavailable_reason(cls) -> str | None:
        """Why the stack cannot run on this machine, or None if it can."""
        return super().unavailable_reason() or (None if find_initdb() else "PostgreSQL is not installed")

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Load the incidents, and return the seconds that it took."""
        (self.folder / "url").write_text(self._cluster.url)
        return super().build(incidents)

    def disk_bytes(self) -> int:
        """The bytes that the table and its indexes occupy."""
        size: int = importlib.import_module(f"bench.peers.{self.module}").disk_bytes(self.folder)
        return size

    def processes(self) -> list[int]:
        """The IDs of all its processes, including those of the database server."""
        database = self._cluster.pid()
        return [*super().processes(), database, *descendants(database)]

    def close(self) -> None:
        """Stop the application, and then the database server."""
        super().close()
        self._cluster.close()


class Datasette(Stack):
    """Datasette, on its own server."""

    title = "Datasette, canned FTS5 query"
    required_modules = ("datasette",)

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Index the incidents, and return the seconds that it took."""
        documents = [texts(incident) for incident in incidents]
        started = time.perf_counter()
        datasette_peer.build(self.folder, documents)
        return time.perf_counter() - started

    def command(self, port: int) -> list[str]:
        """The command line of Datasette's own server."""
        return datasette_peer.command(self.folder, port)

    def path(self, query: str) -> str:
        """The path of the canned query for a text."""
        return datasette_peer.path(query)

    def total(self, body: Any) -> int:
        """The total, which each row repeats."""
        return int(body["rows"][0]["total"]) if body["rows"] else 0


class Service(Stack):
    """This service, set up and served by its own commands."""

    title = "this service"

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Import the incidents, rebuild the index, and return the seconds that the rebuild command took."""
        lines = self.folder / "incidents.jsonl"
        with lines.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(incident) + "\n" for incident in incidents)
        self._run("seed")
        self.notes["import_s"] = self._run("import", str(lines))
        return self._run("index", "rebuild")

    def _run(self, *arguments: str) -> float:
        """Run a `kb` command, and return its seconds. Raises RuntimeError with its output if it fails."""
        started = time.perf_counter()
        result = subprocess.run(  # noqa: S603 (our own command)
            [*self._kb(), *arguments, "--data-dir", str(self._data)],
            check=False,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if result.returncode:
            raise RuntimeError(f"kb {' '.join(arguments)}:\n{(result.stdout + result.stderr)[-2000:]}")
        return time.perf_counter() - started

    @staticmethod
    def _kb() -> list[str]:
        return [sys.executable, "-m", "kb"]

    @property
    def _data(self) -> Path:
        return self.folder / "kb-data"

    def command(self, port: int) -> list[str]:
        """The command line of `kb serve`."""
        options = ["--port", str(port), "--workers", str(WORKERS), "--data-dir", str(self._data)]
        return [*self._kb(), "serve", *options]

    def path(self, query: str) -> str:
        """The path of a search with one passage per incident, as in the other stacks."""
        return f"/api/v1/search?q={quote_plus(query)}&limit=10&highlight=first"

    def ready_path(self) -> str:
        """The readiness endpoint, which responds with 200 once the index is complete."""
        return "/api/v1/health/ready"

    def disk_bytes(self) -> int:
        """The bytes of the index and the database: the others store texts too. Notes the index alone."""
        self.notes["index_mb"] = disk_bytes(self._data / "index") / 1e6
        return disk_bytes(self._data)


class AllPassages(Service):
    """This service with its default response: the best passage of every field that matches."""

    title = "this service, all passages"

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Reuse the data of `Service` if it was built, else build its own."""
        return 0.0 if self._data.exists() else super().build(incidents)

    @property
    def _data(self) -> Path:
        shared = self.folder.parent / "kb" / "kb-data"
        return shared if shared.exists() else super()._data

    def path(self, query: str) -> str:
        """The path of a search with default options."""
        return f"/api/v1/search?q={quote_plus(query)}"

    def disk_bytes(self) -> int:
        """Zero: the data is counted for `Service`."""
        return 0


STACKS: dict[str, type[Stack]] = {
    "empty": Empty,
    "kb": Service,
    "kb-all": AllPassages,
    "tantivy": Tantivy,
    "fts5": Fts5,
    "datasette": Datasette,
    "postgres": Postgres,
    "whoosh": Whoosh,
}
"""The stacks by their names on the command line."""
