"""Write files and folders atomically, so that nobody sees an incomplete one, even if the command is
interrupted."""

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

    from kb.services.exchange.exports.markdown import Document

_PART = ".part"


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file, replacing an existing one; it is compressed if its name ends in .gz.

    A temporary file beside it is renamed at the end; only its owner may read it. On an OSError, an existing
    file is unchanged.
    """
    with _replacement(path) as file:
        if path.suffix == ".gz":
            # Without a file name and a time in the header, equal content gives equal bytes.
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as compressed:
                compressed.writelines(chunks)
        else:
            file.writelines(chunks)


def write_documents(folder: Path, documents: Iterable[Document]) -> None:
    """Write documents below a folder, like `new_folder`. Raises OSError."""
    with new_folder(folder) as new:
        for document in documents:
            path = new / document.path
            path.parent.mkdir(exist_ok=True)
            path.write_text(document.text, "utf-8", newline="")


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder whose files are moved to `folder`, which is created if missing, if the block ends
    without an error.

    All are written before the first file of `folder` is replaced. Unchanged files are not touched, and no
    file is deleted. Raises OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _scratch_folder(folder) as new:
        yield new
        for path in sorted(each for each in new.rglob("*") if each.is_file()):
            _replace(folder / path.relative_to(new), path)
        folder.mkdir(exist_ok=True)


@contextmanager
def new_archive(path: Path) -> Iterator[Path]:
    """Yield an empty folder whose files become the ZIP file `path` if the block ends without an error.

    It replaces an existing file; only its owner may read it. On an OSError, an existing file is unchanged.
    """
    with _scratch_folder(path) as new:
        yield new
        with _replacement(path) as file, zipfile.ZipFile(file, "w") as archive:
            for each in sorted(new.iterdir()):
                archive.write(each, each.name)


@contextmanager
def _scratch_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path` that only its owner may read."""
    new = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=_PART, dir=path.parent))
    try:
        yield new
    finally:
        shutil.rmtree(new)


def _replace(path: Path, new: Path) -> None:
    if path.is_file() and filecmp.cmp(path, new, shallow=False):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new.replace(path)


@contextmanager
def _replacement(path: Path) -> Iterator[IO[bytes]]:
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
