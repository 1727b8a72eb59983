"""`kb index`."""

from __future__ import annotations

import json
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


def test_its_status_is_told_and_a_damaged_one_is_rebuilt(kb: Kb, settings: Settings) -> None:
    state = json.loads(kb("index", "status", "--format", "json").stdout)
    assert state["index"].items() >= {"ok": True, "lag": 0, "documents": 6}.items()
    (settings.index_dir / "CURRENT").unlink()
    assert kb("index", "status").exit_code == 1
    assert kb("index", "rebuild").exit_code == 0
    assert kb("index", "status").stdout.startswith("The index is 0 changes behind the database.\n6 incidents")
