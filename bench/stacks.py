"""What is measured: how each stack is built from the same documents, started, asked, and weighed."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote_plus

from bench.cluster import Cluster, initdb
from bench.peers import FOLDER, datasette_peer, texts
from bench.servers import Server, clean_environment, descendants, disk_bytes, free_port

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WORKERS = 2


class Stack:
    """A way to answer searches over HTTP: build it, start it, ask its server, close it."""

    title: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    server: Server

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes: dict[str, float] = {}
        folder.mkdir()

    @classmethod
    def missing(cls) -> str | None:
        """Why it cannot be measured here, if so."""
        absent = [name for name in cls.needs if importlib.util.find_spec(name) is None]
        return f"not installed: {', '.join(absent)}" if absent else None

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Index the incidents; the seconds that it took."""
        raise NotImplementedError

    def command(self, port: int) -> list[str]:
        """The command line of its server."""
        raise NotImplementedError

    def path(self, query: str) -> str:
        """What to ask its server for."""
        return f"/search?q={quote_plus(query)}"

    def ready_path(self) -> str:
        """What its server answers with 200 once it is ready."""
        return self.path("ready")

    def total(self, answer: Any) -> int:
        """How many documents match, as an answer says."""
        return int(answer["total"])

    def start(self) -> None:
        """Start its server, and wait until it is ready."""
        port = free_port()
        self.server = Server(self.command(port), port, self.folder / "log", {FOLDER: str(self.folder)})
        self.server.wait(self.ready_path())

    def disk_bytes(self) -> int:
        """What its index takes on disk."""
        return disk_bytes(self.folder)

    def processes(self) -> list[int]:
        """All its processes."""
        return self.server.processes()

    def close(self) -> None:
        """End what it started."""
        if hasattr(self, "server"):
            self.server.close()


class FlaskStack(Stack):
    """One of the applications in `bench/peers`, on the server and settings of this service."""

    module: ClassVar[str]

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Index the incidents; the seconds that it took, without those that import its library."""
        peer = importlib.import_module(f"bench.peers.{self.module}")
        documents = [texts(incident) for incident in incidents]
        started = time.perf_counter()
        peer.build(self.folder, documents)
        return time.perf_counter() - started

    def command(self, port: int) -> list[str]:
        """A Granian server of the application."""
        from kb.cli.serve import THREADS  # noqa: PLC0415 (imports the whole service)

        options = {
            "--interface": "wsgi",
            "--host": "127.0.0.1",
            "--port": port,
            "--workers": WORKERS,
            "--blocking-threads": THREADS,
            "--log-level": "error",
        }
        flat = [str(part) for option in options.items() for part in option]
        return [sys.executable, "-m", "granian", *flat, "--factory", f"bench.peers.{self.module}:create_app"]


class Empty(FlaskStack):
    """The floor."""

    title = "empty Flask endpoint"
    module = "empty"

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:  # noqa: ARG002
        """Nothing to index."""
        return 0.0

    def total(self, answer: Any) -> int:  # noqa: ARG002
        """Nothing matches."""
        return 0

    def disk_bytes(self) -> int:
        """Nothing."""
        return 0


class Fts5(FlaskStack):
    """SQLite's own full-text search."""

    title = "Flask + SQLite FTS5"
    module = "fts5"


class Tantivy(FlaskStack):
    """An engine in Rust."""

    title = "Flask + tantivy-py"
    module = "tantivy_peer"
    needs = ("tantivy",)


class Whoosh(FlaskStack):
    """The library under this service, used as its tutorials do."""

    title = "Flask + Whoosh, as in tutorials"
    module = "whoosh_tutorial"
    needs = ("whoosh",)


