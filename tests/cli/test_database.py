"""`kb db`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from kb.cli import main
from kb.config import Settings
from kb.factory import create_app

Kb = Callable[..., Result]


@pytest.fixture
def kb(settings: Settings) -> Kb:
    """Run `kb ...` on a data folder of the test's own."""

    def run(*arguments: str, typed: str = "") -> Result:
        command = [*arguments, "--data-dir", str(settings.data_dir)]
        result = CliRunner().invoke(main, command, input=typed, obj=create_app)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def test_upgrading_again_changes_nothing(kb: Kb) -> None:
    assert kb("db", "upgrade").exit_code == 0
