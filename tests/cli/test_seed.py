"""`kb seed`."""

from __future__ import annotations

from tests.support.cli import Kb


def test_a_second_seeding_changes_nothing(kb: Kb) -> None:
    assert "Terms written: 0. Incidents added: 0, updated: 0, kept: 6." in kb("seed").stderr
