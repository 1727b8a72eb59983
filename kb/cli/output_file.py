"""Writing files and folders so that nobody ever sees half of one, also if the command is interrupted."""

from __future__ import annotations

import filecmp
import gzip
import os
import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.services.exchange.export_markdown import Document

_PART = ".part"


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file, which replaces one that is there, compressed if its name ends in .gz.

    It is written beside and renamed; only its owner may read it. Raises OSError, and leaves what was there.
    """
    with _beside(path) as file:
        if path.suffix == ".gz":
            # Without a name or a time in it, the same content gives the same bytes.
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as compressed:
                compressed.writelines(chunks)
        else:
            file.writelines(chunks)


def write_documents(folder: Path, documents: Iterable[Document]) -> None:
    """Write documents below a folder, as `new_folder` does. Raises OSError."""
    with new_folder(folder) as new:
        for document in documents:
            path = new / document.path
            path.parent.mkdir(exist_ok=True)
            path.write_text(document.text, "utf-8", newline="")


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """An empty folder whose files go into `folder`, which is made if it is not there, if the block ends
    without an error.

    All are written before the first one of `folder` is replaced; those that do not differ are not touched,
    and no file is deleted. Raises OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _scratch_folder(folder) as new:
        yield new
        for path in sorted(each for each in new.rglob("*") if each.is_file()):
            _replace(folder / path.relative_to(new), path)
        folder.mkdir(exist_ok=True)


@contextmanager
def new_archive(path: Path) -> Iterator[Path]:
    """An empty folder whose files become the ZIP file `path` if the block ends without an error.

    It replaces one that is there; only its owner may read it. Raises OSError, and leaves what was there.
    """
    with _scratch_folder(path) as new:
        yield new
        with _beside(path) as file, zipfile.ZipFile(file, "w") as archive:
            for each in sorted(new.iterdir()):
                archive.write(each, each.name)


@contextmanager
def _scratch_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` that only its owner may read, and that is deleted in the end."""
    new = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=_PART, dir=path.parent))
    try:
        yield new
    finally:
        shutil.rmtree(new)


def _replace(path: Path, by: Path) -> None:
    if path.is_file() and filecmp.cmp(path, by, shallow=False):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    by.replace(path)


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    """A new file that replaces `path` if the block ends without an error, and is deleted otherwise."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_PART, dir=path.parent)
    part = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 (it is open already)
            yield cast("IO[bytes]", file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
