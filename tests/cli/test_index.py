"""`kb index`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from kb.config import Settings
from kb.models import db
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.core import change_feed
from kb.services.exchange.imports import importing
from kb.services.infrastructure.runtime import embedded_engine
from kb.services.search import sync
from kb.services.search.documents import load_documents
from tests.support.cli import Kb
from tests.support.imports import check_lines
from tests.support.incidents import incident
from tests.support.waiting import PATIENCE


def test_status_reports_a_damaged_index_and_rebuild_restores_it(kb: Kb, settings: Settings) -> None:
    state = json.loads(kb("index", "status", "--format", "json").stdout)
    assert state["index"].items() >= {"ok": True, "lag": 0, "documents": 6}.items()
    (settings.index_dir / "CURRENT").unlink()
    assert kb("index", "status").exit_code == 1
    assert kb("index", "rebuild").exit_code == 0
    assert kb("index", "status").stdout.startswith("The index is 0 changes behind the database.\n6 incidents")


def test_verify_compares_the_index_with_the_database(app: Flask, kb: Kb) -> None:
    intact = kb("index", "verify", "--format", "json")
    assert (intact.exit_code, json.loads(intact.stdout)["equal"]) == (0, True)
    with app.app_context():
        one, two = load_documents([1, 2])
        index = embedded_engine()
        assert index is not None
        with index.writing(timeout=PATIENCE):
            stale, extra = replace(one, kind="near_miss"), replace(one, id=99)
            index.apply([stale, extra], [two.id], change_feed.position().seq)
    different = kb("index", "verify", "--format", "json")
    report = json.loads(different.stdout)
    assert different.exit_code == 1
    assert (report["missing"], report["different"], report["extra"]) == ([two.id], [one.id], [99])
    assert kb("index", "rebuild").exit_code == 0
    assert kb("index", "verify").exit_code == 0
    assert "6 incidents" in kb("index", "status").stdout


def _import(*bodies: dict[str, Any]) -> None:
    """Store incidents, and leave it to others to index them."""
    checked = check_lines([json.dumps(body).encode() for body in bodies], MAIN_TEAM)
    importing.write_lines(checked.lines, MAIN_TEAM, lambda *_: None)


def test_what_is_not_indexed_yet_is_pending_and_not_missing(app: Flask, kb: Kb) -> None:
    published = incident(external_id="a", status="published")
    with app.app_context():
        _import(published)
        sync.ensure_current(timeout=PATIENCE)
        _import({**published, "severity": 5}, incident(external_id="b", title="Another"))
        db.session.remove()
    told = kb("index", "verify")
    assert (told.exit_code, "2 not indexed yet: 7, 8" in told.stdout) == (0, True)
    report = json.loads(kb("index", "verify", "--format", "json").stdout)
    assert (report["equal"], report["missing"], report["different"]) == (False, [], [])
    assert report["pending"] == [7, 8]


def test_a_damaged_index_fails_verification(kb: Kb, settings: Settings) -> None:
    (path,) = list(settings.index_dir.glob("build-*/*.inv"))[:1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    result = kb("index", "verify")
    assert result.exit_code == 1
    assert "rebuild" in result.output


@pytest.mark.slow  # builds the concepts and guards of a team, and the index
def test_concepts_that_changed_since_the_incidents_were_indexed_are_told(
    kb: Kb, settings: Settings, tmp_path: Path
) -> None:
    (draft := tmp_path / "draft.txt").write_text("Good morning", "utf-8")
    assert "concepts" not in kb("index", "status").stdout + kb("check", str(draft)).stderr
    lexicon = "concepts:\n  recall:\n    labels: {en: Product recalls}\n    phrases: {en: [product recall]}\n"
    (settings.data_dir / "lexicon.yaml").write_text(lexicon, "utf-8")
    assert json.loads(kb("index", "status", "--format", "json").stdout)["index"]["concepts_changed"]
    assert "Run: kb index rebuild" in kb("index", "status").stdout
    checked = kb("check", str(draft))
    assert (checked.exit_code, "Run: kb index rebuild" in checked.stderr) == (0, True)
    kb("index", "rebuild")
    assert "concepts" not in kb("index", "status").stdout + kb("check", str(draft)).stderr
