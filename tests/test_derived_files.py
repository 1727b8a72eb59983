"""What is derived of files is kept in files, of which none needs to be there, or whole."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kb import derived_files
from kb.derived_files import derived, keep_in

INPUTS = [b"war: [bomb, bombs]"]
DATA = {"words": ["bomb", "פצצה"], "weights": [0.1, 2], "none": None}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before = derived_files._folder
    keep_in(tmp_path / "cache")
    yield tmp_path / "cache"
    keep_in(before)


class _Derivation:
    """Derives data, and counts how often."""

    def __init__(self, data: Any = DATA) -> None:
        self.data, self.count = data, 0

    def __call__(self) -> Any:
        self.count += 1
        return self.data


def test_what_was_derived_is_not_derived_again(folder: Path) -> None:
    derive = _Derivation()
    assert [derived("words", INPUTS, derive) for _ in range(3)] == [DATA] * 3
    assert derive.count == 1
    assert [path.name for path in folder.iterdir()] == ["words.json"]


def test_other_inputs_replace_what_was_kept(folder: Path) -> None:
    derived("words", [b"ab", b"c"], _Derivation())
    assert derived("words", [b"a", b"bc"], _Derivation("other")) == "other"
    derive = _Derivation()
    derived("words", [b"ab", b"c"], derive)
    assert derive.count == 1
    assert len([*folder.iterdir()]) == 1


@pytest.mark.parametrize("name", ["changed", "added"])
def test_another_program_derives_for_itself(
    name: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    (package / "guards").mkdir(parents=True)
    (package / "guards" / "changed.py").write_text("LIMIT = 1")
    monkeypatch.setattr(derived_files, "__file__", str(package / "derived_files.py"))
    derived_files.program_digest.cache_clear()
    try:
        derived("words", INPUTS, _Derivation("old"))
        (package / "guards" / f"{name}.py").write_text("LIMIT = 2")
        derived_files.program_digest.cache_clear()
        assert derived("words", INPUTS, _Derivation("new")) == "new"
    finally:
        monkeypatch.undo()
        derived_files.program_digest.cache_clear()


def test_another_version_of_a_dependency_derives_for_itself(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stemmer-3.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    derived_files.program_digest.cache_clear()
    try:
        derived("words", INPUTS, _Derivation("old"))
        (tmp_path / "stemmer-3.0.dist-info").rename(tmp_path / "stemmer-3.1.dist-info")
        derived_files.program_digest.cache_clear()
        assert derived("words", INPUTS, _Derivation("new")) == "new"
    finally:
        monkeypatch.undo()
        derived_files.program_digest.cache_clear()


@pytest.mark.parametrize("damage", ["empty", "short", "changed", "longer", "foreign", "valid JSON alone"])
def test_a_damaged_file_is_made_anew(damage: str, folder: Path) -> None:
    derived("words", INPUTS, _Derivation())
    path = folder / "words.json"
    whole = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "short": whole[:-1],
            "changed": whole.replace(b"bomb", b"boob"),
            "longer": whole + b" ",
            "foreign": os.urandom(len(whole)),
            "valid JSON alone": whole[64:],
        }[damage]
    )
    derive = _Derivation()
    assert derived("words", INPUTS, derive) == DATA
    assert derive.count == 1
    assert path.read_bytes() == whole


def test_a_file_of_another_name_is_no_substitute(folder: Path) -> None:
    derived("words-en", INPUTS, _Derivation("en"))
    shutil.copy(folder / "words-en.json", folder / "words-he.json")
    assert derived("words-he", INPUTS, _Derivation("he")) == "he"


def test_where_nothing_can_be_written_everything_is_derived(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    derive = _Derivation()
    assert [derived("words", INPUTS, derive) for _ in range(2)] == [DATA] * 2
    assert derive.count == 2


def test_a_data_folder_that_does_not_exist_is_not_created(folder: Path) -> None:
    keep_in(folder / "data" / "cache")
    assert derived("words", INPUTS, _Derivation()) == DATA
    assert not folder.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits the size of files in a child process")
def test_a_disk_that_fills_up_leaves_no_part_of_a_file(folder: Path) -> None:
    program = """if True:
        import resource, signal, sys
        from pathlib import Path
        from kb.derived_files import derived, keep_in
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        keep_in(Path(sys.argv[1]))
        assert derived("words", [], lambda: "x" * 200_000) == "x" * 200_000
    """
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True)
    assert [*folder.iterdir()] == []


def test_errors_are_raised_and_nothing_is_kept(folder: Path) -> None:
    def fail() -> None:
        raise FileNotFoundError("glossary.yaml")

    with pytest.raises(FileNotFoundError, match=r"glossary\.yaml"):
        derived("words", INPUTS, fail)
    assert not folder.exists()


@pytest.mark.parametrize("data", [datetime.date(2026, 11, 30), {1: "a key that is no text"}, "\ud800"])
def test_what_json_cannot_hold_is_derived_each_time(data: Any, folder: Path) -> None:
    derive = _Derivation(data)
    assert [derived("words", INPUTS, derive) for _ in range(2)] == [data] * 2
    assert derive.count == 2
    assert not (folder / "words.json").exists()


def test_a_file_that_is_being_written_is_left_to_its_writer(folder: Path) -> None:
    folder.mkdir()
    (folder / "words.new").write_text("half")
    assert derived("words", INPUTS, _Derivation()) == DATA
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("words.new", "half")]


def test_a_file_that_a_killed_process_was_writing_is_replaced(folder: Path) -> None:
    folder.mkdir()
    (folder / "words.new").write_text("half")
    os.utime(folder / "words.new", (0, 0))
    derived("words", INPUTS, _Derivation())
    derive = _Derivation()
    assert derived("words", INPUTS, derive) == DATA
    assert derive.count == 0


def test_many_may_derive_at_once(folder: Path) -> None:
    wrong: list[int] = []

    def use(number: int) -> None:
        for place in range(50):
            each = (number + place) % 3
            data = [each] * 10_000
            if derived("words", [b"%d" % each], _Derivation(data)) != data:
                wrong.append(each)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert [path.name for path in folder.iterdir()] == ["words.json"]


def test_only_the_owner_reads_what_is_kept(folder: Path) -> None:
    derived("words", INPUTS, _Derivation())
    assert folder.stat().st_mode & 0o077 == 0
