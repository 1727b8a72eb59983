"""`kb audit`."""

from __future__ import annotations

import json

import pytest

from tests.support.cli import Kb


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("2020-01-01", True),
        ("2020-01-01T00:00:00.5+02:00", True),
        ("1577836800000", True),
        ("2999-01-01T00:00:00Z", False),
    ],
)
def test_entries_may_be_limited_to_those_since_a_moment(kb: Kb, since: str, found: bool) -> None:
    kb("team", "create", "north")
    assert bool(json.loads(kb("audit", "--since", since, "--format", "json").stdout)) == found


def test_a_moment_that_cannot_be_read_is_refused_with_a_hint(kb: Kb) -> None:
    refused = kb("audit", "--since", "yesterday")
    assert refused.exit_code == 2
    assert "Write 2018-05-16T10:00:00Z, 2018-05-16, or milliseconds since 1970." in refused.stderr
