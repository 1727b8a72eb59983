"""Files are read in the context of an application that nothing is written to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from flask import Flask

from kb.models import db
from kb.services.exchange.entries import Entry
from kb.services.exchange.files.formats import read_incident_file
from kb.services.exchange.files.mapping import ReadOptions, read_mapping
from kb.services.operations import bootstrap

Read = Callable[..., list[Entry]]
"""Reads a text or bytes with a mapping in YAML: `read("title,...", mapping="...", name="a.csv")`."""


@pytest.fixture(autouse=True)
def _inside(shared_app: Flask) -> Iterator[None]:
    with shared_app.app_context():
        bootstrap.prepare_if_needed()
        yield
        db.session.remove()


@pytest.fixture
def read() -> Read:
    def entries(
        content: str | bytes, mapping: str | None = None, name: str = "", encoding: str | None = None
    ) -> list[Entry]:
        file = BytesIO(content.encode() if isinstance(content, str) else content)
        read_as = None if mapping is None else read_mapping(mapping)
        options = ReadOptions(name=name, encoding=encoding, mapping=read_as)
        return list(read_incident_file(file, options))

    return entries
