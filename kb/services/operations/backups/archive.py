"""The backup file: a ZIP archive with a copy of the database, the team's own files, and a manifest.

docs/operations.md describes the format.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from kb import __version__
from kb.messages import Message
from kb.services.operations.backups.facts import DatabaseFacts, TableState
from kb.services.operations.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import IO

    from kb.services.search.documents import Progress

FORMAT = 1
"""The version of the format. A backup in a later format is refused."""

MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 1_000_000

DATABASE_MEMBERS = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
"""The name of the database copy in an archive, by kind of database."""

_COMPRESSION = {"sqlite": zipfile.ZIP_DEFLATED, "postgresql": zipfile.ZIP_STORED}
"""PostgreSQL compresses its dump itself."""

FILES_FOLDER = "files/"
"""The folder of the data folder's files in an archive."""

_CHUNK = 1 << 20


class Member(NamedTuple):
    """A file in a backup: its size, and its SHA-256 in hexadecimal digits."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The contents of a backup: `made_by` is a version of kb, `members` are all other files in it."""

    made_by: str
    made_at: str
    kind: str
    database: DatabaseFacts
    members: dict[str, Member]

    @property
    def database_member(self) -> str:
        return DATABASE_MEMBERS[self.kind]

    @property
    def files(self) -> list[str]:
        """The names of the team's own files."""
        return [name.removeprefix(FILES_FOLDER) for name in self.members if name.startswith(FILES_FOLDER)]


def write_archive(
    path: Path,
    *,
    kind: str,
    made_at: datetime,
    facts: DatabaseFacts,
    contents: Mapping[str, Path],
    progress: Progress,
) -> Manifest:
    """Write a backup of some files, given by their names in the archive, and return its manifest.

    The file is readable by its owner only, since it has the digests of tokens and passwords.
    """
    total, done = sum(source.stat().st_size for source in contents.values()), 0
    members: dict[str, Member] = {}
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    with (
        os.fdopen(descriptor, "w+b") as file,
        zipfile.ZipFile(file, "w", _COMPRESSION[kind], compresslevel=1) as archive,
    ):
        for name, source in contents.items():
            with source.open("rb") as opened, archive.open(name, "w", force_zip64=True) as entry:
                report = partial(_report, progress, done, total)
                members[name] = _copy(opened, entry.write, report)
            done += members[name].bytes
        manifest = Manifest(
            made_by=__version__,
            made_at=made_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            kind=kind,
            database=facts,
            members=members,
        )
        archive.writestr(MANIFEST, json.dumps(_encoded(manifest), indent=2))
    return manifest


def read_manifest(path: Path) -> Manifest:
    """Read the manifest of a backup. Raises BackupError for another, damaged or later format."""
    with _opened(path) as archive:
        return _manifest(archive, path)


def verify_archive(path: Path, progress: Progress) -> Manifest:
    """Compare everything in a backup with its manifest, and return that. Raises BackupError."""
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        done, total = 0, sum(member.bytes for member in manifest.members.values())
        for name, expected in manifest.members.items():
            try:
                with archive.open(name) as entry:
                    found = _copy(entry, lambda _: None, partial(_report, progress, done, total))
            except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
                raise _damaged(path, name) from error
            if found != expected:
                raise _damaged(path, name)
            done += found.bytes
    return manifest


def extract(path: Path, member: str, target: Path) -> None:
    """Write a member of a verified backup to a file that does not exist yet, for its owner only."""
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file, _opened(path) as archive, archive.open(member) as entry:
        shutil.copyfileobj(entry, file, _CHUNK)
        file.flush()
        os.fsync(file.fileno())


def _copy(source: IO[bytes], write: Callable[[bytes], object], report: Callable[[int], object]) -> Member:
    """Pass a file on in chunks, and return its size and digest. `report` gets the number of bytes so far."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        write(chunk)
        digest.update(chunk)
        size += len(chunk)
        report(size)
    return Member(size, digest.hexdigest())


def _report(progress: Progress, before: int, total: int, size: int) -> None:
    progress(before + size, max(total, before + size))


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise BackupError(
            Message(
                "{file} is no backup, or was cut off. Use another backup; nothing was changed.",
                file=str(path),
            )
        ) from error


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > MAX_MANIFEST_BYTES:
            raise _damaged(path, MANIFEST)
        content = json.loads(archive.read(MANIFEST))
        if content["format"] > FORMAT:
            raise BackupError(
                Message(
                    "A newer version of kb ({version}) made {file}. Install that version.",
                    version=str(content["made_by"]),
                    file=str(path),
                )
            )
        manifest = _decoded(content)
    except (
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
    ) as error:
        raise _damaged(path, MANIFEST) from error
    if manifest.kind not in DATABASE_MEMBERS or manifest.database_member not in manifest.members:
        raise _damaged(path, MANIFEST)
    # No backup made by kb has a name that leads out of the data folder.
    if any(PurePosixPath(name).name != name or not name for name in manifest.files):
        raise _damaged(path, MANIFEST)
    return manifest


def _damaged(path: Path, member: str) -> BackupError:
    return BackupError(
        Message(
            "{file} is damaged ({member}). Use another backup; nothing was changed.",
            file=str(path),
            member=member,
        )
    )


def _encoded(manifest: Manifest) -> dict[str, Any]:
    """A manifest in JSON form."""
    content = {"format": FORMAT, **asdict(manifest)}
    tables = {name: state._asdict() for name, state in manifest.database.tables.items()}
    content["database"] = manifest.database._asdict() | {"tables": tables}
    content["members"] = {name: member._asdict() for name, member in manifest.members.items()}
    return content


def _decoded(content: dict[str, Any]) -> Manifest:
    """Decode a manifest from a JSON object. Raises KeyError, TypeError, ValueError or AttributeError."""
    database = dict(content["database"])
    tables = {name: TableState(**state) for name, state in database.pop("tables").items()}
    return Manifest(
        made_by=str(content["made_by"]),
        made_at=str(content["made_at"]),
        kind=str(content["kind"]),
        database=DatabaseFacts(**database, tables=tables),
        members={name: Member(**member) for name, member in content["members"].items()},
    )
