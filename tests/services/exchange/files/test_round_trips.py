"""What goes out as a table or as documents comes back: an import of the export is exported alike."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kb.models import db
from kb.schemas.export import ExportQuerySchema
from kb.services.accounts import teams
from kb.services.core import change_feed
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.entries import read_entries
from kb.services.exchange.exports.exporting import export_chunks, export_request
from kb.services.exchange.files.formats import read_incident_file
from kb.services.exchange.files.mapping import ReadOptions
from kb.services.exchange.imports import importing
from tests.support.knowledge_bases import incidents

pytestmark = pytest.mark.usefixtures("inside_app")

_SETTINGS = settings(
    max_examples=15,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
_NUMBERS = count()

_OF_A_PLACE = (
    "id",
    "url",
    "team",
    "author",
    "version",
    "created_at",
    "updated_at",
    "published_at",
    "languages",
)
"""What differs between two teams, and the languages, of which an export has one."""

_HOSTILE = (
    "## Cause\n\nx",
    "\\## x",
    "# x",
    "a; b",
    '"q"; r',
    "'=1",
    "''@x",
    "1. a\n2. b",
    "---",
    "- x",
    "\\\\## y",
)
"""Texts that a reader could take for what stands around them."""


@st.composite
def _bodies(draw: st.DrawFn) -> list[dict[str, Any]]:
    bodies = [draw(incidents(number)) for number in range(draw(st.integers(1, 3)))]
    for body in bodies:
        for name in ("summary", "cause", "why_failure"):
            body[name] = draw(st.one_of(st.just(body.get(name, "")), st.sampled_from(_HOSTILE)))
        texts = draw(st.lists(st.sampled_from(_HOSTILE), max_size=2))
        body["lessons"] += [{"text": text} for text in texts]
        body["translations"] = {}
    return bodies


def _position() -> int:
    db.session.rollback()
    return change_feed.position().seq


def _added(entries: Any) -> None:
    """Add entries to a new team."""
    team = f"team-{next(_NUMBERS)}"
    teams.create_team(team, team, actor=OPERATOR)
    checked = importing.check_entries(entries, team)
    assert checked.errors == []
    importing.write_checked(checked, team, lambda *_: None)


def _exported(since: int, **query: str) -> bytes:
    request = export_request(ExportQuerySchema().load({"since": str(since), **query}), [])
    return b"".join(export_chunks(OPERATOR, request, str))


def _filed(bodies: list[dict[str, Any]]) -> int:
    """Add incidents, and return the position before them."""
    before = _position()
    lines = [json.dumps(body).encode() for body in bodies]
    _added(read_entries(lines))
    return before


def _rows(content: bytes, delimiter: str) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter)
    return [{name: value for name, value in row.items() if name not in _OF_A_PLACE} for row in rows]


@_SETTINGS
@given(
    bodies=_bodies(),
    delimiter=st.sampled_from(["comma", "semicolon", "tab"]),
    labels=st.booleans(),
    bom=st.booleans(),
)
def test_a_table_comes_back(bodies: list[dict[str, Any]], delimiter: str, labels: bool, bom: bool) -> None:
    query = {"format": "csv", "delimiter": delimiter, "labels": str(labels).lower(), "bom": str(bom).lower()}
    first = _exported(_filed(bodies), **query)
    before = _position()
    _added(read_incident_file(BytesIO(first), ReadOptions()))
    sign = {"comma": ",", "semicolon": ";", "tab": "\t"}[delimiter]
    assert _rows(_exported(before, **query), sign) == _rows(first, sign)


def _documents(content: bytes) -> dict[str, str]:
    """The documents of an archive by the name of the file, without what differs between two teams."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        texts = {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}
    lines = re.compile(r"^(?:id|team|author|published_at): .*\n", re.MULTILINE)
    return {name: lines.sub("", text) for name, text in texts.items()}


@_SETTINGS
@given(bodies=_bodies())
def test_documents_come_back(bodies: list[dict[str, Any]]) -> None:
    first = _exported(_filed(bodies), format="markdown")
    before = _position()
    _added(read_incident_file(BytesIO(first), ReadOptions()))
    assert _documents(_exported(before, format="markdown")) == _documents(first)
