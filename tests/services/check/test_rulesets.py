"""The guards that look at drafts, compiled."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask

from kb.caches import RecentValues
from kb.config import Settings
from kb.domain.draft import Draft
from kb.domain.guard import Guard, GuardType, Severity
from kb.factory import create_app
from kb.guards.analysis import AnalyzedDraft
from kb.models import db
from kb.search.concepts import ConceptTable
from kb.services.accounts.authentication import anonymous
from kb.services.check import rulesets
from kb.services.check.guard_files import file_guards
from kb.services.check.rulesets import current_ruleset, make_ruleset, read_ahead
from kb.services.operations import bootstrap


def guard(key: str, **changed: Any) -> Guard:
    fields: dict[str, Any] = {
        "type": GuardType.PHRASE, "severity": Severity.NOTE, "message": {"en": "Found."},
        "parameters": {"phrases": [key]},
    }  # fmt: skip
    return Guard(key=key, **{**fields, **changed})


def found(guards: list[Guard], text: str, table: ConceptTable) -> list[str]:
    ruleset = make_ruleset(guards, table)
    return [finding.guard.key for finding in ruleset.findings(AnalyzedDraft(Draft(text=text), table))]


def test_a_guard_whose_concept_is_gone_is_left_out_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    table = ConceptTable.of({})
    gone = guard("gone-concept", type=GuardType.THEMES, parameters={"all_of": [["gone-theme"]]})
    for _ in range(2):
        assert found([gone, guard("walrus")], "A walrus", table) == ["walrus"]
    (record,) = [each for each in caplog.records if "gone-concept" in each.getMessage()]
    assert record.levelno == logging.WARNING
    assert "gone-theme" in record.getMessage()


def test_a_guard_that_is_switched_off_finds_nothing() -> None:
    guards = [guard("walrus", active=False), guard("heron")]
    assert found(guards, "A walrus and a heron", ConceptTable.of({})) == ["heron"]


def test_guards_that_were_forgotten_are_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulesets, "_compiled", RecentValues(1))
    guards = [guard(key) for key in ("walrus", "heron", "okapi")]
    for _ in range(2):
        assert sorted(found(guards, "walrus heron okapi", ConceptTable.of({}))) == [
            "heron",
            "okapi",
            "walrus",
        ]


def test_a_caller_gets_the_same_ruleset_until_guards_change(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        bootstrap.prepare_if_needed()
        read_ahead()
        first = current_ruleset(anonymous())
        assert current_ruleset(anonymous()) is first
        own = (*file_guards(), guard("walrus"))
        monkeypatch.setattr(rulesets, "file_guards", lambda: own)
        second = current_ruleset(anonymous())
        assert second is not first
        draft = AnalyzedDraft(Draft(text="A walrus"), second.concepts)
        assert "walrus" in [each.guard.key for each in second.findings(draft)]
        db.session.remove()


def test_an_unknown_platform_in_a_guard_of_the_team_switches_off_no_other_guard(
    app: Flask, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    guards = """guards:
      - {key: walrus, type: phrase, parameters: {phrases: [walrus]}, message: No., severity: note,
         platforms: [Myspace2, Instagram]}
      - {key: heron, type: phrase, parameters: {phrases: [heron]}, message: No., severity: note}
    """
    (settings.data_dir / "guards.yaml").write_text(guards, "utf-8")
    with app.app_context():
        bootstrap.prepare_if_needed()
        ruleset = current_ruleset(anonymous())
        draft = AnalyzedDraft(Draft(text="A walrus, a heron", platform="instagram"), ruleset.concepts)
        assert {"walrus", "heron"} <= {each.guard.key for each in ruleset.findings(draft)}
        db.session.remove()
    assert "Myspace2" in caplog.text


def test_guards_are_not_read_ahead_of_a_database_that_is_not_ready(
    empty_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(empty_settings)
    with caplog.at_level(logging.INFO, "kb"), app.app_context():
        read_ahead()
        db.session.remove()
        db.engine.dispose()
    assert [each.getMessage() for each in caplog.records if "read ahead" in each.getMessage()] == [
        "The guards are not read ahead: the database is not ready."
    ]
