"""The harmless corpus: ordinary posts, half of them traps, which the shipped guards have to let pass."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from kb.domain.check import CheckRequest
from kb.domain.guard import Verdict
from kb.guards.corpus import harmless_drafts
from kb.services.accounts.authentication import anonymous
from kb.services.check.checking import check_draft
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.collections.changes import add_shipped
from kb.services.operations import bootstrap

LIMITS = {Verdict.STOP: 0.02, Verdict.CAUTION: 0.10}
"""The greatest shares of harmless posts with these verdicts."""

TODAY = date(2027, 1, 1)
"""Whatever the day, as no guard is suppressed."""


@pytest.mark.slow  # checks every post of the corpus
def test_hardly_any_harmless_post_is_stopped_or_met_with_caution(shared_app: Flask) -> None:
    drafts = harmless_drafts()
    assert len(drafts) >= 300
    assert min(sum(draft.language == language for draft in drafts) for language in ("en", "he")) >= 100
    assert_few_alarms(shared_app)


@pytest.mark.slow
def test_the_guards_of_the_public_cases_let_harmless_posts_pass_too(app: Flask) -> None:
    with app.app_context():
        bootstrap.prepare_if_needed()
        assert add_shipped(OPERATOR, "public-cases", dry_run=False).added >= 120
    assert_few_alarms(app)


def assert_few_alarms(app: Flask) -> None:
    drafts = harmless_drafts()
    alarms: dict[Verdict, list[str]] = {verdict: [] for verdict in LIMITS}
    with app.test_request_context():
        for draft in drafts:
            result = check_draft(anonymous(), CheckRequest(draft=draft), ["en"], today=TODAY)
            if result["verdict"] in alarms:
                guards = ", ".join(finding["guard"] for finding in result["findings"])
                alarms[result["verdict"]].append(f"{draft.text} [{guards}]")
    for verdict, limit in LIMITS.items():
        assert len(alarms[verdict]) <= limit * len(drafts), "\n".join((verdict, *alarms[verdict]))
