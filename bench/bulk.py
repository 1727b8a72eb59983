"""Import, backup, restore and copies of many incidents, on SQLite and on a PostgreSQL of its own.

Each step is a command as an operator types it. On the clock, it depends on what else the machine does; the
processor time of the command, with the programs that it starts, and that of PostgreSQL depend on it less.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from bench import corpus
from bench.cluster import Cluster, find_initdb
from bench.folders import temporary_folder
from bench.report import environment, format_number, log, subset_of, table, write
from bench.servers import REPOSITORY, clean_environment, descendants

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping, Sequence

_DATABASES = ("sqlite", "postgresql")

_STORED, _SEARCHABLE, _DUPLICATES = "import, until stored", "until searchable", "until duplicates are told"
_BACKUP, _CHECK, _RESTORE, _COPY = "backup", "backup --check", "restore", "copy-to the other"
_STEPS = (_STORED, _SEARCHABLE, _DUPLICATES, _BACKUP, _CHECK, _RESTORE, _COPY)

_MARKS = {"Added:": _STORED, "Looking for duplicates": _SEARCHABLE}
"""What `kb import` prints when a part of it has ended."""

_TIMEOUT = 1_800
"""Seconds after which a command is ended, and the benchmark with it."""


class Cost(NamedTuple):
    """Seconds on the clock, of the processor for a command, and for the server of its database."""

    clock: float
    command: float
    server: float


class Place(NamedTuple):
    """An installation: its data folder, the URL of its database, and the server that has it, if any."""

    folder: Path
    url: str = ""
    cluster: Cluster | None = None

    def command(self, *arguments: object) -> list[str]:
        """The command line of `kb` there."""
        return [sys.executable, "-m", "kb", *map(str, arguments), "--data-dir", str(self.folder)]

    @property
    def environment(self) -> Mapping[str, str]:
        database = {"KB_DATABASE_URL": self.url} if self.url else {}
        return clean_environment() | {"KB_LANG": "en"} | database

    @property
    def address(self) -> str:
        """The URL of the database, also of a file."""
        return self.url or f"sqlite:///{self.folder / 'kb.sqlite3'}"


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    title = "import, backup, restore and copies, on both databases"
    parser = commands.add_parser("bulk", help=title, description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000, help="how many incidents (default 10000)")
    parser.add_argument(
        "--databases", type=subset_of(_DATABASES), default=_DATABASES, help=f"{','.join(_DATABASES)} (both)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run all steps and print one table; the exit code is 0.

    Raises RuntimeError if a command fails, or PostgreSQL is not installed.
    """
    if find_initdb() is None:
        raise RuntimeError("PostgreSQL is not installed.")
    load = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        cluster = stack.enter_context(closing(Cluster()))
        file = folder / "incidents.jsonl"
        file.write_text("".join(f"{json.dumps(each)}\n" for each in corpus.incidents(options.documents)))
        costs = {name: _measure(name, folder / name, cluster, file) for name in options.databases}
    write(f"{options.documents:,} incidents; load {load:.1f} before, {os.getloadavg()[0]:.1f} after.")
    write(f"{environment()}\n")
    header = ["step"]
    for name in costs:
        header += [f"{name}: s", "CPU s"] + (["of the server"] if name != "sqlite" else []) + ["incidents/s"]
    write(table(header, [_row(step, costs, options.documents) for step in _STEPS]))
    return 0


def _row(step: str, costs: Mapping[str, Mapping[str, Cost]], documents: int) -> Sequence[str]:
    cells = [step]
    for name, steps in costs.items():
        cost = steps[step]
        figures = [*cost] if name != "sqlite" else [cost.clock, cost.command]
        cells += [format_number(each) for each in figures] + [format_number(documents / cost.clock, 0)]
    return cells


def _measure(name: str, folder: Path, cluster: Cluster, file: Path) -> Mapping[str, Cost]:
    """Import, back up, check, restore and copy on one kind of database."""
    folder.mkdir()

    def place(part: str, database: str = name) -> Place:
        if database == "sqlite":
            return Place(folder / part)
        return Place(folder / part, cluster.create_database(f"{name}_{part}"), cluster)

    home, backup = place("home"), folder / "backup.zip"
    _run(home, ["db", "upgrade"])
    costs = _run(home, ["import", file], _DUPLICATES)
    costs |= _run(home, ["backup", backup], _BACKUP)
    costs |= _run(home, ["backup", "--check", backup], _CHECK)
    costs |= _run(place("restored"), ["restore", backup], _RESTORE)
    other = place("copied", "postgresql" if name == "sqlite" else "sqlite")
    other.folder.mkdir()
    # Whichever of both is PostgreSQL, its server works.
    costs |= _run(home._replace(cluster=cluster), ["copy-to", other.address], _COPY)
    return costs


def _run(place: Place, arguments: Sequence[object], step: str = "") -> dict[str, Cost]:
    """Run a command; its costs, and those up to each of its marks. Raises RuntimeError if it fails."""
    log(f"{place.folder.parent.name}: kb {arguments[0]} {step}")
    costs: dict[str, Cost] = {}
    server_before = _cpu_seconds(place.cluster.pid()) if place.cluster else 0.0
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 (our own command)
        place.command(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=place.environment,
        cwd=REPOSITORY,
        start_new_session=True,
    )

    def cost() -> Cost:
        server = _cpu_seconds(place.cluster.pid()) - server_before if place.cluster else 0.0
        return Cost(time.monotonic() - began, _cpu_seconds(process.pid), server)

    def note(line: str) -> None:
        for text, name in _MARKS.items():
            if text in line and name not in costs:
                costs[name] = cost()

    assert process.stdout is not None
    assert process.stderr is not None
    said: list[str] = []
    readers = [_read(stream, said, note) for stream in (process.stdout, process.stderr)]
    timer = threading.Timer(_TIMEOUT, process.kill)
    timer.start()
    try:
        # Waited for without taking it off the table of processes, which has what it has used.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        total = cost()
    except BaseException:
        process.kill()
        raise
    finally:
        timer.cancel()
        process.wait()
        for reader in readers:
            reader.join()
    if process.returncode:
        raise RuntimeError(f"kb {arguments[0]} failed ({process.returncode}):\n{''.join(said[-20:])}")
    return {**costs, step: total} if step else costs


def _read(stream: IO[str], said: list[str], note: Callable[[str], None]) -> threading.Thread:
    """Pass on what a command prints, line by line."""

    def read(lines: Iterable[str]) -> None:
        for line in lines:
            note(line)
            said.append(line)

    thread = threading.Thread(target=read, args=(stream,))
    thread.start()
    return thread


def _cpu_seconds(pid: int) -> float:
    """The processor time of a process and its descendants, with those that have ended."""
    ticks = 0
    for each in (pid, *descendants(pid)):
        try:
            fields = Path(f"/proc/{each}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile, and its parent has its time
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
