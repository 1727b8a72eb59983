"""The files that `kb import` reads: files, folders, and standard input."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from kb.cli.importing.mapping_text import mapping_text
from kb.cli.language import failure, localized
from kb.errors import InvalidInput, MalformedInput
from kb.messages import Message, message_of
from kb.services.exchange.files.compressed import open_unpacked
from kb.services.exchange.files.formats import read_incident_file
from kb.services.exchange.files.guessing import guess_mapping
from kb.services.exchange.files.mapping import ReadOptions, read_mapping
from kb.services.exchange.imports.repeated_imports import FilesDigest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from kb.services.exchange.entries import Entry
    from kb.services.exchange.files.mapping import ImportMapping

STANDARD_INPUT = "-"

_ENDINGS = (".md", ".markdown")
_IN_MEMORY = 10_000_000

_MIXED = Message("The files are of different kinds. Import those of each kind by themselves.")


def expand_folders(names: Sequence[Path]) -> list[Path]:
    """Replace each folder with the Markdown documents in it, by path.

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


class ImportFiles:
    """Files to import, which are read in order."""

    def __init__(self, files: Sequence[Path], encoding: str | None, mapping: ImportMapping | None) -> None:
        self._files, self._encoding, self._mapping = files, encoding, mapping
        self.digest = FilesDigest()
        """The digest of everything read so far."""

    def entries(self, progress: Callable[[int, int], None]) -> Iterator[Entry]:
        """Yield the entries, and report how many bytes have been read.

        Raises MalformedInput, which names the file if there are several, and also for files of different
        kinds.
        """
        sizes = [0 if is_standard_input(file) else file.stat().st_size for file in self._files]
        done, total, units = 0, sum(sizes), set()
        for file, size in zip(self._files, sizes, strict=True):
            with open_seekable(file) as stream:
                for entry, share in self._file_entries(file, stream):
                    units.add(entry.unit)
                    yield entry
                    if total:
                        progress(min(done + int(share * size), total), total)
            if len(units) > 1:
                raise MalformedInput(_MIXED)
            done += size

    def _file_entries(self, file: Path, stream: BinaryIO) -> Iterator[tuple[Entry, float]]:
        """The entries of a file, each with the fraction of the file read so far."""
        name = "" if is_standard_input(file) else str(file)
        options = ReadOptions(name=name, encoding=self._encoding, mapping=self._mapping)
        is_only = len(self._files) == 1
        try:
            with open_unpacked(stream) as content:
                size = self.digest.add(content)
                for entry in read_incident_file(content, options):
                    # The entries of an archive name their documents themselves.
                    named = entry._replace(file="") if is_only and entry.file == name else entry
                    yield named, content.tell() / max(size, 1)
        except MalformedInput as error:
            if is_only:
                raise
            raise MalformedInput(
                Message("{file}: {reason}", file=name or STANDARD_INPUT, reason=message_of(error))
            ) from error


def is_standard_input(file: Path) -> bool:
    """Whether a name stands for standard input."""
    return str(file) == STANDARD_INPUT


@contextmanager
def open_seekable(file: Path) -> Iterator[BinaryIO]:
    """Open a file for seeking and reading; standard input is copied to make it seekable."""
    if not is_standard_input(file) and file.is_file():
        with file.open("rb") as stream:
            yield stream
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        if is_standard_input(file):
            shutil.copyfileobj(sys.stdin.buffer, copy)
        else:
            with file.open("rb") as pipe:
                shutil.copyfileobj(pipe, copy)
        copy.seek(0)
        yield cast("BinaryIO", copy)  # the object is one in all but name


def read_mapping_file(path: Path) -> ImportMapping:
    """Read the mapping in a file. Raises ClickException with its errors."""
    try:
        return read_mapping(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise failure(Message("The mapping is not in UTF-8. Save it as UTF-8.")) from error
    except InvalidInput as error:
        details = [f"{each.pointer}: {localized(each.detail)}" for each in error.errors]
        raise failure("\n".join([localized(message_of(error)), *details])) from error


def guessed_mapping(file: Path, encoding: str | None) -> str:
    """Guess a mapping for a table, as YAML to start from."""
    with open_seekable(file) as stream, open_unpacked(stream) as content:
        name = "" if is_standard_input(file) else str(file)
        return mapping_text(guess_mapping(content, ReadOptions(name=name, encoding=encoding)))
