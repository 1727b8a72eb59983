"""Files by which the processes of a server share the index documents of incidents they have just written.

The process that updates the index also applies the changes of others. Loading what they have written takes a
dozen statements, a quarter of the CPU time of filing an incident. A document is valid for one change of one
database. The files are expendable: whatever cannot be written or read is loaded instead.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy.exc import SQLAlchemyError

from kb.domain.incident import Kind, Status
from kb.search.engine import SCHEMA_VERSION, IndexDocument
from kb.services.core import change_feed
from kb.services.infrastructure.runtime import embedded_engine, settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_MAX_AGE_SECONDS = 10.0
"""Older files are of killed processes. Terms may have been renamed since, which is not in the change feed."""

_TUPLES = ("audiences", "languages", "tags", "observances", "concepts", "sources")


@contextmanager
def sharing(seq: int, document: IndexDocument) -> Iterator[None]:
    """Share the document of an incident as of a change while the block runs."""
    path = _share(seq, document)
    try:
        yield
    finally:
        if path is not None:
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108 (for each filing: a Path would cost more)


def _share(seq: int, document: IndexDocument) -> str | None:
    """Write a document to its file, and return the path. The write is committed, so nothing may fail it."""
    if embedded_engine() is None:  # a remote engine has no folder here
        return None
    remove_leftovers()
    try:
        path = _path(change_feed.position().database_id, seq)
        _write(path, orjson.dumps(document, default=_text))
    except (OSError, SQLAlchemyError, TypeError):  # a full disk, a lost database, text that is not Unicode
        return None
    return path


def shared_documents(changes: Mapping[int, int]) -> list[IndexDocument]:
    """The documents that other processes share, given the `seq` of the last change of each incident."""
    if embedded_engine() is None:
        return []
    database_id = change_feed.position().database_id
    found = [(number, _read(_path(database_id, seq))) for number, seq in changes.items()]
    return [document for number, document in found if document is not None and document.id == number]


def remove_leftovers() -> None:
    """Remove the files of killed processes: they have texts that people may have removed since."""
    with suppress(OSError), os.scandir(_folder()) as entries:
        for entry in entries:
            if not _is_recent(entry.stat()):
                os.unlink(entry)  # noqa: PTH108


def _folder() -> Path:
    return settings().index_dir / "documents"


def _path(database_id: str, seq: int) -> str:
    return f"{_folder()}/{database_id}-{SCHEMA_VERSION}-{seq}"


def _write(path: str, content: bytes) -> None:
    """Write a file that readers see whole or not at all."""
    new = f"{path}.new"
    flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(new, flags, 0o600)
    except FileNotFoundError:  # the first document
        _folder().mkdir(mode=0o700)
        descriptor = os.open(new, flags, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    os.replace(new, path)  # noqa: PTH105


def _read(path: str) -> IndexDocument | None:
    """The document in a file; None if there is none that is recent and whole."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return _decoded(file.read()) if _is_recent(os.fstat(file.fileno())) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_recent(state: os.stat_result) -> bool:
    return abs(time.time() - state.st_mtime) < _MAX_AGE_SECONDS


def _text(value: Any) -> str:
    """The stored JSON of a document, which is bytes, as JSON has it."""
    if not isinstance(value, bytes):
        raise TypeError
    return value.decode()


def _decoded(content: bytes) -> IndexDocument:
    fields: dict[str, Any] = orjson.loads(content)
    fields |= {name: tuple(fields[name]) for name in _TUPLES}
    fields["texts"] = {name: tuple(map(tuple, pairs)) for name, pairs in fields["texts"].items()}
    fields["terms"] = {name: tuple(keys) for name, keys in fields["terms"].items()}
    fields["titles"] = tuple(map(tuple, fields["titles"]))
    fields["status"], fields["kind"] = Status(fields["status"]), Kind(fields["kind"])
    for name in ("first_day", "last_day"):
        fields[name] = date.fromisoformat(fields[name])
    for name in ("published_at", "updated_at"):
        fields[name] = None if fields[name] is None else datetime.fromisoformat(fields[name])
    fields["stored"] = fields["stored"].encode()
    return IndexDocument(**fields)