class Postgres(FlaskStack):
    """PostgreSQL's own full-text search, on a server of the benchmark's own."""

    title = "Flask + PostgreSQL full text"
    module = "postgres"
    needs = ("psycopg",)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._cluster = Cluster()

    @classmethod
    def missing(cls) -> str | None:
        """Why it cannot be measured here, if so."""
        return super().missing() or (None if initdb() else "PostgreSQL is not installed")

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Load the incidents; the seconds that it took."""
        (self.folder / "url").write_text(self._cluster.url)
        return super().build(incidents)

    def disk_bytes(self) -> int:
        """What its table and indexes take."""
        size: int = importlib.import_module(f"bench.peers.{self.module}").disk_bytes(self.folder)
        return size

    def processes(self) -> list[int]:
        """All its processes, those of the database server among them."""
        database = self._cluster.pid()
        return [*super().processes(), database, *descendants(database)]

    def close(self) -> None:
        """End the application, and then the database server."""
        super().close()
        self._cluster.close()


class Datasette(Stack):
    """Datasette, on its own server."""

    title = "Datasette, canned FTS5 query"
    needs = ("datasette",)

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Index the incidents; the seconds that it took."""
        documents = [texts(incident) for incident in incidents]
        started = time.perf_counter()
        datasette_peer.build(self.folder, documents)
        return time.perf_counter() - started

    def command(self, port: int) -> list[str]:
        """Its own command."""
        return datasette_peer.command(self.folder, port)

    def path(self, query: str) -> str:
        """The canned query's address."""
        return datasette_peer.path(query)

    def total(self, answer: Any) -> int:
        """The total, which each row repeats."""
        return int(answer["rows"][0]["total"]) if answer["rows"] else 0


class Service(Stack):
    """This service, filled and served by its own commands."""

    title = "this service"

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Import the incidents, then rebuild the index; the seconds that the rebuild's process took."""
        lines = self.folder / "incidents.jsonl"
        with lines.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(incident) + "\n" for incident in incidents)
        self.notes["import_s"] = self._run("import", str(lines))
        return self._run("index", "rebuild")

    def _run(self, *arguments: str) -> float:
        """Run one of the commands; the seconds that it took. Raises RuntimeError with what it said."""
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603 (our own command)
            [*self._kb(), *arguments, "--data-dir", str(self._data)],
            check=False,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"kb {' '.join(arguments)}:\n{(done.stdout + done.stderr)[-2000:]}")
        return time.perf_counter() - started

    @staticmethod
    def _kb() -> list[str]:
        return [sys.executable, "-m", "kb"]

    @property
    def _data(self) -> Path:
        return self.folder / "kb-data"

    def command(self, port: int) -> list[str]:
        """Its own command."""
        options = ["--port", str(port), "--workers", str(WORKERS), "--data-dir", str(self._data)]
        return [*self._kb(), "serve", *options]

    def path(self, query: str) -> str:
        """The search endpoint, with as many passages as the others show: one of each incident."""
        return f"/api/v1/search?q={quote_plus(query)}&limit=10&highlight=first"

    def ready_path(self) -> str:
        """Its own answer to whether the index is complete."""
        return "/api/v1/health/ready"

    def disk_bytes(self) -> int:
        """What its index and database take, as the others' texts count too; in the notes: the index alone."""
        self.notes["index_mb"] = disk_bytes(self._data / "index") / 1e6
        return disk_bytes(self._data)


class AllPassages(Service):
    """This service as it answers unasked: with the best passage of every field that matches."""

    title = "this service, all passages"

    def build(self, incidents: Sequence[dict[str, Any]]) -> float:
        """Use what was built for the other, where it was."""
        return 0.0 if self._data.exists() else super().build(incidents)

    @property
    def _data(self) -> Path:
        shared = self.folder.parent / "kb" / "kb-data"
        return shared if shared.exists() else super()._data

    def path(self, query: str) -> str:
        """The search endpoint, as it is without options."""
        return f"/api/v1/search?q={quote_plus(query)}"

    def disk_bytes(self) -> int:
        """Counted with the other."""
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
"""What can be measured, by the name that the command line takes."""
