"""Data folders and databases as the first start leaves them, and copies of them for tests.

A copy has an id of its own, as every knowledge base has. Otherwise what a process keeps of one, by its id and
the number of its changes, would be answered in another test.
"""

from __future__ import annotations

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


def prepare(settings: Settings) -> None:
    """Fill a data folder and a database as the first start does, and leave no connection to them."""
    with create_app(settings).app_context():
        bootstrap.prepare()
        db.session.remove()
        db.engine.dispose()


def copy_folder(prepared: Path, folder: Path) -> Path:
    """Copy a prepared data folder with its database."""
    shutil.copytree(prepared, folder)
    identity, file = uuid4().hex, folder / "kb.sqlite3"
    # A statement would take five times as long, for each of thousands of tests.
    before, template = file.read_bytes(), Pointer.read(folder / "index" / "CURRENT").database_id.encode()
    assert before.count(template) == 1
    file.write_bytes(before.replace(template, identity.encode()))
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


def _identify_index(folder: Path, identity: str) -> None:
    """Let an index belong to a database, in both places that name it."""
    for file in (folder / "index" / "CURRENT", *folder.glob("index/build-*/BUILD")):
        file.write_bytes(Pointer.read(file)._replace(database_id=identity).encoded())
