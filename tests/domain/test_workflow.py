"""The table of workflow steps."""

from __future__ import annotations

import pytest

from kb.domain.incident import Status
from kb.domain.workflow import Step, next_status, steps_from
from tests.support.workflow import TRANSITIONS


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", Step)
def test_only_the_steps_in_the_table_are_possible(status: Status, step: Step) -> None:
    assert next_status(status, step) == TRANSITIONS.get((status.value, step.value))
    assert (step in steps_from(status)) is ((status.value, step.value) in TRANSITIONS)
