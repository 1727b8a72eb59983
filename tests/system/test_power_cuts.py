"""What a power cut leaves, replayed from a record of every write: nothing acknowledged is lost."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from kb.config import Settings
from kb.services.search import sync
from kb.services.search.verification import verify
from tests.support.api import REPOSITORY, Api, callers, running
from tests.support.faults import Faults, Operation
from tests.support.power_cut import Disk
from tests.support.waiting import PATIENCE, eventually
from tests.support.writing_program import ACKNOWLEDGED, STEPS, titles_after

pytestmark = pytest.mark.slow

SEED, CUTS = 20_261_127, 12


class Recording:
    """What a program that files incidents did to its data folder, and the folder as it was before."""

    def __init__(self, prepared: Path, folder: Path) -> None:
        self.root, self.before = folder / "kb-data", prepared
        shutil.copytree(prepared, self.root)
        faults = Faults(folder, self.root)
        subprocess.run(
            [sys.executable, "-m", "tests.support.writing_program", str(self.root)],
            check=True,
            cwd=REPOSITORY,
            env=faults.recording,
        )
        self.operations = list(faults.operations())

    def disk(self) -> Disk:
        return Disk(self.root, self.before)

    def is_acknowledgment(self, operation: Operation) -> bool:
        return operation.kind == "written" and operation.path == str(self.root / ACKNOWLEDGED)


@pytest.fixture(scope="module")
def recording(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return Recording(prepared, tmp_path_factory.mktemp("recording"))


def test_a_write_is_on_the_disk_before_it_is_acknowledged(recording: Recording) -> None:
    disk, acknowledged = recording.disk(), 0
    for operation in recording.operations:
        if recording.is_acknowledgment(operation):
            acknowledged += 1
            unsynced = {path.name for path in disk.unsynced()} & {"kb.sqlite3", "kb.sqlite3-wal"}
            assert not unsynced, operation.data
        disk.apply(operation)
    assert acknowledged == STEPS


def test_what_the_index_gets_is_on_the_disk_before(recording: Recording) -> None:
    """So that the index is never ahead of the database, whenever the power is cut.

    A merge, which runs beside the next write, copies what the index has: it needs no sync of its own.
    """
    disk, index, writes = recording.disk(), recording.root / "index", 0
    for operation in recording.operations:
        path = Path(operation.path)
        is_new = path.is_relative_to(index) and not path.parent.name.startswith("merge-")
        if operation.kind == "written" and is_new and path.suffix in {".doc", ".inv"}:
            writes += 1
            unsynced = {path.name for path in disk.unsynced()} & {"kb.sqlite3", "kb.sqlite3-wal"}
            assert not unsynced, operation.path
        disk.apply(operation)
    assert writes > STEPS


def test_files_of_the_index_are_on_the_disk_before_a_commit_names_them(recording: Recording) -> None:
    """A commit renames a table of contents, a rebuild `CURRENT`. `POSITION` may be lost."""
    disk, commits = recording.disk(), {".toc": 0, "CURRENT": 0}
    for operation in recording.operations:
        target = Path(operation.target)
        kind = target.suffix or target.name
        if operation.kind == "renamed" and kind in commits:
            commits[kind] += 1
            unsynced = [path.name for path in disk.unsynced() if path.parent.name.startswith("build-")]
            assert [name for name in unsynced if not name.startswith("POSITION")] == [], target
        disk.apply(operation)
    assert commits[".toc"] >= STEPS
    assert commits["CURRENT"] == 1


def test_a_power_cut_at_any_moment_loses_nothing_acknowledged(recording: Recording, tmp_path: Path) -> None:
    print(f"seed {SEED}")  # noqa: T201
    random = Random(SEED)
    moments = sorted(random.sample(range(len(recording.operations)), CUTS))
    disk, acknowledged = recording.disk(), 0
    for number, operation in enumerate(recording.operations):
        disk.apply(operation)
        acknowledged += recording.is_acknowledgment(operation)
        if number in moments:
            disk.cut_power(random, left := tmp_path / f"left-{number}")
            _check_what_is_left(left, acknowledged)
    assert acknowledged == STEPS


def _wait_for_search(reader: Api) -> None:
    eventually(lambda: reader.get("/search", q="zebra").status_code == 200)


def _check_what_is_left(data_dir: Path, acknowledged: int) -> None:
    """The next start has every acknowledged step, perhaps the one in progress, and finds what it has."""
    for app in running(Settings(data_dir=data_dir, index_wait_seconds=PATIENCE)):
        reader = callers(app)()
        titles = {item["title"] for item in reader.get("/incidents", limit=100).get_json()["items"]}
        expected = [titles_after(steps) for steps in (acknowledged, acknowledged + 1)]
        assert {title for title in titles if title.startswith(("Zebra", "Okapi"))} in expected, acknowledged
        _wait_for_search(reader)
        with app.app_context():
            sync.ensure_current(timeout=PATIENCE)
            assert verify(timeout=PATIENCE).equal
    with sqlite3.connect(data_dir / "kb.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_was_not_synced_may_be_lost(tmp_path: Path) -> None:
    """The disk of these tests does lose what a program forgets to sync."""
    root, before = tmp_path / "root", tmp_path / "before"
    before.mkdir()

    def operation(kind: str, name: str, **fields: object) -> Operation:
        values = {"target": "", "offset": 0, "length": 0, "data": b"", **fields}
        return Operation(kind, f"{root}/{name}", **values)  # type: ignore[arg-type]

    def left(*done: Operation) -> set[frozenset[tuple[str, bytes]]]:
        """The different states of the disk after many power cuts."""
        states = set()
        for seed in range(100):
            disk = Disk(root, before)
            for each in done:
                disk.apply(each)
            disk.cut_power(Random(seed), folder := tmp_path / "left")
            states.add(frozenset((path.name, path.read_bytes()) for path in folder.iterdir()))
            shutil.rmtree(folder)
        return states

    created = operation("created", "a")
    written = operation("written", "a", length=3, data=b"abc")
    synced, folder_synced = operation("synced", "a"), operation("synced", "")._replace(path=str(root))
    nothing, empty, whole = frozenset(), frozenset({("a", b"")}), frozenset({("a", b"abc")})  # type: ignore[var-annotated]
    assert {nothing, whole} < left(created, written)
    assert left(created, written, synced) == {nothing, whole}
    assert {empty, whole} <= left(created, folder_synced, written)
    assert left(created, written, synced, folder_synced) == {whole}
    renamed = operation("renamed", "a")._replace(target=f"{root}/b")
    assert left(created, written, synced, folder_synced, renamed) == {whole, frozenset({("b", b"abc")})}
