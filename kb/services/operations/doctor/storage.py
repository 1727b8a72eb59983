"""Check the storage: permissions, space, the kind of file system."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kb.messages import Message
from kb.services.infrastructure.runtime import settings
from kb.services.operations.backups.taking import own_files
from kb.services.operations.doctor.finding import Finding, Level, error, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

SCARCE_BYTES, SPENT_BYTES = 500_000_000, 50_000_000
"""Free space below which the doctor warns, and below which it reports an error."""

_SCARCE_INODES = 1_000

_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre"})
_VOLATILE = frozenset({"tmpfs", "ramfs"})

_MOUNTS = Path("/proc/self/mountinfo")


class Mount(NamedTuple):
    """A mounted file system: its place, its kind, and whether it is writable."""

    point: Path
    kind: str
    writable: bool


def examine_permissions() -> Iterator[Finding]:
    """Whether only the owner can read and write the data folder and its files."""
    folder = settings().data_dir.resolve()
    if not folder.is_dir():
        yield warning(
            "folder",
            Message("The data folder {folder} does not exist yet.", folder=str(folder)),
            Message("kb serve makes it."),
        )
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield error(
            "folder",
            Message("This user may not write to {folder}.", folder=str(folder)),
            Message("Run kb as the user who owns it, or change its owner with chown."),
        )
    exposed = [path for path in (folder, *_private_files()) if _is_exposed(path)]
    if exposed:
        yield warning(
            "permissions",
            Message("Others may read {paths}.", paths=", ".join(map(str, exposed))),
            Message("Run: chmod go= {paths}", paths=" ".join(map(str, exposed))),
        )
    foreign = [path for path in (folder, *_private_files()) if _is_foreign(path)]
    if foreign:
        yield error(
            "owner",
            Message("{paths} belongs to another user.", paths=", ".join(map(str, foreign))),
            Message("Run kb as that user, or change the owner with chown."),
        )
    if not exposed and not foreign:
        yield ok("permissions", Message("Only this user may read the data folder and what is in it."))


def _private_files() -> list[Path]:
    database = settings().database_file
    endings = ("", "-wal", "-shm", "-spool")
    journals = [] if database is None else [database.with_name(database.name + end) for end in endings]
    return [path for path in (*journals, *own_files()) if path.exists()]


def _is_exposed(path: Path) -> bool:
    # Files in a folder that is closed to others are closed to them, too.
    parent = path.parent if path.is_file() else path
    mode = path.stat().st_mode & parent.stat().st_mode
    return os.name == "posix" and bool(stat.S_IMODE(mode) & 0o077)


def _is_foreign(path: Path) -> bool:
    return hasattr(os, "getuid") and path.stat().st_uid != os.getuid() != 0


def examine_space() -> Iterator[Finding]:
    """How much space is free."""
    place = _place()
    free = shutil.disk_usage(place).free
    message = Message("{gigabytes:.1f} GB are free in {folder}.", gigabytes=free / 1e9, folder=str(place))
    if free < SCARCE_BYTES:
        level = Level.ERROR if free < SPENT_BYTES else Level.WARNING
        yield Finding("space", level, message, Message("Free some space, or move the data folder."))
    else:
        yield ok("space", message)
    if hasattr(os, "statvfs"):
        state = os.statvfs(place)
        if state.f_files and state.f_favail < _SCARCE_INODES:
            yield warning(
                "files",
                Message("The file system takes {count} more files only.", count=state.f_favail),
                Message("Remove files that are not needed."),
            )


def examine_file_system() -> Iterator[Finding]:
    """Whether the file system is of a kind on which a database is safe."""
    mount = mount_of(_place())
    if mount is None:
        return
    message = Message("{folder} is on {kind}.", folder=str(_place()), kind=mount.kind)
    if not mount.writable:
        yield error(
            "file-system",
            Message("{folder} is mounted read-only.", folder=str(mount.point)),
            Message("Mount it for writing."),
        )
    elif mount.kind in _NETWORK or mount.kind.startswith("fuse."):
        level = Level.WARNING if settings().database_file is None else Level.ERROR
        advice = Message("Move the data folder to a local disk: locks of SQLite do not work over a network.")
        yield Finding("file-system", level, message, advice)
    elif mount.kind in _VOLATILE:
        yield warning(
            "file-system", message, Message("It is lost when the machine stops: move it to a disk.")
        )
    else:
        yield ok("file-system", message)


def mount_of(path: Path, mounts: Path = _MOUNTS) -> Mount | None:
    """The file system that a path is on; None if the system does not report it."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    resolved, best = path.resolve(), None
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(before.split(" ")[4].replace("\\040", " "))
        # If two are mounted on one folder, the later one is visible.
        if resolved.is_relative_to(point) and (best is None or len(point.parts) >= len(best.point.parts)):
            is_writable = "ro" not in before.split(" ")[5].split(",")
            best = Mount(point, after.split(" ")[0], is_writable)
    return best


def _place() -> Path:
    """The folder of the database, or of the index if the database is elsewhere."""
    database = settings().database_file
    folder = settings().data_dir if database is None else database.parent
    return (folder if folder.is_dir() else Path()).resolve()
