"""`kb db`."""

from __future__ import annotations

from tests.support.cli import Kb


def test_a_second_upgrade_changes_nothing(kb: Kb) -> None:
    assert kb("db", "upgrade").exit_code == 0
