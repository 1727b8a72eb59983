"""Knowledge bases copied from one database to another without a command line."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from kb.config import Settings
from kb.services.operations.copies.copying import Copy, copy_database
from tests.support.backups import ignore, installation
from tests.support.postgres import create_database


def copied(source: Settings, target: Settings) -> Copy:
    with installation(source):
        return copy_database(target, copying=ignore, comparing=ignore)


def empty_postgres(settings: Settings, server: str) -> Settings:
    """Settings on an empty PostgreSQL database, with the data folder of others."""
    return replace(settings, database_url=create_database(server, f"kb_{uuid4().hex}"))
