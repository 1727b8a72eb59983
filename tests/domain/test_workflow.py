"""The table of workflow steps."""

from __future__ import annotations

import pytest

from kb.domain.incident import Status
from kb.domain.workflow import Step, next_status, steps_from

WAYS = {
    ("draft", "submit"): "in_review",
    ("draft", "publish"): "published",
    ("draft", "withdraw"): "withdrawn",
    ("in_review", "retract"): "draft",
    ("in_review", "request_changes"): "draft",
    ("in_review", "approve"): "in_review",
    ("in_review", "publish"): "published",
    ("in_review", "withdraw"): "withdrawn",
    ("published", "reopen"): "draft",
    ("published", "withdraw"): "withdrawn",
    ("withdrawn", "reopen"): "draft",
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", Step)
def test_the_table_of_steps_decides(status: Status, step: Step) -> None:
    assert next_status(status, step) == WAYS.get((status.value, step.value))
    assert (step in steps_from(status)) is ((status.value, step.value) in WAYS)
