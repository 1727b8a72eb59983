"""The files that `kb import` reads: names of files and folders, and standard input."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from kb.cli.language import failure
from kb.errors import MalformedInput
from kb.messages import Message, message_of
from kb.services.exchange.files.opening import read_incident_file
from kb.services.exchange.files.options import ReadOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from kb.services.exchange.files.mapping import ImportMapping
    from kb.services.exchange.reading import Entry

STANDARD_INPUT = "-"

_ENDINGS = (".md", ".markdown")
_IN_MEMORY = 10_000_000

_MIXED = Message("The files are of different kinds. Import those of each kind by themselves.")


def files_of(names: Sequence[Path]) -> list[Path]:
    """The files that some names mean: of a folder, the Markdown documents in it, by path.

    Raises ClickException for a folder without any.
    """
    files: list[Path] = []
    for name in names:
        if not name.is_dir():
            files.append(name)
            continue
        found = sorted(
            path
            for path in name.rglob("*")
            if path.suffix.lower() in _ENDINGS
            and path.is_file()
            and not any(part.startswith(".") for part in path.relative_to(name).parts)
        )
        if not found:
            raise failure(Message("There is no Markdown document in {folder}.", folder=str(name)))
        files += found
    return files


def read_files(
    files: Sequence[Path],
    encoding: str | None,
    mapping: ImportMapping | None,
    progress: Callable[[int, int], None],
) -> Iterator[Entry]:
    """Yield the entries of some files, and report how many of their bytes have been read.

    Raises MalformedInput, which names the file if there are several.
    """
    sizes = [0 if is_input(file) else file.stat().st_size for file in files]
    done, total, units = 0, sum(sizes), set()
    for file, size in zip(files, sizes, strict=True):
        name = "" if is_input(file) else str(file)
        with opened(file) as stream:
            try:
                options = ReadOptions(name=name, encoding=encoding, mapping=mapping)
                for entry in read_incident_file(stream, options):
                    units.add(entry.unit)
                    # An archive names its documents itself.
                    yield entry if len(files) > 1 or entry.file != name else entry._replace(file="")
                    if total:
                        progress(min(done + stream.tell(), total), total)
            except MalformedInput as error:
                if len(files) == 1:
                    raise
                raise MalformedInput(
                    Message("{file}: {reason}", file=name or "-", reason=message_of(error))
                ) from error
        if len(units) > 1:
            raise MalformedInput(_MIXED)
        done += size


def is_input(file: Path) -> bool:
    """Whether a name means standard input."""
    return str(file) == STANDARD_INPUT


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    """A file that is open for reading at any place; standard input is copied for that."""
    if not is_input(file) and file.is_file():
        with file.open("rb") as stream:
            yield stream
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        if is_input(file):
            shutil.copyfileobj(sys.stdin.buffer, copy)
        else:
            with file.open("rb") as pipe:
                shutil.copyfileobj(pipe, copy)
        copy.seek(0)
        yield cast("BinaryIO", copy)  # which it is but by name
