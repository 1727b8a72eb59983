"""Data folders and databases as the first start leaves them, and copies of them for tests.

A copy has an id of its own, as every knowledge base has. Otherwise what a process keeps of one, by its id and
the number of its changes, would be answered in another test.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg

from kb.factory import create_app
from kb.models import db
from kb.search.whoosh_engine.store.folder import Pointer
from kb.services.operations import bootstrap
from tests.support.postgres import create_database

if TYPE_CHECKING:
    from pathlib import Path

    from kb.config import Settings


_DATABASE = "kb.sqlite3"
_RESERVE = "kb.sqlite3-reserve"


def prepare(settings: Settings) -> None:
    """Fill a data folder and a database as the first start does, and leave no connection to them."""
    with create_app(settings).app_context():
        bootstrap.prepare()
        db.session.remove()
        db.engine.dispose()


def copy_folder(prepared: Path, folder: Path) -> Path:
    """Copy a prepared data folder with its database."""
    shutil.copytree(prepared, folder, ignore=shutil.ignore_patterns(_DATABASE, _RESERVE))
    identity, template = uuid4().hex, Pointer.read(folder / "index" / "CURRENT").database_id.encode()
    # A statement would take five times as long, for each of thousands of tests.
    before = (prepared / _DATABASE).read_bytes()
    assert before.count(template) == 1
    _write_like(prepared / _DATABASE, folder, before.replace(template, identity.encode()))
    _reserve_like(prepared / _RESERVE, folder)
    _identify_index(folder, identity)
    return folder


def copy_database(prepared: Path, folder: Path, server: str, template: str) -> str:
    """Copy a prepared data folder and its database on PostgreSQL, and return the URL of the copy."""
    shutil.copytree(prepared, folder)
    identity = uuid4().hex
    url = create_database(server, f"kb_{identity}", template=template)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE change_counter SET database = %s", (identity,))
    _identify_index(folder, identity)
    return url


def _write_like(template: Path, folder: Path, content: bytes) -> None:
    """Write a file with the name and the mode of another one."""
    file = folder / template.name
    file.write_bytes(content)
    file.chmod(template.stat().st_mode)


def _reserve_like(template: Path, folder: Path) -> None:
    """Let a file occupy as much of the disk as the one that reserves space, without a write of its zeros."""
    with (folder / template.name).open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, template.stat().st_size)
    shutil.copymode(template, folder / template.name)


def _identify_index(folder: Path, identity: str) -> None:
    """Let an index belong to a database, in both places that name it."""
    for file in (folder / "index" / "CURRENT", *folder.glob("index/build-*/BUILD")):
        file.write_bytes(Pointer.read(file)._replace(database_id=identity).encoded())
