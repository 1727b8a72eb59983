"""`kb checks`."""

from __future__ import annotations

import json

from tests.support.cli import Kb


def test_checks_are_counted_for_the_terminal_and_for_programs(kb: Kb) -> None:
    rows = json.loads(kb("checks", "--from", "2027-01", "--to", "2027-02", "--format", "json").stdout)
    assert [(row["bucket"], row["checks"], row["near_misses"]) for row in rows] == [
        ("2027-01", 0, 0),
        ("2027-02", 0, 0),
    ]
    assert "overridden" in kb("checks", "--interval", "none").stdout
    assert kb("checks", "--time-zone", "Asia/Jerusalem").exit_code == 0
    refused = kb("checks", "--tz", "Nowhere")
    assert (refused.exit_code, "--time-zone: There is no time zone 'Nowhere'" in refused.stderr) == (2, True)
    assert "longer interval" in kb("checks", "--from", "1900", "--interval", "day").stderr
