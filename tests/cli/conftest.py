"""The `kb` command on a data folder of the test's own."""

from __future__ import annotations

import pytest
from click.testing import Result

from kb.config import Settings
from tests.support.cli import Kb, run_kb


@pytest.fixture
def kb(settings: Settings) -> Kb:
    """Run `kb ...` on the data folder of this test."""

    def run(*arguments: str, typed: str = "") -> Result:
        return run_kb(*arguments, data_dir=settings.data_dir, typed=typed)

    return run
